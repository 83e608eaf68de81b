// The marketplaces of a run: two regions of one town, with stores that never close and drivers who lack nothing. Their
// time runs 20 times as fast as the world's, so that an offer, which stays open for a minute at least, times out in
// three seconds.

import {v5 as uuidFrom} from 'uuid';
import {setDispatchClock} from '../../src/db/clock.ts';
import type {Database} from '../../src/db/connect.ts';
import {putDocuments, recordPositions, upsertDrivers} from '../../src/db/drivers.ts';
import {putRegion} from '../../src/db/regions.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {DOCUMENT_KINDS} from '../../src/domain/document.ts';
import type {DriverPosition} from '../../src/domain/driver.ts';
import {randomStream} from '../../src/domain/random.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import type {Store} from '../../src/domain/store.ts';
import {BLOCK_E7, town} from '../support/town.ts';

export const REGIONS = ['north', 'south'] as const;
export const GRAPH = 'town';
export const TIME_SCALE = 20;
export const NOW_MS = Date.UTC(2026, 5, 1, 18);
export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Letters a to y, a block apart. */
const PICTURE = `
  a-b-c>d-e
  | | | | |
  f-g-h-i-j
  | v | | |
  k-l-m-n-o
  | | | ^ |
  p-q-r-s-t
  | | | | |
  u-v<w-x-y
`;
const BLOCKS = 4;

export const drawnTown = () => town(PICTURE).graph;

export type Point = {readonly latE7: number; readonly lonE7: number};

/** Somewhere in the town. */
export const somewhere = (random: () => number): Point => ({
  latE7: -Math.round(random() * BLOCKS * BLOCK_E7),
  lonE7: Math.round(random() * BLOCKS * BLOCK_E7),
});

const NAMESPACE = '6c1f0a52-6d6c-4c55-8d43-0f0f6f3c5a11';
const idOf = (name: string): string => uuidFrom(name, NAMESPACE);

export type Market = {
  readonly regionId: string;
  readonly stores: readonly Store[];
  readonly drivers: readonly string[];
};

/** Sets the clock and fills both regions. */
export async function openMarkets(db: Database, driverCount: number): Promise<Market[]> {
  await setDispatchClock(db, {nowMs: NOW_MS, scale: TIME_SCALE});
  const markets: Market[] = [];
  for (const regionId of REGIONS) markets.push(await openMarket(db, regionId, driverCount));
  return markets;
}

async function openMarket(db: Database, regionId: string, driverCount: number): Promise<Market> {
  await putRegion(db, {
    id: regionId,
    name: regionId,
    timeZone: 'America/Chicago',
    graph: GRAPH,
    settings: {...STARTING_SETTINGS, declineCoolDownS: 20, attemptsLimit: 50, positionMaxAgeS: 3_600},
    weights: STARTING_WEIGHTS,
  });
  const random = randomStream(1, regionId);
  const stores = Array.from({length: 3}, (_, i) => ({
    id: idOf(`${regionId} store ${i}`),
    regionId,
    name: `Store ${i}`,
    ...somewhere(random),
    hours: null,
    permitUntilMs: NOW_MS + 365 * DAY_MS,
  }));
  await upsertStores(db, stores);
  const drivers = Array.from({length: driverCount}, (_, i) => idOf(`${regionId} driver ${i}`)).sort();
  await upsertDrivers(
    db,
    drivers.map((id, i) => ({
      id,
      regionId,
      name: 'Ada',
      bornOn: '1990-05-17',
      optedIn: true,
      capacity: 1 + (i % 3),
      shiftOn: true,
    })),
  );
  const valid = {validFromMs: NOW_MS - DAY_MS, validUntilMs: NOW_MS + 364 * DAY_MS, checkedAtMs: NOW_MS - DAY_MS};
  await putDocuments(
    db,
    regionId,
    drivers.flatMap((driverId) =>
      DOCUMENT_KINDS.map((kind) => ({driverId, kind, use: 'delivery' as const, ...valid, revoked: false})),
    ),
  );
  const positions = drivers.map((driverId): DriverPosition => ({driverId, ...somewhere(random), recordedAtMs: NOW_MS}));
  await recordPositions(db, regionId, positions);
  return {regionId, stores, drivers};
}
