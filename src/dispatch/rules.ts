// How a rule in force judges drivers, tasks and pairs, by the kind of its predicate. Bound to the snapshot once a tick;
// what is bound is asked per driver, task and pair. True means: broken.

import pointInPolygon from 'point-in-polygon-hao';
import type {Polygons, ResolvedPredicate, RuleInForce} from '../domain/rule.ts';
import type {Snapshot} from '../domain/snapshot.ts';

/** Of one pair, by the road or as promised, in instants of dispatch time (epoch ms). */
export type PairTimes = {readonly pickupAtMs: number; readonly dropAtMs: number; readonly backAtMs: number};

/** By index. A driver or task that breaks a rule takes no part; a pair is judged once its times are known. */
export type Tests = {
  readonly driver?: (driver: number) => boolean;
  readonly task?: (task: number) => boolean;
  readonly pair?: (task: number, driver: number, times: PairTimes) => boolean;
  /** Since when a driver or task that breaks it does so, epoch ms; not after 0 where the snapshot does not tell. */
  readonly driverSinceMs?: (driver: number) => number;
  readonly taskSinceMs?: (task: number) => number;
};

type Kind = ResolvedPredicate['kind'];
type Binders = {
  /** `nth`: its place among the rules of its kind. */
  readonly [K in Kind]: (s: Snapshot, predicate: Extract<ResolvedPredicate, {kind: K}>, nth: number) => Tests;
};

const BINDERS: Binders = {
  'opted-in': ({drivers}) => ({driver: (d) => drivers.optedIn[d] === 0}),
  'min-age': ({drivers, atMs}, _, nth) => ({driver: (d) => drivers.ofAgeFromMs[nth][d] > atMs}),
  document: ({drivers, atMs}, _, nth) => ({
    driver: (d) => drivers.documentUntilMs[nth][d] <= atMs,
    driverSinceMs: (d) => drivers.documentUntilMs[nth][d],
    pair: (_t, d, {backAtMs}) => drivers.documentUntilMs[nth][d] < backAtMs,
  }),
  'age-check': ({tasks, atMs}) => ({
    task: (t) => tasks.ageCheckUntilMs[t] <= atMs,
    taskSinceMs: (t) => tasks.ageCheckUntilMs[t],
    pair: (t, _d, {dropAtMs}) => tasks.ageCheckUntilMs[t] < dropAtMs,
  }),
  'kill-switch': ({tasks, killed}) => ({task: (t) => killed.includes('*') || killed.includes(tasks.category[t])}),
  'store-permit': ({tasks, stores, atMs}) => ({
    task: (t) => stores.permitUntilMs[tasks.store[t]] <= atMs,
    taskSinceMs: (t) => stores.permitUntilMs[tasks.store[t]],
    pair: (t, _d, {backAtMs}) => stores.permitUntilMs[tasks.store[t]] < backAtMs,
  }),
  'store-open-through-return': ({tasks, stores}) => ({
    task: (t) => stores.closesAtMs[tasks.store[t]] === 0,
    pair: (t, _d, {backAtMs}) => (stores.closesAtMs[tasks.store[t]] ?? Infinity) < backAtMs,
  }),
  possession: ({tasks, stores, drivers}, {units, valueCents, oneStoreAtATime}) => ({
    task: (t) => tasks.units[t] > units || tasks.valueCents[t] > valueCents,
    pair: (t, d) =>
      drivers.heldUnits[d] + tasks.units[t] > units ||
      drivers.heldCents[d] + tasks.valueCents[t] > valueCents ||
      (oneStoreAtATime && drivers.heldStores[d].some((id) => id !== stores.id[tasks.store[t]])),
  }),
  'sale-hours': (s, {categories, polygons, openMs}) => {
    const {tasks, atMs} = s;
    const concerned = concernedBy(s, categories, polygons);
    return {
      // Whoever drives, nothing is handed over before it is ready, nor after the latest time.
      task: (t) =>
        concerned(t) &&
        !openMs.some(([from, until]) => from <= tasks.latestAtMs[t] && until > Math.max(atMs, tasks.readyAtMs[t])),
      pair: (t, _d, {dropAtMs}) =>
        concerned(t) && !openMs.some(([from, until]) => from <= dropAtMs && dropAtMs < until),
    };
  },
  'no-sale-area': (s, {categories, polygons}) => ({task: concernedBy(s, categories, polygons)}),
};

/** Tests of each rule in force, in the order of the snapshot. */
export function bindRules(snapshot: Snapshot): (RuleInForce & Tests)[] {
  const seen = new Map<Kind, number>();
  return snapshot.rules.map((rule) => {
    const nth = seen.get(rule.predicate.kind) ?? 0;
    seen.set(rule.predicate.kind, nth + 1);
    return {...rule, ...bind(snapshot, rule.predicate, nth)};
  });
}

function bind<K extends Kind>(s: Snapshot, predicate: Extract<ResolvedPredicate, {kind: K}>, nth: number): Tests {
  const binder: Binders[K] | undefined = BINDERS[predicate.kind as K];
  if (!binder) throw new Error(`a rule of kind ${predicate.kind} is not known here`);
  return binder(s, predicate, nth);
}

/** Whether a task is of these categories and its drop in this place; each task is looked up once. */
function concernedBy(
  {tasks}: Snapshot,
  categories: readonly string[] | undefined,
  polygons: Polygons | null,
): (task: number) => boolean {
  const known = new Map<number, boolean>();
  const boxes = polygons?.map(boxOf);
  const covers = (lonE7: number, latE7: number) =>
    polygons === null ||
    polygons.some(
      (rings, i) =>
        isWithin(boxes![i], lonE7, latE7) &&
        // 0 is on an edge, which belongs to the area. Exact, as the points are whole numbers.
        pointInPolygon([lonE7, latE7], rings) !== false,
    );
  return (t) => {
    let concerned = known.get(t);
    if (concerned === undefined) {
      concerned =
        (categories === undefined || categories.includes(tasks.category[t])) &&
        covers(tasks.dropLonE7[t], tasks.dropLatE7[t]);
      known.set(t, concerned);
    }
    return concerned;
  };
}

type Box = {readonly west: number; readonly east: number; readonly south: number; readonly north: number};

function boxOf(rings: Polygons[number]): Box {
  const box = {west: Infinity, east: -Infinity, south: Infinity, north: -Infinity};
  for (const [lonE7, latE7] of rings.flat()) {
    box.west = Math.min(box.west, lonE7);
    box.east = Math.max(box.east, lonE7);
    box.south = Math.min(box.south, latE7);
    box.north = Math.max(box.north, latE7);
  }
  return box;
}

const isWithin = ({west, east, south, north}: Box, lonE7: number, latE7: number): boolean =>
  west <= lonE7 && lonE7 <= east && south <= latE7 && latE7 <= north;
