// The rules as a lawyer would read them, one pair at a time, from the rows of the database: written from their
// sentences, and sharing no code with either side that judges.

import type {Database} from '../../src/db/connect.ts';
import type {RegionSettings} from '../../src/domain/region.ts';
import type {Area, Position, RulePredicate} from '../../src/domain/rule.ts';
import type {WeeklyHours} from '../../src/domain/store.ts';
import {isOpen, ofAgeFromMs} from './local-time.ts';

type Version = {code: string; from_ms: number; until_ms: number | null; predicate: RulePredicate};
type Store = {id: string; hours: WeeklyHours | null; permit_ms: number | null};
type Driver = {id: string; born_on: string; opted_in: boolean};
type Document = {
  driver_id: string;
  kind: string;
  use: string;
  from_ms: number;
  until_ms: number;
  checked_ms: number;
  revoked: boolean;
};
type Task = {
  id: string;
  store_id: string;
  driver_id: string | null;
  status: string;
  category: string;
  units: number;
  value_cents: number;
  drop_lat_e7: number;
  drop_lon_e7: number;
  age_check_ms: number | null;
};

export type Facts = {
  readonly nowMs: number;
  readonly time_zone: string;
  readonly settings: RegionSettings;
  readonly killed: string[];
  readonly rules: Version[];
  readonly stores: Store[];
  readonly drivers: Driver[];
  readonly documents: Document[];
  readonly tasks: Task[];
};

export type Pair = {
  readonly taskId: string;
  readonly driverId: string;
  readonly dropAtMs: number;
  readonly neededUntilMs: number;
};

export async function readFacts(db: Database, regionId: string, nowMs: number): Promise<Facts> {
  const of = (table: string, columns: string) =>
    `(select coalesce(json_agg(row), '[]') from (select ${columns} from ${table} where region_id = $1) row)`;
  const text = `
    select json_build_object('time_zone', time_zone, 'settings', settings,
      'killed', array(select category from kill_switches where region_id = $1 and until is null),
      'rules', ${of('rules', 'code, epoch_ms(valid_from) as from_ms, epoch_ms(valid_until) as until_ms, predicate')},
      'stores', ${of('stores', 'id, hours, epoch_ms(permit_until) as permit_ms')},
      'drivers', ${of('drivers', 'id, born_on, opted_in')},
      'documents', ${of(
        'driver_documents',
        `driver_id, kind, use, epoch_ms(valid_from) as from_ms, epoch_ms(valid_until) as until_ms,
         epoch_ms(checked_at) as checked_ms, revoked`,
      )},
      'tasks', ${of('delivery_tasks', '*, epoch_ms(age_check_until) as age_check_ms')}) as facts
    from regions where region_id = $1`;
  const [{facts}] = await db.query<{facts: Omit<Facts, 'nowMs'>}>({name: 'facts', text}, [regionId]);
  return {...facts, nowMs};
}

/** Codes of the rules that an offer of this pair would break now, ascending. */
export function brokenBy(facts: Facts, pair: Pair): string[] {
  return facts.rules
    .filter(({from_ms, until_ms}) => from_ms <= facts.nowMs && (until_ms === null || facts.nowMs < until_ms))
    .filter(({predicate}) => !isKept(facts, pair, predicate))
    .map(({code}) => code)
    .sort();
}

const DAY_MS = 86_400_000;
const STEP_MS = 300_000;

function isKept(facts: Facts, {taskId, driverId, dropAtMs, neededUntilMs}: Pair, rule: RulePredicate): boolean {
  const {nowMs, settings, time_zone: zone} = facts;
  const task = facts.tasks.find(({id}) => id === taskId)!;
  const driver = facts.drivers.find(({id}) => id === driverId)!;
  const store = facts.stores.find(({id}) => id === task.store_id)!;
  // What is late already cannot happen before now.
  const dropMs = Math.max(dropAtMs, nowMs);
  const endMs = Math.max(neededUntilMs, nowMs);
  /** Holds now, and up to another instant. */
  const lasts = (untilMs: number | null, throughMs: number) =>
    untilMs !== null && untilMs > nowMs && untilMs >= throughMs;
  switch (rule.kind) {
    case 'opted-in':
      return driver.opted_in;
    case 'min-age':
      return ofAgeFromMs(driver.born_on, rule.years, zone) <= nowMs;
    case 'document': {
      const maxAgeMs = rule.maxAgeDays === undefined ? settings.documentCheckMaxAgeS * 1_000 : rule.maxAgeDays * DAY_MS;
      return facts.documents.some(
        (d) =>
          d.driver_id === driverId &&
          d.kind === rule.document &&
          (rule.use === undefined || d.use === rule.use) &&
          !d.revoked &&
          d.from_ms <= nowMs &&
          lasts(d.until_ms, endMs) &&
          lasts(d.checked_ms + maxAgeMs, endMs),
      );
    }
    case 'age-check':
      return lasts(task.age_check_ms, dropMs);
    case 'kill-switch':
      return !facts.killed.includes('*') && !facts.killed.includes(task.category);
    case 'store-permit':
      return lasts(store.permit_ms, endMs);
    case 'store-open-through-return': {
      if (store.hours === null) return true;
      if (!isOpen(store.hours, zone, nowMs)) return false;
      for (let ms = nowMs - (nowMs % STEP_MS) + STEP_MS; ms < endMs; ms += STEP_MS) {
        if (!isOpen(store.hours, zone, ms)) return false;
      }
      return true;
    }
    case 'possession': {
      const held = facts.tasks.filter(
        ({driver_id, status}) => driver_id === driverId && ['ASSIGNED', 'PICKED_UP', 'RETURNING'].includes(status),
      );
      const together = [...held, task];
      const units = together.reduce((sum, {units}) => sum + units, 0);
      const cents = together.reduce((sum, {value_cents}) => sum + value_cents, 0);
      const stores = new Set(together.map(({store_id}) => store_id));
      return (
        units <= (rule.units ?? settings.carryLimitUnits) &&
        cents <= (rule.valueCents ?? settings.carryLimitCents) &&
        (!rule.oneStoreAtATime || stores.size === 1)
      );
    }
    case 'sale-hours':
      if (rule.categories && !rule.categories.includes(task.category)) return true;
      if (rule.area && !covers(rule.area, task.drop_lon_e7, task.drop_lat_e7)) return true;
      return isOpen(rule.hours, zone, dropMs);
    case 'no-sale-area':
      if (rule.categories && !rule.categories.includes(task.category)) return true;
      return !covers(rule.area, task.drop_lon_e7, task.drop_lat_e7);
    default:
      return rule satisfies never;
  }
}

export function covers(area: Area, lonE7: number, latE7: number): boolean {
  const polygons = area.type === 'Polygon' ? [area.coordinates] : area.coordinates;
  return polygons.some((rings) => {
    const edges = rings.flatMap((ring) => ring.slice(1).map((end, i) => [bigs(ring[i]), bigs(end)] as const));
    const at = [BigInt(lonE7), BigInt(latE7)] as const;
    if (edges.some(([a, b]) => isOn(at, a, b))) return true;
    return edges.filter(([a, b]) => isCrossed(at, a, b)).length % 2 === 1;
  });
}

type Big = readonly [bigint, bigint];
const bigs = ([lon, lat]: Position): Big => [BigInt(Math.round(lon * 1e7)), BigInt(Math.round(lat * 1e7))];
/** Twice the area of the triangle, signed. */
const turn = (a: Big, b: Big, c: Big): bigint => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
const between = (x: bigint, a: bigint, b: bigint) => (a <= x && x <= b) || (b <= x && x <= a);
const isOn = (p: Big, a: Big, b: Big) => turn(a, b, p) === 0n && between(p[0], a[0], b[0]) && between(p[1], a[1], b[1]);
/** By the ray to the west: an edge counts where it leaves or enters the half-plane above the point on that side. */
const isCrossed = (p: Big, a: Big, b: Big): boolean => {
  if (a[1] > p[1] === b[1] > p[1]) return false;
  const [low, high] = a[1] < b[1] ? [a, b] : [b, a];
  return turn(low, high, p) < 0n;
};
