// A region's loops and ticks bound to the real world: Postgres, the router and the worker pool.

import {IDEMPOTENCY_KEEP_H} from '../api/limits.ts';
import {readDispatchClock} from '../db/clock.ts';
import type {Database} from '../db/connect.ts';
import {dropOldKeys} from '../db/idempotency.ts';
import {commitOffers, expireOffers} from '../db/offers.ts';
import {dropOldProviderEvents} from '../db/providers.ts';
import {repeatWhenGone} from '../db/repeat.ts';
import {readSnapshot} from '../db/snapshot.ts';
import {dropOldSpeedEpochs} from '../db/speed-epochs.ts';
import {keepPayloadPartitions, saveTick} from '../db/ticks.ts';
import type {Legs, World} from '../dispatch/world.ts';
import type {Clock} from '../domain/clock.ts';
import {NO_COORDINATE_E7} from '../domain/units.ts';
import type {Positions} from '../loops/positions.ts';
import type {RegionPort} from '../loops/region-dispatcher.ts';
import type {WorkerPool} from '../pool/pool.ts';
import {type Router, SNAP_LIMIT_M} from '../router/router.ts';
import {codeVersion} from './version.ts';

/** Epochs are kept longer than payloads by so much: the last tick of one has lost its payload before it goes. */
const KEEP_EPOCHS_LONGER_H = 2;

export type RegionPortOptions = {
  readonly db: Database;
  readonly regionId: string;
  /** Name of its graph. */
  readonly graph: string;
  /** Lends a router for a whole tick, so that one epoch answers all of it. */
  readonly withRouter: <T>(use: (router: Router) => Promise<T>) => Promise<T>;
  readonly pool: WorkerPool;
  readonly clock: Clock;
  /** Hours of dispatch time for which the payloads of ticks are kept. */
  readonly keepTicksH: number;
  readonly isPaused?: () => boolean;
  /** What was heard of drivers; without it positions are those of the database. */
  readonly positions?: Pick<Positions, 'callRoll'> | undefined;
};

/** All but the lease. */
export function regionPort(options: RegionPortOptions): Omit<RegionPort, 'lease'> {
  const {db, regionId, graph, withRouter, pool, clock, keepTicksH, positions, isPaused = () => false} = options;
  return {
    regionId,
    isPaused,
    withWorld: (fence, use) =>
      withRouter((router) =>
        use({
          async readSnapshot() {
            const snapshot = await readSnapshot(db, regionId);
            if (!snapshot) throw new Error(`region ${regionId} is gone from the database`);
            return positions ? positions.callRoll(snapshot) : snapshot;
          },
          timeLegs: (legs) => timeLegs(router, legs),
          nearestDrivers: nearestDrivers(router, regionId),
          solve: pool.solve,
          // Both are kept by the tick's id, so that a lost connection costs neither a tick nor its record.
          openOffers: (tickId, proposals) =>
            repeatWhenGone(() => commitOffers(db, {regionId, fence, tickId, proposals})),
          saveRecord: (record) => repeatWhenGone(() => saveTick(db, record)),
          monotonicMs: clock.monotonicMs,
          graphEpoch: router.epoch,
          codeVersion,
          fence,
        }),
      ),
    expire: (limit) => expireOffers(db, regionId, limit),
    async housekeep() {
      const {nowMs} = await readDispatchClock(db);
      await keepPayloadPartitions(db, {nowMs, keepHours: keepTicksH});
      await dropOldSpeedEpochs(db, graph, keepTicksH + KEEP_EPOCHS_LONGER_H);
      await dropOldKeys(db, regionId, IDEMPOTENCY_KEEP_H);
      await dropOldProviderEvents(db, regionId);
    },
  };
}

/** The nearest drivers of a region by road, where the router can tell; a point that no road is near is out of reach. */
export function nearestDrivers(router: Router, regionId: string): World['nearestDrivers'] {
  const {nearestDrivers: ask} = router;
  if (!ask) return undefined;
  return async ({drivers, driver, stores, store, wanted, limitMs}) => {
    const found = await ask({
      fleet: regionId,
      driverId: Array.from(driver, (d) => drivers.id[d]),
      driverAt: Array.from(driver, (d) => onRoad(router, drivers, d)),
      taskAt: Array.from(store, (s) => onRoad(router, stores, s)),
      k: wanted,
      limitMs,
    });
    return {first: found.first, driver: found.driver.map((i) => driver[i]), pickupMs: found.ms};
  };
}

/** Of all drivers and stores, pairs that are timed at once. */
const PAIRS_AT_ONCE = 200_000;

/** The same answer by any router, slower: every driver is timed to every store. */
export function nearestOfAll(router: Router): NonNullable<World['nearestDrivers']> {
  return async ({drivers, driver, stores, store, wanted, limitMs}) => {
    const first = new Int32Array(store.length + 1);
    const found: {driver: number; ms: number}[] = [];
    const storesAtOnce = Math.max(1, Math.floor(PAIRS_AT_ONCE / Math.max(1, driver.length)));
    for (let begin = 0; begin < store.length; begin += storesAtOnce) {
      const some = store.subarray(begin, begin + storesAtOnce);
      const pairCount = some.length * driver.length;
      const from = Int32Array.from({length: pairCount}, (_, pair) => driver[pair % driver.length]);
      const to = Int32Array.from({length: pairCount}, (_, pair) => some[Math.floor(pair / driver.length)]);
      const times = await timeLegs(router, {origins: drivers, destinations: stores, from, to, limitMs});
      for (let s = 0; s < some.length; s++) {
        const near = Array.from(driver, (d, i) => ({driver: d, ms: times[s * driver.length + i]}));
        // Equally near ones stay in the order of drivers.
        const nearest = near.filter(({ms}) => ms <= limitMs).sort((a, b) => a.ms - b.ms);
        found.push(...nearest.slice(0, wanted[begin + s]));
        first[begin + s + 1] = found.length;
      }
    }
    return {
      first,
      driver: Int32Array.from(found, (each) => each.driver),
      pickupMs: Int32Array.from(found, ({ms}) => ms),
    };
  };
}

function onRoad(router: Router, {latE7, lonE7}: Legs['origins'], i: number): ReturnType<Router['snap']> {
  const position = latE7[i] === NO_COORDINATE_E7 ? null : router.snap(lonE7[i], latE7[i]);
  return position && position.distanceM <= SNAP_LIMIT_M ? position : null;
}

/** Snaps the points of both sides once each, then times the pairs; a point that no road is near is unreachable. */
export function timeLegs(router: Router, {origins, destinations, from, to, limitMs}: Legs): Promise<Int32Array> {
  const snapAll = (points: Legs['origins'], used: Int32Array) => {
    const positions: ReturnType<Router['snap']>[] = new Array(points.latE7.length).fill(null);
    for (const i of new Set(used)) positions[i] = onRoad(router, points, i);
    return positions;
  };
  return router.timePairs(snapAll(origins, from), snapAll(destinations, to), from, to, limitMs);
}
