// How often one caller may ask: by token, or by address where there is none. Windows are fixed; the counts of so many
// callers are held, and those heard of last give way to none.

import rateLimit, {normalizeIP} from '@fastify/rate-limit';
import type {FastifyInstance, FastifyRequest} from 'fastify';
import type {Failure} from '../failures.ts';
import {
  AUTH_FAILURE_WINDOW_MS,
  AUTH_FAILURES_PER_WINDOW,
  BATCHES_PER_WINDOW,
  DRIVER_BATCHES_PER_WINDOW,
  DRIVER_READS_PER_WINDOW,
  DRIVER_WRITES_PER_WINDOW,
  RATE_CALLERS_HELD,
  RATE_WINDOW_MS,
  READS_PER_WINDOW,
  WRITES_PER_WINDOW,
} from '../limits.ts';

type RateLimited = Extract<Failure, {kind: 'rate-limited'}>;

export type Rates = {
  /** Counts the request; the failure where there have been too many. */
  count(request: FastifyRequest): Promise<RateLimited | undefined>;
  /** Counts a secret that was refused. */
  countFailure(request: FastifyRequest): Promise<void>;
  /** Where this address has presented too many secrets that were refused. */
  tooManyFailures(request: FastifyRequest): Promise<RateLimited | undefined>;
};

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
export const isRead = ({method}: FastifyRequest): boolean => READS.has(method);

/** By class: of any caller, and of one who is but a driver. */
const MOST = {
  reads: [READS_PER_WINDOW, DRIVER_READS_PER_WINDOW],
  writes: [WRITES_PER_WINDOW, DRIVER_WRITES_PER_WINDOW],
  batches: [BATCHES_PER_WINDOW, DRIVER_BATCHES_PER_WINDOW],
} as const;
type RateClass = keyof typeof MOST;

function classOf(request: FastifyRequest): RateClass {
  if (isRead(request)) return 'reads';
  return request.routeOptions.config.isBatch ? 'batches' : 'writes';
}

const isDriver = ({caller}: FastifyRequest): boolean => caller.kind === 'token' && caller.onlyDrivers !== undefined;

/** An IPv6 client has a whole /64 to itself. */
const addressOf = ({ip}: FastifyRequest): string => normalizeIP(ip);
const keyOf = (request: FastifyRequest): string =>
  request.caller.kind === 'token' ? request.caller.id : addressOf(request);

export function countRates(app: FastifyInstance): Rates {
  app.register(rateLimit, {global: false});
  let limiters: Record<RateClass | 'failures', ReturnType<FastifyInstance['createRateLimit']>>;
  app.after(() => {
    // The plugin reads it for each limiter; its types know it for the whole only.
    const held = {cache: RATE_CALLERS_HELD};
    const of = (name: RateClass) =>
      app.createRateLimit({
        max: (request) => MOST[name][isDriver(request) ? 1 : 0],
        timeWindow: RATE_WINDOW_MS,
        keyGenerator: keyOf,
        ...held,
      });
    const failures = app.createRateLimit({
      // One less than the plugin's own way of counting, which lets the last one through.
      max: AUTH_FAILURES_PER_WINDOW - 1,
      timeWindow: AUTH_FAILURE_WINDOW_MS,
      keyGenerator: addressOf,
      ...held,
    });
    limiters = {reads: of('reads'), writes: of('writes'), batches: of('batches'), failures};
  });

  const exceeded = (told: Awaited<ReturnType<(typeof limiters)['reads']>>, what: string): RateLimited | undefined =>
    !told.isAllowed && told.isExceeded ? {kind: 'rate-limited', what, waitS: told.ttlInSeconds} : undefined;

  return {
    async count(request) {
      const name = classOf(request);
      return exceeded(await limiters[name](request), name);
    },
    async countFailure(request) {
      await limiters.failures(request);
    },
    tooManyFailures: async (request) =>
      exceeded(await limiters.failures(request, {increment: false}), 'refused tokens of this address'),
  };
}
