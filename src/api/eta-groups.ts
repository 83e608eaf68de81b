// How far the promises of a leg were off, by hour, road, distance, and whatever else tells them apart.

import {setImmediate} from 'node:timers/promises';
import type {RoadKind} from '../../native-graph/tiles/road-tile.ts';
import {type ErrorSummary, type Leg, summaryOf, TRIP_BANDS, tripBand} from '../domain/eta-error.ts';
import type {EtaTruth} from '../domain/eta-truth.ts';
import type {TripRoads} from './eta-ways.ts';
import {ETA_CATEGORIES_LIMIT} from './limits.ts';

/** Nobody who waits for a delivery minds a minute. */
const GRACE_MS = 60_000;

/** A delivery's promise for one leg, and what came of it. */
type Kept = {
  readonly promisedMs: number;
  readonly errorMs: number;
  /** Against what would have been promised without anything learned. */
  readonly plainErrorMs: number;
};

export type EtaGroup = ErrorSummary & {
  readonly name: string;
  /** Deliveries that came at most GRACE_MS after the promise, or before it. */
  readonly onTime: number;
  /** From the offer on, on average. */
  readonly promisedMs: number;
  /** Errors of the same promises without what was learned; null where nothing was. */
  readonly uncorrected: ErrorSummary | null;
};

export type LegEtas = {
  readonly all: EtaGroup;
  /** Deliveries whose promise was in part learned. */
  readonly corrected: number;
  readonly byHour: readonly EtaGroup[];
  readonly byTrip: readonly EtaGroup[];
  readonly byPromise: readonly EtaGroup[];
  readonly byCategory: readonly EtaGroup[];
  readonly byRoad: readonly EtaGroup[];
  readonly byDistance: readonly EtaGroup[];
  /** Promised, and how far it was off. */
  readonly points: readonly (readonly [promisedMs: number, errorMs: number])[];
};

/** Each band begins at `from` and ends where the next begins. */
type Band = {readonly name: string; readonly from: number};

const bandsOf = (unit: string, perUnit: number, bounds: readonly number[]): Band[] =>
  bounds.map((bound, i) => {
    const end = bounds[i + 1];
    return {name: end === undefined ? `${bound}+ ${unit}` : `${bound}-${end} ${unit}`, from: bound * perUnit};
  });

const PROMISE_BANDS = bandsOf('min', 60_000, [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
const DISTANCE_BANDS = bandsOf('km', 1_000, [0, 1, 2, 4, 8]);
const HOURS = Array.from({length: 24}, (_, hour) => String(hour).padStart(2, '0'));

const bandOf = (bands: readonly Band[], value: number): string =>
  (bands.findLast(({from}) => value >= from) ?? bands[0]!).name;
const namesOf = (bands: readonly {readonly name: string}[]): string[] => bands.map(({name}) => name);

/** The leg's own; the drop's promise and its error count from the offer, as its customer does. */
function keptOf(leg: Leg, truth: EtaTruth): Kept {
  const [promised, actual, learned] =
    leg === 'pickup'
      ? [truth.pickupPromisedAtMs, truth.pickupActualAtMs, truth.pickupCorrectionMs]
      : [truth.dropPromisedAtMs, truth.dropActualAtMs, truth.dropCorrectionMs];
  const errorMs = actual - promised;
  return {promisedMs: promised - truth.offeredAtMs, errorMs, plainErrorMs: errorMs + learned};
}

export type Sampled = {
  /** Of these the roads are known. */
  readonly truths: readonly EtaTruth[];
  /** By member of them. */
  readonly roads: readonly TripRoads[];
  /** Of these the points are shown. */
  readonly shown: readonly EtaTruth[];
};

/** Sorts each group: between them others have the event loop. */
export async function legEtas(leg: Leg, truths: readonly EtaTruth[], sampled: Sampled): Promise<LegEtas> {
  const kept = truths.map((truth) => keptOf(leg, truth));
  const ofRoads = sampled.truths.map((truth) => keptOf(leg, truth));
  const by = (of: (truth: EtaTruth, promise: Kept) => string) => truths.map((truth, i) => of(truth, kept[i]!));
  const categories = by(({category}) => category);
  return {
    all: groupOf('all', kept),
    corrected: kept.filter(isCorrected).length,
    byHour: await grouped(
      HOURS,
      by(({hour}) => HOURS[hour]!),
      kept,
    ),
    byTrip: await grouped(
      namesOf(TRIP_BANDS),
      by((truth) => tripBand(roadMsOf(leg, truth))),
      kept,
    ),
    byPromise: await grouped(
      namesOf(PROMISE_BANDS),
      by((_, {promisedMs}) => bandOf(PROMISE_BANDS, promisedMs)),
      kept,
    ),
    byCategory: await grouped(mostFrequent(categories), categories, kept),
    byRoad: await grouped(
      ROADS,
      sampled.roads.map((roads) => roadOf(leg, roads)),
      ofRoads,
    ),
    byDistance: await grouped(
      leg === 'drop' ? namesOf(DISTANCE_BANDS) : [],
      sampled.roads.map(({way}) => way && bandOf(DISTANCE_BANDS, way.lengthM)),
      ofRoads,
    ),
    points: sampled.shown.map((truth) => {
      const {promisedMs, errorMs} = keptOf(leg, truth);
      return [promisedMs, errorMs] as const;
    }),
  };
}

/** From the largest roads to the smallest. */
const ROADS = [
  'motorway',
  'trunk',
  'primary',
  'secondary',
  'tertiary',
  'minor',
  'service',
  'ferry',
] as const satisfies readonly RoadKind[];

const roadMsOf = (leg: Leg, {pickupMs, dropMs}: EtaTruth): number => (leg === 'pickup' ? pickupMs : dropMs);

/** Where a driver comes from is not logged: of the way to the store, what it lies on is all that is known. */
const roadOf = (leg: Leg, {storeRoad, way}: TripRoads): RoadKind | null =>
  leg === 'pickup' ? storeRoad : (way?.road ?? null);

function mostFrequent(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const byCount = [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return byCount.slice(0, ETA_CATEGORIES_LIMIT).map(([name]) => name);
}

/** In the order of `names`, those that have any. */
async function grouped(
  names: readonly string[],
  nameOf: readonly (string | null)[],
  kept: readonly Kept[],
): Promise<EtaGroup[]> {
  const members = new Map<string | null, Kept[]>(names.map((name) => [name, []]));
  for (const [i, name] of nameOf.entries()) members.get(name)?.push(kept[i]!);
  await setImmediate();
  return names.flatMap((name) => {
    const own = members.get(name)!;
    return own.length === 0 ? [] : [groupOf(name, own)];
  });
}

const isCorrected = ({errorMs, plainErrorMs}: Kept): boolean => errorMs !== plainErrorMs;

function groupOf(name: string, kept: readonly Kept[]): EtaGroup {
  const promisedMs = kept.reduce((sum, each) => sum + each.promisedMs, 0) / Math.max(1, kept.length);
  return {
    name,
    ...summaryOf(kept.map(({errorMs}) => errorMs)),
    onTime: kept.filter(({errorMs}) => errorMs <= GRACE_MS).length,
    promisedMs: Math.round(promisedMs),
    uncorrected: kept.some(isCorrected) ? summaryOf(kept.map(({plainErrorMs}) => plainErrorMs)) : null,
  };
}
