// /internal/status: everything the live map shows of a region besides its map, in one reading.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, Type} from 'typebox';
import {readDispatchClock} from '../db/clock.ts';
import {readGauges} from '../db/gauges.ts';
import {listTicks} from '../db/ticks.ts';
import {DRIVER_STATUSES, TASK_STATES} from '../domain/state.ts';
import {type Metrics, OFFER_OUTCOMES, type OfferOutcome} from '../metrics.ts';
import {tick, tickToWire} from './dispatch.ts';
import {refuse} from './failures.ts';
import {readinessOf} from './health.ts';
import {LIVE_FRESH_MS, TICKS_DEFAULT} from './limits.ts';
import {problems} from './problems.ts';
import {ownRegion} from './region.ts';
import {sharedReading} from './shared-reading.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const count = Type.Integer({minimum: 0});

/** A count by each of the names; all are present. */
const counts = <N extends string>(names: readonly N[], description: string) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, count])) as Record<N, typeof count>, {description});

const statusShape = wire.named(
  'Status',
  Type.Object({
    regionId: wire.regionId,
    regions: Type.Array(wire.regionId, {description: 'Every region that this daemon can dispatch.'}),
    leases: Type.Array(
      Type.Object({
        regionId: wire.regionId,
        owner: wire.nullable(Type.String({description: 'Host and process; null: nobody now.'})),
        fence: count,
        here: Type.Boolean({description: 'It is the daemon that answers.'}),
      }),
      {description: 'Which daemon holds the lease of each region.'},
    ),
    attribution: Type.Union([Type.String(), Type.Null()], {
      description: 'Whose data the roads are; null while they load.',
    }),
    codeVersion: Type.String(),
    at: Type.String({...wire.instant, description: 'Dispatch time.'}),
    timeScale: Type.Number({description: 'Dispatch seconds per real second.'}),
    paused: Type.Boolean(),
    pausedBy: wire.nullable(Type.String({description: 'Id of the token that asked for it; null: not paused.'})),
    pausedSince: wire.nullable(wire.instant),
    failing: Type.Array(Type.Object({name: Type.String(), detail: Type.String()}), {
      description: 'Readiness checks that fail.',
    }),
    tasks: counts(TASK_STATES, 'Tasks by state; those that ended, in the last 24 hours of dispatch time.'),
    drivers: counts(DRIVER_STATUSES, 'Drivers by status.'),
    openOffers: count,
    overdueOffers: count,
    offers: counts(OFFER_OUTCOMES, 'Proposals and offers by outcome since this daemon started.'),
    ticks: Type.Array(tick.ref, {description: 'The last, newest first.'}),
  }),
);

export const statusShapes = [statusShape.shape];

async function readStatus(world: World, regionId: string): Promise<Static<typeof statusShape.shape>> {
  const {db, dispatch, metrics, codeVersion} = world;
  const pause = dispatch.pauseOf(regionId);
  const [clock, gauges, ticks, checks, offers] = await Promise.all([
    readDispatchClock(db),
    readGauges(db, regionId),
    listTicks(db, regionId, TICKS_DEFAULT),
    readinessOf(world),
    offersByOutcome(metrics, regionId),
  ]);
  return {
    regionId,
    regions: [...dispatch.regions],
    leases: [...dispatch.leases()],
    attribution: world.attribution(regionId) ?? null,
    codeVersion,
    at: wire.toIso(clock.nowMs),
    timeScale: clock.scale,
    paused: pause !== undefined,
    pausedBy: pause?.by ?? null,
    pausedSince: pause ? wire.toIso(pause.sinceMs) : null,
    failing: checks.filter(({ok}) => !ok).map(({name, detail}) => ({name, detail})),
    tasks: gauges.tasks,
    drivers: gauges.drivers,
    openOffers: gauges.openOffers,
    overdueOffers: gauges.overdueOffers,
    offers,
    ticks: ticks.map(tickToWire),
  };
}

/** The page reads where Prometheus does: the two cannot disagree. */
async function offersByOutcome({offers}: Metrics, region: string): Promise<Record<OfferOutcome, number>> {
  const {values} = await offers.get();
  const own = new Map(values.filter(({labels}) => labels.region === region).map((v) => [v.labels.outcome, v.value]));
  const entries = OFFER_OUTCOMES.map((outcome) => [outcome, own.get(outcome) ?? 0]);
  return Object.fromEntries(entries) as Record<OfferOutcome, number>;
}

export const status =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const statusOf = sharedReading(world.clock, LIVE_FRESH_MS, (regionId) => readStatus(world, regionId));

    app.get(
      '/internal/status',
      {
        config: {scopes: ['ops', 'read']},
        schema: {
          tags: ['map'],
          operationId: 'status',
          summary: 'What the live map shows beside the map',
          querystring: wire.inRegion,
          response: {200: statusShape.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        // Without a name the first region is shown: the page then offers the others.
        const region = ownRegion(world, request.query.regionId ?? world.dispatch.regions[0]);
        if (region.kind !== 'region') return refuse(reply, region);
        return statusOf(region.id);
      },
    );
  };
