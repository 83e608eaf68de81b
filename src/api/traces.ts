// /v1/tasks/:id/trace: what became of a task and why, with what its offers promised: for a program and for a reader.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import type {FastifyReply, FastifyRequest} from 'fastify';
import {Type} from 'typebox';
import {readTrace, type Trace} from '../db/traces.ts';
import {holds} from './access/caller.ts';
import {refuseTask} from './dossiers.ts';
import {EXPLAIN_SCOPES} from './explain.ts';
import {type Problem, refuse} from './failures.ts';
import {problems} from './problems.ts';
import {ownRegion, regionOf} from './region.ts';
import {tracePage} from './trace-page.ts';
import {traceRef, traceToWire} from './trace-shapes.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

type Asked = Pick<FastifyRequest, 'caller'> & {
  readonly params: {readonly id: string};
  readonly query: {readonly regionId?: string};
};

/** Who may not ask a tick why is not told by a trace either. */
const withoutPrices = (trace: Trace): Trace => ({
  ...trace,
  offers: trace.offers.map(({features, ...offer}) => {
    const {acceptance: _, costMs: _cost, terms: _terms, nextBestCostMs: _next, unassignedMs: _un, ...told} = features;
    return {...offer, features: told};
  }),
});

export const traces =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['tasks'];
    const asked = {params: wire.byId, querystring: wire.inRegion};

    /** The trace as the caller may know it, or a refusal that was written to the reply. */
    async function find(
      {params, query, caller}: Asked,
      reply: FastifyReply,
    ): Promise<{trace: Trace} | {refusal: Problem}> {
      const region = await regionOf(world, query.regionId);
      if (region.kind !== 'region') return {refusal: refuse(reply, region)};
      const id = params.id.toLowerCase();
      const found = await readTrace(world.db, region.id, id);
      if (found.kind !== 'trace') return {refusal: refuseTask(reply, id, found)};
      return {trace: holds(caller, EXPLAIN_SCOPES) ? found.trace : withoutPrices(found.trace)};
    }

    app.get(
      '/v1/tasks/:id/trace',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'getTrace',
          summary: 'A delivery from beginning to end: ticks, offers, promises and what came',
          description:
            'What happened, in order, with the ticks that offered it, how long it waited, and of each offer what was ' +
            'known when it was made and what it promised. A task that was purged is 404, TASK_PURGED. What drivers ' +
            'were thought to do, and what each choice would have cost, is told to ops and read alone.',
          ...asked,
          response: {200: traceRef, ...problems(404)},
        },
      },
      async (request, reply) => {
        const found = await find(request, reply);
        return 'refusal' in found ? found.refusal : traceToWire(found.trace);
      },
    );

    app.get(
      '/v1/tasks/:id/trace.html',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'getTracePage',
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
        const isOwn = ownRegion(world, found.trace.dossier.regionId).kind === 'region';
        return tracePage(found.trace, isOwn && holds(request.caller, EXPLAIN_SCOPES));
      },
    );
  };
