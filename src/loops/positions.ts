// Positions as they come, over HTTP or NATS: into memory at once, and from there into the database, the newest of each
// driver, several times a second. A daemon that is killed loses what came since the last write; one that is stopped
// writes first.

import {setTimeout as delay} from 'node:timers/promises';
import {readDispatchClock} from '../db/clock.ts';
import type {Database} from '../db/connect.ts';
import {knownDrivers, recordPositions} from '../db/drivers.ts';
import {failureKind} from '../db/failure-kind.ts';
import {withNewerPositions} from '../dispatch/newer-positions.ts';
import type {Clock} from '../domain/clock.ts';
import type {DriverPosition} from '../domain/driver.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {PositionSource} from '../metrics.ts';
import {type Circle, createNearby, type Nearby, type NearDriver} from '../positions/nearby.ts';
import {type Heard, PositionStore} from '../positions/store.ts';
import {startCadence} from './cadence.ts';

/** What is heard stands in the database within a second: after this pause and the write. */
const WRITE_EVERY_MS = 500;
/** Positions of one statement, which takes about a tenth of a second. */
const WRITE_LIMIT = 5_000;
/** A daemon that is stopped tries for so long to write what it has. */
const LAST_WRITE_LIMIT_MS = 5_000;
const LAST_WRITE_PAUSE_MS = 250;
/** Ticks call the roll of the regions that they dispatch; of others it is called on demand, when it is so old. */
const ROLL_FRESH_MS = 3_000;
/** How often drivers who fell silent are looked for. */
const TIDY_EVERY_MS = 60_000;

export type HeardCounts = Readonly<Record<Heard, number>>;

export type PositionsObserver = {
  readonly heard: (regionId: string, source: PositionSource, counts: HeardCounts) => void;
  readonly writeFailed: (regionId: string, error: unknown) => void;
  /** So many were not written and never will be: the database refuses them, or the daemon ends. */
  readonly lost: (count: number) => void;
};

export type Positions = {
  /** Takes positions of one region, which must exist. */
  hear(regionId: string, positions: readonly DriverPosition[], source: PositionSource): HeardCounts;
  /** False says nothing: the database may know the driver all the same. */
  isKnown(regionId: string, driverId: string): boolean;
  /** The snapshot with what was heard since. */
  newest(snapshot: Snapshot): Snapshot;
  /** The same of a tick's snapshot, which also says who is on shift, and where others have seen them. */
  callRoll(snapshot: Snapshot): Snapshot;
  /** Drivers on shift near a place; undefined where no roll was called for seconds: call it and ask again. */
  nearby(regionId: string, circle: Circle, limit: number): NearDriver[] | undefined;
  /** Writes what is unwritten. What fails is told to the observer and stays unwritten. */
  write(): Promise<void>;
  /** Learns what dispatch time it is; between two readings it is extrapolated. */
  syncClock(): Promise<void>;
  /** So many positions are lost: the daemon ends and the database does not take them. */
  giveUp(unwritten: number): void;
  /** By region: drivers held, positions unwritten, and for how long the oldest of them may have waited. */
  backlog(): readonly {
    readonly regionId: string;
    readonly held: number;
    readonly unwritten: number;
    readonly lagMs: number;
  }[];
};

type Region = {
  readonly id: string;
  readonly store: PositionStore;
  readonly nearby: Nearby;
  calledMs: number;
  emptiedMs: number;
  tidiedMs: number;
};

export function openPositions(db: Database, clock: Clock, observer: PositionsObserver): Positions {
  const regions = new Map<string, Region>();
  const regionOf = (id: string): Region => {
    let region = regions.get(id);
    if (!region) {
      const startMs = clock.monotonicMs();
      const store = new PositionStore();
      const nearby = createNearby(store, clock.monotonicMs);
      region = {id, store, nearby, calledMs: Number.NEGATIVE_INFINITY, emptiedMs: startMs, tidiedMs: startMs};
      regions.set(id, region);
    }
    return region;
  };

  let reading = {nowMs: Number.POSITIVE_INFINITY, scale: 0, takenMs: 0};
  const syncClock = async () => {
    const read = await readDispatchClock(db);
    reading = {...read, takenMs: clock.monotonicMs()};
  };
  /** Before the first reading nothing is of the future: the write and the tick clamp by their own instants. */
  const nowMs = () => Math.floor(reading.nowMs + (clock.monotonicMs() - reading.takenMs) * reading.scale);

  const writeRegion = async ({id, store}: Region): Promise<void> => {
    // What comes meanwhile waits for the next write, or a busy region would keep the others from theirs.
    for (let left = store.unwrittenCount; left > 0; left -= WRITE_LIMIT) {
      const batch = store.takeUnwritten(Math.min(left, WRITE_LIMIT));
      if (batch.position.length === 0) continue;
      try {
        const newer = await recordPositions(db, id, batch.position);
        store.confirm(newer);
        const unsure = batch.position.map(({driverId}) => driverId).filter((driverId) => !store.isKnown(driverId));
        if (unsure.length === 0) continue;
        store.confirm(await knownDrivers(db, id, unsure));
        for (const driverId of unsure) store.dropUnknown(driverId);
      } catch (error) {
        // What the database never takes must not keep the rest from it for ever.
        if (failureKind(error) === 'refused') observer.lost(batch.position.length);
        else store.putBack(batch);
        throw error;
      }
    }
  };

  const writeAll = async () => {
    for (const region of regions.values()) {
      const startMs = clock.monotonicMs();
      try {
        if (region.store.unwrittenCount > 0) {
          await syncClock();
          await writeRegion(region);
        }
        region.emptiedMs = startMs;
      } catch (error) {
        observer.writeFailed(region.id, error);
      }
      if (startMs - region.tidiedMs < TIDY_EVERY_MS) continue;
      region.tidiedMs = startMs;
      region.store.dropSilent(nowMs());
    }
  };

  /** One write at a time: it names slots, which only the end of a write gives away. */
  let writing: Promise<void> = Promise.resolve();
  return {
    hear(regionId, positions, source) {
      const {store} = regionOf(regionId);
      const atMs = nowMs();
      const counts = {newer: 0, older: 0, full: 0};
      for (const position of positions) counts[store.hear(position, atMs)]++;
      observer.heard(regionId, source, counts);
      return counts;
    },
    isKnown: (regionId, driverId) => regions.get(regionId)?.store.isKnown(driverId) ?? false,
    newest(snapshot) {
      const region = regions.get(snapshot.regionId);
      return region ? withNewerPositions(snapshot, region.store) : snapshot;
    },
    callRoll(snapshot) {
      const region = regionOf(snapshot.regionId);
      region.calledMs = clock.monotonicMs();
      region.store.callRoll(snapshot.drivers);
      return withNewerPositions(snapshot, region.store);
    },
    nearby(regionId, circle, limit) {
      const region = regionOf(regionId);
      const isFresh = clock.monotonicMs() - region.calledMs <= ROLL_FRESH_MS;
      return isFresh ? region.nearby.within(circle, limit) : undefined;
    },
    write() {
      writing = writing.then(writeAll);
      return writing;
    },
    syncClock,
    giveUp: observer.lost,
    backlog: () =>
      Array.from(regions.values(), ({id, store, emptiedMs}) => {
        const unwritten = store.unwrittenCount;
        const lagMs = unwritten === 0 ? 0 : clock.monotonicMs() - emptiedMs;
        return {regionId: id, held: store.size, unwritten, lagMs};
      }),
  };
}

/** Writes on a cadence, until the function it returns is called, which writes what is left. */
export function startPositionWriting(
  positions: Positions,
  clock: Clock,
  everyMs = WRITE_EVERY_MS,
): () => Promise<void> {
  const cadence = startCadence(everyMs, clock, positions.write);
  return async () => {
    await cadence.stop();
    const untilMs = clock.monotonicMs() + LAST_WRITE_LIMIT_MS;
    for (;;) {
      await positions.write();
      const left = positions.backlog().reduce((sum, {unwritten}) => sum + unwritten, 0);
      if (left === 0) return;
      if (clock.monotonicMs() >= untilMs) return positions.giveUp(left);
      await delay(LAST_WRITE_PAUSE_MS);
    }
  };
}
