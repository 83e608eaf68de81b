// /v1/tasks: create, read, list, and the changes of state that a driver, a store or a customer asks for.
//
// Creating is idempotent through the task's id: given by the caller, or derived from region and Idempotency-Key, else
// new. The same id with the same contents answers the task as it stands; with other contents it is refused.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {v5 as uuidFrom, v7 as uuidNew} from 'uuid';
import {changeTask, createTask, listTasks, readTask} from '../db/tasks.ts';
import {allowedActions, TASK_STATES} from '../domain/state.ts';
import {countAnswer} from '../metrics.ts';
import {refuse} from './failures.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import {
  contradictions,
  newTask,
  sameContents,
  task,
  taskChange,
  taskFromWire,
  taskPage,
  taskToWire,
} from './task-shapes.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

/** Namespace of the ids derived from an Idempotency-Key: a constant of this project, never changed. */
const KEY_NAMESPACE = '3f0c4c8e-1d0e-5c57-9d7e-1f5f1f2b7c11';

const REPEATABLE =
  'Repeatable: the same id, or the same Idempotency-Key, with the same contents answers the task as it stands (200). ' +
  'An id in the body takes precedence over the key.';

const idempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({pattern: '^[\\x21-\\x7e]{1,255}$', maxLength: 255, title: 'up to 255 visible ASCII characters'}),
  ),
});

const driverId = wire.uuid;
const reason = wire.text(200);

/** What may be asked over HTTP; offering, timing out and failing are the daemon's own. */
const ACTIONS = {
  accept: {says: 'The driver takes the offer', body: wire.record({driverId})},
  reject: {says: 'The driver declines the offer', body: wire.record({driverId, reason: Type.Optional(reason)})},
  pickup: {says: 'The driver has the goods', body: wire.record({driverId})},
  deliver: {says: 'Handed over in person, ID scanned', body: wire.record({driverId})},
  'fail-verification': {says: 'The ID check failed; the goods go back', body: wire.record({driverId, reason})},
  return: {says: 'The goods are back at the store', body: wire.record({driverId: Type.Optional(driverId)})},
  cancel: {says: 'Called off before pickup', body: wire.record({reason: Type.Optional(reason)})},
} as const;
type HttpAction = keyof typeof ACTIONS;

export const tasks =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db, metrics} = world;
    const tags = ['tasks'];

    app.post(
      '/v1/tasks',
      {
        schema: {
          tags,
          operationId: 'createTask',
          summary: 'Create a task',
          description: REPEATABLE,
          headers: idempotencyKey,
          body: newTask,
          response: {201: task.ref, 200: task.ref, ...problems(404, 409, 422)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.body.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const key = request.headers['idempotency-key'];
        const given = request.body.id?.toLowerCase();
        const id = given ?? (key === undefined ? uuidNew() : uuidFrom(`${region.id}\n${key}`, KEY_NAMESPACE));
        const asked = taskFromWire(request.body, id, region.id);
        const errors = contradictions(asked);
        if (errors.length > 0) return refuse(reply, {kind: 'invalid', errors});

        const made = await createTask(db, asked);
        switch (made.kind) {
          case 'refused':
            return refuse(reply, {kind: 'refused', code: made.code, detail: made.message});
          case 'repeated':
            if (sameContents(made.task, asked)) return taskToWire(made.task);
            return refuse(reply, {kind: given === undefined ? 'key-reused' : 'task-id-reused', id});
          case 'created':
            reply.code(201).header('location', `/v1/tasks/${id}?regionId=${region.id}`);
            return taskToWire(made.task);
          default:
            return made satisfies never;
        }
      },
    );

    app.get(
      '/v1/tasks',
      {
        schema: {
          tags,
          operationId: 'listTasks',
          summary: 'List tasks by id',
          querystring: wire.record({
            ...wire.page,
            state: Type.Optional(Type.Array(Type.Enum([...TASK_STATES]), {maxItems: TASK_STATES.length})),
            driverId: Type.Optional(driverId),
          }),
          response: {200: taskPage.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const {query} = request;
        const region = await regionOf(world, query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const filter = {
          ...(query.state && {states: query.state}),
          ...(query.driverId && {driverId: query.driverId}),
        };
        const {rows, nextCursor} = await wire.pageOf(query, (slice) => listTasks(db, region.id, {...filter, ...slice}));
        return {tasks: rows.map(taskToWire), nextCursor};
      },
    );

    app.get(
      '/v1/tasks/:id',
      {
        schema: {
          tags,
          operationId: 'getTask',
          summary: 'Read a task',
          params: wire.byId,
          querystring: wire.inRegion,
          response: {200: task.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {id} = request.params;
        const found = await readTask(db, region.id, id);
        return found ? taskToWire(found) : refuse(reply, {kind: 'task-not-found', id});
      },
    );

    for (const action of Object.keys(ACTIONS) as HttpAction[]) {
      app.post(
        `/v1/tasks/:id/${action}`,
        {
          schema: {
            tags,
            operationId: operationId(action),
            summary: ACTIONS[action].says,
            params: wire.byId,
            querystring: wire.inRegion,
            body: ACTIONS[action].body,
            response: {200: taskChange.ref, ...problems(404, 409)},
          },
        },
        async (request, reply) => {
          const region = await regionOf(world, request.query.regionId);
          if (region.kind !== 'region') return refuse(reply, region);
          const id = request.params.id.toLowerCase();
          const by: {driverId?: string; reason?: string} = request.body;
          const change = await changeTask(db, region.id, id, action, by);
          switch (change.kind) {
            case 'not-found':
              return refuse(reply, {kind: 'task-not-found', id});
            case 'conflict': {
              const {state, reason} = change;
              return refuse(reply, {
                kind: 'illegal-change',
                action,
                reason,
                state,
                allowedActions: allowedActions(state),
              });
            }
            case 'done': {
              const {state, repeated} = change;
              if (!repeated) countAnswer(metrics, region.id, action);
              return {id, state, repeated, allowedActions: allowedActions(state)};
            }
            default:
              return change satisfies never;
          }
        },
      );
    }
  };

/** `fail-verification` becomes failVerificationTask. */
const operationId = (action: HttpAction): string =>
  `${action.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Task`;
