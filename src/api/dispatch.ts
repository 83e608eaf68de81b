// /internal/dispatch: what ops and other services ask of the dispatcher itself.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, Type} from 'typebox';
import {listTicks, readTick} from '../db/ticks.ts';
import {REFUSALS} from '../domain/offer.ts';
import type {TickHeader} from '../domain/tick-record.ts';
import {callerOf} from './access/caller.ts';
import {refuse} from './failures.ts';
import {neverShed} from './health.ts';
import {TICKS_DEFAULT, TICKS_LIMIT} from './limits.ts';
import {problems} from './problems.ts';
import {ownRegion, regionOf} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const count = Type.Integer({minimum: 0});

const refusal = Type.String({description: `${REFUSALS.join(', ')}, or the code of the rule it would break.`});

export const tick = wire.named(
  'Tick',
  Type.Object({
    id: wire.uuid,
    regionId: wire.regionId,
    at: wire.instant,
    trigger: Type.Enum(['loop', 'request']),
    fence: Type.Integer(),
    snapshotHash: Type.String(),
    decisionHash: Type.String(),
    graph: Type.String(),
    graphEpoch: Type.Integer(),
    weightsVersion: Type.Integer(),
    codeVersion: Type.String(),
    counts: Type.Object({
      drivers: count,
      eligibleDrivers: count,
      tasks: count,
      eligibleTasks: count,
      pairs: count,
      proposed: count,
      landed: count,
      refused: count,
    }),
    stageMs: Type.Record(Type.String(), Type.Number(), {description: 'Milliseconds spent by stage.'}),
    solve: Type.Object({
      kind: Type.Enum(['optimal', 'over-budget']),
      certified: Type.Boolean({description: 'The independent checker proved the answer optimal.'}),
      totalMs: Type.Number({description: 'Cost of the answer.'}),
      boundMs: Type.Number({description: 'No answer is cheaper; equal to totalMs when it is optimal.'}),
      work: Type.Number(),
      augmentations: Type.Number({description: 'Shortest-path searches that ended.'}),
      saved: Type.Optional(
        Type.Number({description: "Searches that the last tick's answer saved; absent when it started from nothing."}),
      ),
    }),
  }),
);

const tickList = wire.named('TickList', Type.Object({ticks: Type.Array(tick.ref)}));

const tickSummary = wire.named(
  'TickSummary',
  Type.Object({
    dryRun: Type.Boolean(),
    tick: tick.ref,
    landed: Type.Array(
      Type.Object({offerId: wire.uuid, taskId: wire.uuid, driverId: wire.uuid, expiresAt: wire.instant}),
    ),
    refused: Type.Array(Type.Object({taskId: wire.uuid, driverId: wire.uuid, reason: refusal})),
  }),
);

export const dispatchShapes = [tick.shape, tickList.shape, tickSummary.shape];

export const tickToWire = ({atMs, counts, solve, stageMs, ...rest}: TickHeader): Static<typeof tick.shape> => ({
  ...rest,
  at: wire.toIso(atMs),
  counts: {...counts},
  solve: {...solve},
  stageMs: {...stageMs},
});

const regionAndPause = Type.Object({regionId: wire.regionId, paused: Type.Boolean()});

export const dispatch =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db, dispatch: port} = world;
    const tags = ['dispatch'];

    app.post(
      '/internal/dispatch/tick',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'tick',
          summary: 'Run one tick at once',
          description: 'A dry run decides and reports, and commits nothing. An empty body is a body without fields.',
          body: wire.record({regionId: Type.Optional(wire.regionId), dryRun: Type.Optional(Type.Boolean())}),
          response: {200: tickSummary.ref, ...problems(404, 409, 421)},
        },
      },
      async (request, reply) => {
        const {regionId: asked, dryRun = false} = request.body;
        const region = ownRegion(world, asked);
        if (region.kind !== 'region') return refuse(reply, region);
        request.log.info({caller: callerOf(request), regionId: region.id, dryRun}, 'tick asked for');
        const answer = await port.tick(region.id, {dryRun});
        if (answer.kind !== 'ticked') return refuse(reply, {...answer, regionId: region.id});
        return {
          dryRun,
          tick: tickToWire(answer.header),
          landed: answer.landed.map(({expiresAtMs, ...offer}) => ({...offer, expiresAt: wire.toIso(expiresAtMs)})),
          refused: [...answer.refused],
        };
      },
    );

    app.post(
      '/internal/dispatch/expire_offers',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'expireOffers',
          summary: 'Sweep due offers at once',
          body: wire.inRegion,
          response: {
            200: Type.Object({
              regionId: wire.regionId,
              expired: Type.Integer({minimum: 0, description: 'Offers that timed out.'}),
              failed: Type.Integer({minimum: 0, description: 'Tasks that failed: past their latest time or attempts.'}),
            }),
            ...problems(404),
          },
        },
      },
      async (request, reply) => {
        const region = ownRegion(world, request.body.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        request.log.info({caller: callerOf(request), regionId: region.id}, 'expiry asked for');
        const {expired, failed} = await port.expire(region.id);
        return {regionId: region.id, expired, failed};
      },
    );

    app.get(
      '/internal/dispatch/ticks',
      {
        config: {scopes: ['ops', 'read']},
        schema: {
          tags,
          operationId: 'listTicks',
          summary: 'The last ticks, newest first',
          querystring: wire.record({
            regionId: Type.Optional(wire.regionId),
            last: Type.Optional(Type.Integer({minimum: 1, maximum: TICKS_LIMIT, default: TICKS_DEFAULT})),
          }),
          response: {200: tickList.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const {regionId: asked, last = TICKS_DEFAULT} = request.query;
        const region = await regionOf(world, asked);
        if (region.kind !== 'region') return refuse(reply, region);
        return {ticks: (await listTicks(db, region.id, last)).map(tickToWire)};
      },
    );

    app.get(
      '/internal/dispatch/ticks/:id',
      {
        config: {scopes: ['ops', 'read']},
        schema: {
          tags,
          operationId: 'getTick',
          summary: 'Read the header of a tick',
          params: wire.byId,
          querystring: wire.inRegion,
          response: {200: tick.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {id} = request.params;
        const found = await readTick(db, region.id, id);
        return found ? tickToWire(found) : refuse(reply, {kind: 'tick-not-found', id});
      },
    );

    for (const [verb, paused, summary, description] of [
      [
        'pause',
        true,
        'Stop ticking a region; offers still expire',
        'Lasts until resumed, whichever daemon dispatches it.',
      ],
      ['resume', false, 'Tick a paused region again', 'A region that is not paused stays as it is.'],
    ] as const) {
      app.post(
        `/internal/dispatch/regions/:id/${verb}`,
        {
          config: {...neverShed, scopes: ['ops'], keyless: true},
          schema: {
            tags,
            operationId: `${verb}Region`,
            summary,
            description,
            params: wire.record({id: wire.regionId}),
            response: {200: regionAndPause, ...problems(404)},
          },
        },
        async (request, reply) => {
          const region = ownRegion(world, request.params.id);
          if (region.kind !== 'region') return refuse(reply, region);
          request.log.info({caller: callerOf(request), regionId: region.id}, `${verb} asked for`);
          await port[verb](region.id, callerOf(request));
          return {regionId: region.id, paused};
        },
      );
    }
  };
