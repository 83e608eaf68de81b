// A recorded tick under other circumstances: other weights or settings, drivers and tasks more or less, a rule left
// out. Without a change it is the replay. Each tick stands alone: what would have followed is not told.

import {InputFailure} from '../../domain/failure.ts';
import {type RegionSettings, SETTING_LIMITS, STARTING_SETTINGS, type Weights} from '../../domain/region.ts';
import type {Snapshot, SnapshotDrivers} from '../../domain/snapshot.ts';

export type Changes = {
  /** By name, as in w_age or candidatesPerTask. */
  readonly set: Readonly<Record<string, number>>;
  /** Where drivers more would stand, who may carry everything: WGS84 degrees times 1e7. */
  readonly addDrivers: readonly {readonly lonE7: number; readonly latE7: number}[];
  readonly withoutDrivers: readonly string[];
  readonly withoutTasks: readonly string[];
  readonly withoutRules: readonly string[];
};

const WEIGHT_LIMIT = 1_000;
const ADDED_DRIVERS_LIMIT = 1_000;

const WEIGHTS = ['wAge', 'wDrive', 'wWait', 'wLate', 'wFair', 'wDec', 'wRet'] as const satisfies (keyof Weights)[];

/** Settings that a decision reads; what others do had been done when the snapshot was taken. Whole numbers. */
const SETTINGS = [
  'offerTtlS',
  'candidatesPerTask',
  'pickupLimitS',
  'positionMaxAgeS',
  'attemptsLimit',
  'h3Resolution',
  'solveBudget',
  'usualPayCentsPerMin',
  'etaCorrection',
] as const satisfies (keyof RegionSettings)[];

/** What `set` may name: what it was, and its inclusive bounds. */
export type Settable = {readonly name: string; readonly value: number; readonly low: number; readonly high: number};

export function settables({weights, settings}: Snapshot): Settable[] {
  return [
    ...WEIGHTS.map((name) => ({name: snake(name), value: weights[name], low: 0, high: WEIGHT_LIMIT})),
    ...SETTINGS.map((name) => {
      const [low, high] = SETTING_LIMITS[name];
      // A tick that was recorded before there was a setting went by what it starts from.
      return {name, value: settings[name] ?? STARTING_SETTINGS[name], low, high};
    }),
  ];
}

/** The snapshot as it would have been. InputFailure: WHAT_IF_UNKNOWN, WHAT_IF_INVALID. */
export function changed(snapshot: Snapshot, changes: Changes): Snapshot {
  const settled = correctedAsSet({...snapshot, ...withSet(snapshot, changes.set)}, changes.set.etaCorrection);
  const lawful = withoutRules(settled, changes.withoutRules);
  return withoutTasks(withDrivers(lawful, changes), changes.withoutTasks);
}

type Changing<T> = {-readonly [K in keyof T]: T[K]};

function withSet({weights, settings}: Snapshot, set: Changes['set']): Pick<Snapshot, 'weights' | 'settings'> {
  const changed: {weights: Changing<Weights>; settings: Changing<RegionSettings>} = {
    weights: {...weights},
    settings: {...settings},
  };
  for (const [name, value] of Object.entries(set)) {
    const camel = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const weight = WEIGHTS.find((each) => each === camel);
    const setting = SETTINGS.find((each) => each === name);
    if (weight === undefined && setting === undefined) {
      const known = [...WEIGHTS.map(snake), ...SETTINGS].join(', ');
      throw new InputFailure('WHAT_IF_UNKNOWN', `there is no ${name}; there are ${known}`);
    }
    const [low, high] = setting === undefined ? [0, WEIGHT_LIMIT] : SETTING_LIMITS[setting];
    if (!(value >= low && value <= high)) {
      throw new InputFailure('WHAT_IF_INVALID', `${name} is ${value}; allowed: ${low} to ${high}`);
    }
    if (setting !== undefined && !Number.isInteger(value)) {
      throw new InputFailure('WHAT_IF_INVALID', `${name} is ${value}; settings are whole numbers`);
    }
    if (weight !== undefined) changed.weights[weight] = value;
    else if (setting !== undefined) changed.settings[setting] = value;
  }
  return changed;
}

/** What was learned can be left out; it cannot be added, for it stands in a record only if the tick went by it. */
function correctedAsSet(snapshot: Snapshot, set: number | undefined): Snapshot {
  const {corrections, ...without} = snapshot;
  if (set === 0) return without;
  if (set !== undefined && (set !== 1 || !corrections)) {
    const why = set === 1 ? 'the tick was recorded without what had been learned of promises' : 'it is 0 or 1';
    throw new InputFailure('WHAT_IF_INVALID', `etaCorrection cannot be ${set}: ${why}`);
  }
  return snapshot;
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Columns by rule lose those of the rules that are left out. */
function withoutRules(snapshot: Snapshot, codes: readonly string[]): Snapshot {
  for (const code of codes)
    known(
      snapshot.rules.map((rule) => rule.code),
      code,
      'rule in force',
    );
  const left = (kind: string) => {
    const ofKind = snapshot.rules.filter(({predicate}) => predicate.kind === kind);
    return <T>(columns: readonly T[]) => columns.filter((_, nth) => !codes.includes(ofKind[nth].code));
  };
  const {drivers, rules} = snapshot;
  return {
    ...snapshot,
    rules: rules.filter(({code}) => !codes.includes(code)),
    drivers: {
      ...drivers,
      ofAgeFromMs: left('min-age')(drivers.ofAgeFromMs),
      documentUntilMs: left('document')(drivers.documentUntilMs),
    },
  };
}

/** A driver more is free, fresh and in order: id after all others, so that nobody else's index changes. */
function withDrivers(snapshot: Snapshot, {addDrivers, withoutDrivers}: Changes): Snapshot {
  const {drivers, atMs} = snapshot;
  for (const id of withoutDrivers) known(drivers.id, id, 'driver on shift');
  if (addDrivers.length > ADDED_DRIVERS_LIMIT) {
    throw new InputFailure('WHAT_IF_INVALID', `at most ${ADDED_DRIVERS_LIMIT} drivers can be added`);
  }
  const stays = drivers.id.map((id) => !withoutDrivers.includes(id));
  const column = <T>(values: readonly T[], added: (i: number) => T): T[] => [
    ...values.filter((_, d) => stays[d]),
    ...addDrivers.map((_, i) => added(i)),
  ];
  const always = atMs + 10 * 365 * 86_400_000;
  const next: SnapshotDrivers = {
    id: column(drivers.id, addedId),
    latE7: column(drivers.latE7, (i) => addDrivers[i].latE7),
    lonE7: column(drivers.lonE7, (i) => addDrivers[i].lonE7),
    recordedAtMs: column(drivers.recordedAtMs, () => atMs),
    capacity: column(drivers.capacity, () => 1),
    openOffers: column(drivers.openOffers, () => 0),
    activeTasks: column(drivers.activeTasks, () => 0),
    optedIn: column(drivers.optedIn, () => 1),
    heldUnits: column(drivers.heldUnits, () => 0),
    heldCents: column(drivers.heldCents, () => 0),
    heldStores: column(drivers.heldStores, () => []),
    ofAgeFromMs: drivers.ofAgeFromMs.map((values) => column(values, () => 0)),
    documentUntilMs: drivers.documentUntilMs.map((values) => column(values, () => always)),
    offers: column(drivers.offers, () => 0),
    accepted: column(drivers.accepted, () => 0),
    declines30m: column(drivers.declines30m, () => 0),
    paidMin2h: column(drivers.paidMin2h, () => 0),
  };
  const index = indices(stays);
  return {
    ...snapshot,
    drivers: next,
    ...declinedOf(
      snapshot,
      (_, driver) => stays[driver],
      (t) => t,
      (d) => index[d],
    ),
  };
}

function withoutTasks(snapshot: Snapshot, ids: readonly string[]): Snapshot {
  if (ids.length === 0) return snapshot;
  const {tasks} = snapshot;
  for (const id of ids) known(tasks.id, id, 'waiting task');
  const stays = tasks.id.map((id) => !ids.includes(id));
  const index = indices(stays);
  const kept = Object.fromEntries(
    Object.entries(tasks).map(([name, column]) => [name, (column as unknown[]).filter((_, t) => stays[t])]),
  );
  const {corrections} = snapshot;
  return {
    ...snapshot,
    ...(corrections && {corrections: {...corrections, dropMs: corrections.dropMs.filter((_, t) => stays[t])}}),
    tasks: kept as Snapshot['tasks'],
    ...declinedOf(
      snapshot,
      (task) => stays[task],
      (t) => index[t],
      (d) => d,
    ),
  };
}

/** Of the i-th driver who is added. */
export const addedId = (i: number): string => `ffffffff-ffff-8fff-bfff-${i.toString(16).padStart(12, '0')}`;

/** By entry: how many before it stay. */
function indices(stays: readonly boolean[]): number[] {
  let next = 0;
  return stays.map((stay) => (stay ? next++ : -1));
}

function declinedOf(
  {declinedTask, declinedDriver}: Snapshot,
  stays: (task: number, driver: number) => boolean,
  taskTo: (task: number) => number,
  driverTo: (driver: number) => number,
): Pick<Snapshot, 'declinedTask' | 'declinedDriver'> {
  const kept = declinedTask.map((task, i) => [task, declinedDriver[i]]).filter(([task, driver]) => stays(task, driver));
  return {
    declinedTask: kept.map(([task]) => taskTo(task)),
    declinedDriver: kept.map(([, driver]) => driverTo(driver)),
  };
}

function known(ids: readonly string[], id: string, what: string): void {
  if (!ids.includes(id)) throw new InputFailure('WHAT_IF_UNKNOWN', `the tick knew no ${what} ${id}`);
}
