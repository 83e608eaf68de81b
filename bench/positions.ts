// Positions into one daemon: what each part costs alone, and how many are taken in a second by each way.

import {positionReader} from '../src/api/position-shapes.ts';
import type {Daemon} from '../src/cli/daemon.ts';
import {systemClock} from '../src/domain/clock.ts';
import type {Driver} from '../src/domain/driver.ts';
import {openPositions} from '../src/loops/positions.ts';
import {createNearby} from '../src/positions/nearby.ts';
import {PositionStore} from '../src/positions/store.ts';
import {type Fed, placesOf, SIZES, type Sizes, takenIn, withCity, withDaemon} from './fed-daemon.ts';
import type {Measured, Suite} from './harness.ts';
import {type Market, REGION} from './market.ts';
import type {Way} from './position-feeder.ts';

/** NATS promises nothing: what is lost must not be waited for. */
const FLOOD_LIMIT_MS = 60_000;

/** What each part costs alone, and how many are taken by each way. */
export const positionsBench: Suite = async (size, measure) => {
  const sizes = SIZES[size];
  await withCity(sizes, async (market, drivers) => {
    await measure(storeAlone(drivers));
    await measure(decodedAlone(drivers, sizes));
    await measure(nearbyAlone(drivers));
    await measure(written(market, drivers));
    await withDaemon(market, drivers, async (daemon, feeder, ways) => {
      for (const way of ways) await measure(flooded(daemon, feeder, way, sizes));
    });
  });
};

/** Each position newer than the last of its driver. */
function storeAlone(drivers: readonly Driver[]): Measured {
  const store = new PositionStore();
  let ms = 0;
  return {
    name: 'positions, store alone',
    input: `${drivers.length} drivers, each newer`,
    things: {count: drivers.length, of: 'positions/s'},
    run() {
      ms++;
      let newer = 0;
      for (const {id: driverId} of drivers) {
        if (store.hear({driverId, latE7: ms, lonE7: ms, recordedAtMs: ms}, ms) === 'newer') newer++;
      }
      return newer;
    },
  };
}

/** Each question after everybody has moved and a second has passed, so that the index is built for it. */
function nearbyAlone(drivers: readonly Driver[]): Measured {
  const store = new PositionStore();
  let ms = 0;
  const ids = drivers.map(({id}) => id);
  const none = ids.map(() => 0);
  const places = placesOf(drivers);
  const nearby = createNearby(store, () => ms);
  const {lonE7, latE7} = drivers[0] as {lonE7: number; latE7: number};
  return {
    name: 'positions, nearby',
    input: `the 20 nearest of ${drivers.length} within 2 km, index built for each question`,
    async before() {
      ms += 1_000;
      for (const {driverId, lon, lat} of places) {
        const at = {latE7: Math.round(lat * 1e7), lonE7: Math.round(lon * 1e7)};
        store.hear({driverId, ...at, recordedAtMs: ms}, ms);
      }
      store.callRoll({id: ids, latE7: none, lonE7: none, recordedAtMs: none});
    },
    run: () => nearby.within({lonE7, latE7, radiusM: 2_000}, 20).length,
  };
}

function decodedAlone(drivers: readonly Driver[], {httpBatch}: Sizes): Measured {
  const recordedAt = new Date(0).toISOString().replace('1970', '2026');
  const places = placesOf(drivers).slice(0, httpBatch);
  const bytes = Buffer.from(JSON.stringify({positions: places.map((place) => ({...place, recordedAt}))}));
  const {batch} = positionReader();
  return {
    name: 'positions, decoded',
    input: `a batch of ${places.length}, ${bytes.length} bytes of JSON, parsed and checked`,
    things: {count: places.length, of: 'positions/s'},
    run: () => batch(bytes, REGION)!.length,
  };
}

/** All drivers have moved: everything is written, in statements of 5,000. */
function written({db, regionId}: Market, drivers: readonly Driver[]): Measured {
  let ms = 1;
  const fail = (error: unknown) => {
    throw error;
  };
  const positions = openPositions(db, systemClock, {heard: () => {}, writeFailed: (_, e) => fail(e), lost: fail});
  return {
    name: 'positions, written',
    input: `${drivers.length} drivers have moved, Postgres with fsync on`,
    things: {count: drivers.length, of: 'rows/s'},
    async before() {
      await db.query(
        {name: 'age', text: "update driver_positions set recorded_at = '2026-01-01' where region_id = $1"},
        [regionId],
      );
      const recordedAtMs = Date.UTC(2026, 1, 1) + ms++;
      const moved = drivers.map(({id: driverId}) => ({driverId, latE7: 577_000_000, lonE7: 119_700_000, recordedAtMs}));
      positions.hear(regionId, moved, 'http');
    },
    async run() {
      await positions.write();
      return drivers.length - positions.backlog()[0]!.unwritten;
    },
  };
}

function flooded(daemon: Daemon, feeder: Fed, way: Way, sizes: Sizes): Measured {
  const batchSize = way === 'http' ? sizes.httpBatch : sizes.natsBatch;
  const flood = way === 'nats singles' ? sizes.singles : sizes.flood;
  let goal = 0;
  return {
    name: `positions, ${way}`,
    input: `${flood} positions, ${way === 'nats singles' ? 'one a message' : `${batchSize} a batch`}, as fast as taken`,
    things: {count: flood, of: 'positions/s'},
    async before() {
      await feeder.tell({kind: 'make', way, batches: Math.ceil(flood / batchSize), batchSize});
      goal = flood + (await takenIn(daemon));
    },
    async run() {
      await feeder.tell({kind: 'flood'});
      const untilMs = performance.now() + FLOOD_LIMIT_MS;
      while ((await takenIn(daemon)) < goal) {
        if (performance.now() > untilMs) throw new Error(`${goal - (await takenIn(daemon))} positions never came`);
        await new Promise((later) => setTimeout(later, 1));
      }
      return flood;
    },
  };
}
