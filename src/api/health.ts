// /healthz: the process lives and its event loop turns. /readyz: it can do its work. /metrics: the Prometheus text.
// None of them is shed under load: whoever decides about the process has to hear from it.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {ping} from '../db/connect.ts';
import {PING_TIMEOUT_MS, RETRY_AFTER_S} from './limits.ts';
import {problems} from './problems.ts';
import type {ReadinessCheck, World} from './world.ts';

const readiness = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Array(Type.Object({name: Type.String(), ok: Type.Boolean(), detail: Type.String()})),
});

/** Marks a route that answers under any load: probes, and what stops dispatch. */
export const neverShed = {pressureHandler: () => undefined};
const probe = {...neverShed, isUncounted: true};
const openProbe = {...probe, scopes: 'open'} as const;

export const health =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {registry} = world.metrics;
    const tags = ['health'];

    app.get(
      '/healthz',
      {
        config: openProbe,
        schema: {
          tags,
          operationId: 'health',
          summary: 'The process lives',
          response: {200: Type.Object({status: Type.Literal('ok')}), ...problems()},
        },
      },
      async () => ({status: 'ok' as const}),
    );

    app.get(
      '/readyz',
      {
        config: openProbe,
        schema: {
          tags,
          operationId: 'readiness',
          summary: 'Graph loaded, database there, loop ticking',
          response: {...problems(), 200: readiness, 503: readiness},
        },
      },
      async (_request, reply) => {
        const checks = await readinessOf(world);
        const ready = checks.every(({ok}) => ok);
        if (!ready) reply.code(503).header('retry-after', RETRY_AFTER_S);
        return {ready, checks};
      },
    );

    app.get(
      '/metrics',
      {
        config: {...probe, scopes: ['ops', 'metrics']},
        schema: {
          tags,
          operationId: 'metrics',
          summary: 'Metrics in the Prometheus text format',
          response: {
            200: {description: 'Metrics.', content: {'text/plain': {schema: Type.String()}}},
            ...problems(),
          },
        },
      },
      async (_request, reply) => {
        reply.header('content-type', registry.contentType);
        return registry.metrics();
      },
    );
  };

/** The daemon's own checks, and whether the database answers in time. */
export async function readinessOf(world: World): Promise<ReadinessCheck[]> {
  const [ownChecks, database] = [world.dispatch.readiness().checks, await databaseCheck(world)];
  return [...ownChecks, database];
}

async function databaseCheck({db}: World): Promise<ReadinessCheck> {
  const name = 'database';
  const late = Promise.withResolvers<ReadinessCheck>();
  const timer = setTimeout(
    () => late.resolve({name, ok: false, detail: `no answer within ${PING_TIMEOUT_MS} ms`}),
    PING_TIMEOUT_MS,
  );
  try {
    const answered = ping(db).then(
      () => ({name, ok: true, detail: 'answers'}),
      () => ({name, ok: false, detail: 'does not answer'}),
    );
    return await Promise.race([answered, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
