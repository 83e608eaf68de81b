// /v1/offers: read, list, and a driver's answer to just this offer.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, Type} from 'typebox';
import {answerOffer, listOffers, readOffer} from '../db/offers.ts';
import type {Offer} from '../domain/offer.ts';
import {
  allowedActions,
  allowedAnswers,
  OFFER_ANSWERS,
  OFFER_STATES,
  TASK_ACTIONS,
  TASK_STATES,
} from '../domain/state.ts';
import {countAnswer} from '../metrics.ts';
import {callerOf} from './access/caller.ts';
import {refuse} from './failures.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const state = Type.Enum([...OFFER_STATES]);

const offer = wire.named(
  'Offer',
  Type.Object({
    id: wire.uuid,
    regionId: wire.regionId,
    taskId: wire.uuid,
    driverId: wire.uuid,
    bundleId: Type.String({...wire.uuid, description: 'Offers of one bundle are answered and expire together.'}),
    stopSequence: Type.Integer(),
    tickId: Type.String({...wire.uuid, description: 'The tick that made it.'}),
    state,
    createdAt: wire.instant,
    expiresAt: Type.String({...wire.instant, description: 'From then on it cannot be answered, swept or not.'}),
    closedAt: wire.nullable(wire.instant),
    allowedActions: Type.Array(Type.Enum([...OFFER_ANSWERS])),
  }),
);
const offerPage = wire.named('OfferPage', Type.Object({offers: Type.Array(offer.ref), nextCursor: wire.nextCursor}));

const answered = wire.named(
  'AnsweredOffer',
  Type.Object({
    id: wire.uuid,
    state,
    repeated: Type.Boolean({description: 'True when this offer had been answered so before.'}),
    task: Type.Object({
      id: wire.uuid,
      state: Type.Enum([...TASK_STATES]),
      allowedActions: Type.Array(Type.Enum([...TASK_ACTIONS])),
    }),
  }),
);

export const offerShapes = [offer.shape, offerPage.shape, answered.shape];

const toWire = ({createdAtMs, expiresAtMs, closedAtMs, ...o}: Offer): Static<typeof offer.shape> => ({
  ...o,
  createdAt: wire.toIso(createdAtMs),
  expiresAt: wire.toIso(expiresAtMs),
  closedAt: wire.toIsoOrNull(closedAtMs),
  allowedActions: allowedAnswers(o.state),
});

const BODIES = {
  accept: wire.record({driverId: wire.uuid}),
  reject: wire.record({driverId: wire.uuid, reason: Type.Optional(wire.text(200))}),
} as const;
const SAYS = {accept: 'The driver takes this offer', reject: 'The driver declines this offer'} as const;

export const offers =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db, metrics} = world;
    const tags = ['offers'];

    app.get(
      '/v1/offers',
      {
        config: {scopes: ['ops', 'services', 'driver'], own: 'named'},
        schema: {
          tags,
          operationId: 'listOffers',
          summary: 'List offers by id, which is by the time of their tick',
          querystring: wire.record({
            ...wire.page,
            state: Type.Optional(Type.Array(state, {maxItems: OFFER_STATES.length})),
            driverId: Type.Optional(wire.uuid),
            taskId: Type.Optional(wire.uuid),
          }),
          response: {200: offerPage.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const {query} = request;
        const region = await regionOf(world, query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const filter = {
          ...(query.state && {states: query.state}),
          ...(query.driverId && {driverId: query.driverId}),
          ...(query.taskId && {taskId: query.taskId}),
        };
        const {rows, nextCursor} = await wire.pageOf(query, (slice) =>
          listOffers(db, region.id, {...filter, ...slice}),
        );
        return {offers: rows.map(toWire), nextCursor};
      },
    );

    app.get(
      '/v1/offers/:id',
      {
        config: {scopes: ['ops', 'services', 'driver'], own: 'offer'},
        schema: {
          tags,
          operationId: 'getOffer',
          summary: 'Read an offer',
          params: wire.byId,
          querystring: wire.inRegion,
          response: {200: offer.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {id} = request.params;
        const found = await readOffer(db, region.id, id);
        return found ? toWire(found) : refuse(reply, {kind: 'offer-not-found', id});
      },
    );

    for (const action of OFFER_ANSWERS) {
      app.post(
        `/v1/offers/:id/${action}`,
        {
          config: {scopes: ['ops', 'services', 'driver'], own: 'offer'},
          schema: {
            tags,
            operationId: `${action}Offer`,
            summary: SAYS[action],
            description: 'An answer to an offer that has closed never touches a later one of the same task.',
            params: wire.byId,
            querystring: wire.inRegion,
            body: BODIES[action],
            response: {200: answered.ref, ...problems(404, 409)},
          },
        },
        async (request, reply) => {
          const region = await regionOf(world, request.query.regionId);
          if (region.kind !== 'region') return refuse(reply, region);
          const id = request.params.id.toLowerCase();
          const by: {driverId: string; reason?: string} = request.body;
          const answer = await answerOffer(db, region.id, id, action, {...by, caller: callerOf(request)});
          switch (answer.kind) {
            case 'not-found':
              return refuse(reply, {kind: 'offer-not-found', id});
            case 'conflict': {
              const {state, reason} = answer;
              return refuse(reply, {
                kind: 'illegal-answer',
                action,
                reason,
                state,
                allowedActions: allowedAnswers(state, reason),
              });
            }
            case 'done': {
              const {state, repeated, taskId, taskState} = answer;
              if (!repeated) countAnswer(metrics, region.id, action);
              const task = {id: taskId, state: taskState, allowedActions: allowedActions(taskState)};
              return {id, state, repeated, task};
            }
            default:
              return answer satisfies never;
          }
        },
      );
    }
  };
