// Snapshots for tests: a small market where everyone is eligible, to be changed one field at a time.
import {DOCUMENT_KINDS} from '../../src/domain/document.ts';
import {randomStream} from '../../src/domain/random.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import {startingRules} from './starting-rules.ts';

export const NOW_MS = Date.UTC(2026, 5, 1, 18);
const YEAR_MS = 365 * 86_400_000;

const padId = (kind: string, i: number): string => `${kind}-${String(i).padStart(6, '0')}`;

/** Drivers, stores and tasks spread over about 10 km by a seed; all of them eligible. */
export function market(seed: number, counts: {drivers: number; stores: number; tasks: number}): Snapshot {
  const random = randomStream(seed, 'market');
  const column = <T>(length: number, make: (i: number) => T): T[] => Array.from({length}, (_, i) => make(i));
  const latE7 = () => Math.round((57.7 + 0.1 * (random() - 0.5)) * 1e7);
  const lonE7 = () => Math.round((11.97 + 0.2 * (random() - 0.5)) * 1e7);
  const {drivers: d, stores: s, tasks: t} = counts;
  return {
    regionId: 'test',
    atMs: NOW_MS,
    graph: 'test',
    settings: STARTING_SETTINGS,
    weights: STARTING_WEIGHTS,
    rules: startingRules(STARTING_SETTINGS),
    killed: [],
    medianPaidMin2h: 40,
    failedHandoverRate: 0.05,
    drivers: {
      id: column(d, (i) => padId('driver', i)),
      latE7: column(d, latE7),
      lonE7: column(d, lonE7),
      recordedAtMs: column(d, () => NOW_MS - 1_000),
      capacity: column(d, () => 1),
      openOffers: column(d, () => 0),
      activeTasks: column(d, () => 0),
      optedIn: column(d, () => 1),
      heldUnits: column(d, () => 0),
      heldCents: column(d, () => 0),
      heldStores: column(d, () => []),
      ofAgeFromMs: [column(d, () => NOW_MS - YEAR_MS)],
      documentUntilMs: DOCUMENT_KINDS.map(() => column(d, () => NOW_MS + YEAR_MS)),
      offers: column(d, () => Math.floor(random() * 50)),
      accepted: column(d, () => 0),
      declines30m: column(d, () => Math.floor(random() * 3)),
      paidMin2h: column(d, () => random() * 120),
    },
    stores: {
      id: column(s, (i) => padId('store', i)),
      latE7: column(s, latE7),
      lonE7: column(s, lonE7),
      permitUntilMs: column(s, () => NOW_MS + YEAR_MS),
      closesAtMs: column(s, () => null),
    },
    tasks: {
      id: column(t, (i) => padId('task', i)),
      store: column(t, () => Math.floor(random() * s)),
      dropLatE7: column(t, latE7),
      dropLonE7: column(t, lonE7),
      createdAtMs: column(t, () => NOW_MS - 120_000),
      readyAtMs: column(t, () => NOW_MS - 60_000 + Math.floor(random() * 300_000)),
      dueAtMs: column(t, () => NOW_MS + 1_800_000),
      latestAtMs: column(t, () => NOW_MS + 5_400_000),
      valueCents: column(t, () => 4_000),
      units: column(t, () => 2),
      payCents: column(t, () => 700),
      attempts: column(t, () => 0),
      category: column(t, () => 'vapes'),
      ageCheckUntilMs: column(t, () => NOW_MS + 86_400_000),
    },
    declinedTask: [],
    declinedDriver: [],
  };
}

/** The snapshot with something learned of every store and drop: later mostly, sooner at times. */
export function corrected(snapshot: Snapshot, seed: number): Snapshot {
  const random = randomStream(seed, 'corrections');
  const whole = (low: number, high: number) => Math.floor(low + random() * (high - low));
  const dropMs = snapshot.tasks.id.map(() => {
    const fromMs = whole(-300_000, 300_000);
    return Array.from({length: 5}, () => fromMs + whole(0, 600_000)).sort((a, b) => a - b);
  });
  const pickupMs = snapshot.stores.id.map(() => whole(-120_000, 300_000));
  return {...snapshot, settings: {...snapshot.settings, etaCorrection: 1}, corrections: {pickupMs, dropMs}};
}

/** The snapshot with one entry of one column replaced. */
export function having<Side extends 'drivers' | 'stores' | 'tasks', Column extends keyof Snapshot[Side]>(
  snapshot: Snapshot,
  side: Side,
  column: Column,
  index: number,
  value: unknown,
): Snapshot {
  const changed = [...(snapshot[side][column] as unknown[])];
  changed[index] = value;
  return {...snapshot, [side]: {...snapshot[side], [column]: changed}};
}
