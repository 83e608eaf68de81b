// /internal/etas: promised against actual times of deliveries.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {LRUCache} from 'lru-cache';
import {Type} from 'typebox';
import {readDispatchClock} from '../db/clock.ts';
import {readRegion} from '../db/regions.ts';
import {readEtaReport} from './eta-report.ts';
import {type Etas, etasRef} from './eta-shapes.ts';
import {openTripRoads, type TripRoadsOf} from './eta-ways.ts';
import {type Failure, refuse} from './failures.ts';
import {
  ETA_DAYS_DEFAULT,
  ETA_DAYS_LIMIT,
  ETA_FRESH_MS,
  ETA_REPORT,
  ETA_REPORTS_HELD,
  ETA_WAITING_LIMIT,
} from './limits.ts';
import {problems} from './problems.ts';
import {ownRegion} from './region.ts';
import {createTurns} from './turns.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const DAY_MS = 86_400_000;

export const etas =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const turns = createTurns(1, ETA_WAITING_LIMIT);
    const tripRoadsOf = openTripRoads();
    const held = new LRUCache<string, Etas>({
      max: ETA_REPORTS_HELD,
      ttl: ETA_FRESH_MS,
      ttlResolution: 0,
      perf: {now: () => world.clock.monotonicMs()},
    });

    app.get(
      '/internal/etas',
      {
        config: {scopes: ['ops', 'read']},
        schema: {
          tags: ['dispatch'],
          operationId: 'etas',
          summary: 'Promised against actual times of deliveries',
          description:
            `Of the last ${ETA_DAYS_DEFAULT} days unless told, ${ETA_DAYS_LIMIT} at most. An answer is given again ` +
            `for ${ETA_FRESH_MS / 1_000} seconds.`,
          querystring: wire.record({
            regionId: Type.Optional(wire.regionId),
            since: Type.Optional(wire.instant),
            until: Type.Optional(wire.instant),
          }),
          response: {200: etasRef, ...problems(404)},
        },
      },
      async (request, reply) => {
        const {since, until} = request.query;
        const region = ownRegion(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const key = `${region.id} ${since} ${until}`;
        const standing = held.get(key);
        if (standing) return standing;
        const turn = await turns.wait(request.signal);
        if (turn.kind === 'full') return refuse(reply, {kind: 'overloaded'});
        // Nobody hears it, or the time-out has been told.
        if (turn.kind === 'gone') return refuse(reply, {kind: 'too-slow'});
        try {
          // Somebody may have read it meanwhile.
          const again = held.get(key);
          if (again) return again;
          const read = await readEtas(world, region.id, {since, until}, tripRoadsOf);
          if ('kind' in read) return refuse(reply, read);
          held.set(key, read);
          return read;
        } finally {
          turn.end();
        }
      },
    );
  };

async function readEtas(
  world: World,
  regionId: string,
  asked: {readonly since: string | undefined; readonly until: string | undefined},
  tripRoadsOf: TripRoadsOf,
): Promise<Etas | Failure> {
  const {db} = world;
  const region = await readRegion(db, regionId);
  if (!region) return {kind: 'region-unknown', regionId};
  const untilMs = asked.until === undefined ? (await readDispatchClock(db)).nowMs : wire.toMs(asked.until);
  const sinceMs = asked.since === undefined ? untilMs - ETA_DAYS_DEFAULT * DAY_MS : wire.toMs(asked.since);
  if (!(sinceMs < untilMs && untilMs - sinceMs <= ETA_DAYS_LIMIT * DAY_MS)) {
    const message = `must be before until, by ${ETA_DAYS_LIMIT} days at most`;
    return {kind: 'invalid', errors: [{field: 'query.since', message}]};
  }
  const withRoads = world.routing(regionId);
  const report = await readEtaReport({db, regionId, sinceMs, untilMs, limits: ETA_REPORT, tripRoadsOf, withRoads});
  const {sinceMs: readFromMs, ...told} = report;
  return {
    regionId,
    timeZone: region.timeZone,
    since: wire.toIso(readFromMs),
    until: wire.toIso(untilMs),
    ...told,
  };
}
