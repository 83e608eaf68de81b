// /v1/tasks: create, read and list; what changes them is in task-actions.ts.
//
// Creating is idempotent through the task's id: given by the caller, or derived from region, caller and
// Idempotency-Key, else new. So a request whose answer was lost makes no second task, whatever became of its key.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {v5 as uuidFrom, v7 as uuidNew} from 'uuid';
import {createTask, listTasks, readTask} from '../db/tasks.ts';
import {TASK_STATES} from '../domain/state.ts';
import {callerOf} from './access/caller.ts';
import {refuse} from './failures.ts';
import {keyOf} from './idempotency.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import {contradictions, newTask, sameContents, task, taskFromWire, taskPage, taskToWire} from './task-shapes.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

/** Namespace of the ids derived from an Idempotency-Key: a constant of this project, never changed. */
const KEY_NAMESPACE = '3f0c4c8e-1d0e-5c57-9d7e-1f5f1f2b7c11';

const REPEATABLE =
  'Repeatable: the same id with the same contents answers the task as it stands (200), with other contents it is ' +
  'refused. Without an id, the Idempotency-Key makes one. Give drop, or customerAddressId, whose position it becomes.';

export const tasks =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db} = world;
    const tags = ['tasks'];

    app.post(
      '/v1/tasks',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'createTask',
          summary: 'Create a task',
          description: REPEATABLE,
          body: newTask,
          response: {201: task.ref, 200: task.ref, ...problems(404, 409, 422)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.body.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const key = keyOf(request);
        const given = request.body.id?.toLowerCase();
        const id =
          given ??
          (key === undefined ? uuidNew() : uuidFrom(`${region.id}\n${callerOf(request)}\n${key}`, KEY_NAMESPACE));
        const errors = contradictions(request.body);
        if (errors.length > 0) return refuse(reply, {kind: 'invalid', errors});
        const asked = taskFromWire(request.body, id, region.id);

        const made = await createTask(db, asked);
        switch (made.kind) {
          case 'refused':
            return refuse(reply, {kind: 'refused', code: made.code, detail: made.message});
          case 'repeated':
            if (sameContents(made.task, asked)) return taskToWire(made.task);
            if (given === undefined && key !== undefined) return refuse(reply, {kind: 'key-reused', key});
            return refuse(reply, {kind: 'task-id-reused', id});
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
        config: {scopes: ['ops', 'services', 'driver'], own: 'named'},
        schema: {
          tags,
          operationId: 'listTasks',
          summary: 'List tasks by id',
          querystring: wire.record({
            ...wire.page,
            state: Type.Optional(Type.Array(Type.Enum([...TASK_STATES]), {maxItems: TASK_STATES.length})),
            driverId: Type.Optional(wire.uuid),
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
        config: {scopes: ['ops', 'services', 'driver'], own: 'held-task'},
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
  };
