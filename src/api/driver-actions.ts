// /v1/drivers/:id/…: a driver's shift.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {changeShift} from '../db/drivers.ts';
import {allowedActions, DRIVER_STATUSES, SHIFT_ACTIONS} from '../domain/state.ts';
import {countAnswer} from '../metrics.ts';
import {callerOf} from './access/caller.ts';
import {refuse} from './failures.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const shiftChange = wire.named(
  'ShiftChange',
  Type.Object({
    id: wire.uuid,
    shiftOn: Type.Boolean(),
    status: Type.Enum([...DRIVER_STATUSES]),
    repeated: Type.Boolean({description: 'True when the shift stood so already.'}),
    rejectedOffers: Type.Array(wire.uuid, {description: 'Open offers that ended with the shift.'}),
    allowedActions: Type.Array(Type.Enum([...SHIFT_ACTIONS])),
  }),
);

export const shiftShapes = [shiftChange.shape];

const SHIFTS = {
  'shift-on': {says: 'Begin a shift', description: 'From the next tick on, offers may come.', body: wire.record({})},
  'shift-off': {
    says: 'End a shift',
    description:
      'An open offer is rejected (reason SHIFT_OFF). While tasks are in hand it answers 409 and names them; with ' +
      'afterWork no new offer comes, and the status turns OFF when the last of them has ended.',
    body: wire.record({afterWork: Type.Optional(Type.Boolean())}),
  },
} as const;

export const driverActions =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db, metrics} = world;
    const tags = ['drivers'];

    for (const action of SHIFT_ACTIONS) {
      const {says, description, body} = SHIFTS[action];
      app.post(
        `/v1/drivers/:id/${action}`,
        {
          config: {scopes: ['ops', 'services', 'driver'], own: 'driver'},
          schema: {
            tags,
            operationId: action === 'shift-on' ? 'beginShift' : 'endShift',
            summary: says,
            description,
            params: wire.byId,
            querystring: wire.inRegion,
            body,
            response: {200: shiftChange.ref, ...problems(404, 409)},
          },
        },
        async (request, reply) => {
          const region = await regionOf(world, request.query.regionId);
          if (region.kind !== 'region') return refuse(reply, region);
          const id = request.params.id.toLowerCase();
          const on = action === 'shift-on';
          const asked: {afterWork?: boolean} = request.body;
          const change = await changeShift(db, region.id, id, on, {...asked, caller: callerOf(request)});
          switch (change.kind) {
            case 'not-found':
              return refuse(reply, {kind: 'driver-not-found', id});
            case 'conflict': {
              const tasks = change.tasks.map((task) => ({...task, allowedActions: allowedActions(task.state)}));
              return refuse(reply, {kind: 'tasks-in-hand', status: change.status, tasks});
            }
            case 'done': {
              const {status, repeated, rejectedOffers} = change;
              for (const _ of rejectedOffers) countAnswer(metrics, region.id, 'reject');
              const next = SHIFT_ACTIONS.filter((each) => each !== action);
              return {id, shiftOn: on, status, repeated, rejectedOffers: [...rejectedOffers], allowedActions: next};
            }
            default:
              return change satisfies never;
          }
        },
      );
    }
  };
