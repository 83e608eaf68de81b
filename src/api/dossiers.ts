// /v1/tasks/:id/dossier: everything that happened to a task, for a program and for a regulator; and its legal hold.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import type {FastifyReply} from 'fastify';
import {Type} from 'typebox';
import {type Dossier, type ReadDossier, readDossier, setLegalHold} from '../db/dossiers.ts';
import {callerOf} from './access/caller.ts';
import {dossierPage} from './dossier-page.ts';
import {dossierRefs, dossierToWire, withholdPurchaser} from './dossier-shapes.ts';
import {type Problem, refuse} from './failures.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const MEANING =
  'Every event with the text that is hashed, but for who bought, and whether the chain verifies. A task that was ' +
  'purged is 404, ' +
  'TASK_PURGED, with what remains of it.';

/** A task that is not there, or was purged: then with what remains of it. */
export function refuseTask(reply: FastifyReply, id: string, found: Exclude<ReadDossier, {kind: 'dossier'}>): Problem {
  switch (found.kind) {
    case 'purged': {
      const detail = `It was purged at ${wire.toIso(found.purgedAtMs)}; its last hash is ${found.head.hash}.`;
      return refuse(reply, {kind: 'absent', code: 'TASK_PURGED', detail});
    }
    case 'not-found':
      return refuse(reply, {kind: 'task-not-found', id});
    default:
      return found satisfies never;
  }
}

export const dossiers =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db} = world;
    const tags = ['tasks'];
    const asked = {params: wire.byId, querystring: wire.inRegion};

    /** The dossier, or a refusal that was written to the reply. */
    async function find(
      {params, query}: {params: {id: string}; query: {regionId?: string}},
      reply: FastifyReply,
    ): Promise<{dossier: Dossier} | {refusal: Problem}> {
      const region = await regionOf(world, query.regionId);
      if (region.kind !== 'region') return {refusal: refuse(reply, region)};
      const id = params.id.toLowerCase();
      const found = await readDossier(db, region.id, id);
      return found.kind === 'dossier' ? found : {refusal: refuseTask(reply, id, found)};
    }

    app.get(
      '/v1/tasks/:id/dossier',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'getDossier',
          summary: 'Everything that happened to a task',
          description: MEANING,
          ...asked,
          response: {200: dossierRefs.dossier, ...problems(404)},
        },
      },
      async (request, reply) => {
        const found = await find(request, reply);
        return 'refusal' in found ? found.refusal : dossierToWire(found.dossier, withholdPurchaser);
      },
    );

    app.get(
      '/v1/tasks/:id/dossier.html',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'getDossierPage',
          summary: 'The same as a page to read and print',
          ...asked,
          response: {
            200: {description: 'A page without scripts.', content: {'text/html': {schema: Type.String()}}},
            ...problems(404),
          },
        },
      },
      async (request, reply) => {
        const found = await find(request, reply);
        if ('refusal' in found) return found.refusal as never;
        reply.header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-store');
        return dossierPage(found.dossier, 'link', withholdPurchaser);
      },
    );

    app.post(
      '/v1/tasks/:id/legal-hold',
      {
        config: {scopes: ['ops']},
        schema: {
          tags,
          operationId: 'setLegalHold',
          summary: 'Keep a task beyond its retention, or no longer',
          ...asked,
          body: wire.record({on: Type.Boolean(), reason: wire.text(200)}),
          response: {200: dossierRefs.legalHold, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const id = request.params.id.toLowerCase();
        const {on, reason} = request.body;
        const held = await setLegalHold(db, region.id, id, on, {reason, caller: callerOf(request)});
        if (held.kind === 'not-found') return refuse(reply, {kind: 'task-not-found', id});
        return {id, legalHold: on, repeated: held.repeated};
      },
    );
  };
