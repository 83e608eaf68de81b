// Whatever expires, changes or is switched off between solve and commit, no offer lands that breaks a rule; and the
// two sides that judge agree, with one another and with the law as a third reader finds it in the rows.

import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {putDocuments, upsertDrivers} from '../../src/db/drivers.ts';
import {putRegion, readRegion} from '../../src/db/regions.ts';
import {endRule, putRule, setKillSwitch} from '../../src/db/rules.ts';
import {readSnapshot} from '../../src/db/snapshot.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {createTasks} from '../../src/db/tasks.ts';
import {checksOf, DISPATCH_CHECKS} from '../../src/dispatch/eligibility.ts';
import {STARTING_RULE_CODES} from '../../src/domain/rule.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {brokenBy, type Pair, readFacts} from '../support/law.ts';
import {type Given, given, type Happening, happening} from './compliance-arbitrary.ts';
import * as market from './market.ts';
import {type Market, NOW_MS, newId, openMarket, proposalOf, propose, rows} from './market.ts';

const RUNS = process.env.CLOUDRUN_SOAK ? 1_000 : 70;
const LIMIT_MS = RUNS * 1_000;
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

type World = {readonly m: Market; readonly otherStore: string; readonly pairs: Pair[]; nowMs: number};

/** A market as it is given: each task with a driver of its own, some of whom hold goods of another task already. */
async function open({drivers, tasks, held, killed, rules, stores}: Given): Promise<World> {
  const m = await openMarket(database.db, {drivers: drivers.length, tasks: 0, capacity: 3});
  const {db, regionId} = m;
  const second = {...m.store, id: newId()};
  const storeIds = [m.store.id, second.id];
  await upsertStores(db, [m.store, second]);
  const holding = held.map((one) => market.taskOf(m, {id: newId(), ...one, storeId: storeIds[one.store]}));
  await createTasks(db, regionId, holding);
  for (const [i, {driver}] of held.entries()) {
    // Each driver is given one at most, so that no rule stands in its way.
    if (held.findIndex((other) => other.driver === driver) === i) {
      await market.bring(m, holding[i].id, m.drivers[driver], 'ASSIGNED');
    }
  }
  const made = tasks.map((one) => market.taskOf(m, {id: newId(), ...one, storeId: storeIds[one.store]}));
  await createTasks(db, regionId, made);
  await upsertStores(
    db,
    [m.store, second].map((store, i) => ({...store, ...stores[i]})),
  );
  await upsertDrivers(
    db,
    drivers.map((one, i) => market.driverOf(m, {id: m.drivers[i], capacity: 3, ...one.profile})),
  );
  const documents = drivers.flatMap((one, i) => one.documents.map((d) => ({driverId: m.drivers[i], ...d})));
  if (documents.length > 0) await putDocuments(db, regionId, documents);
  for (const [i, predicate] of rules.entries()) await putRule(db, regionId, ruleOf(i, predicate), 'test');
  if (killed !== null) await setKillSwitch(db, regionId, killed, true, 'test', 'test');
  const pairs = tasks.map(({dropAtMs, neededUntilMs}, i) => {
    return {taskId: made[i].id, driverId: m.drivers[i], dropAtMs, neededUntilMs};
  });
  return {m, otherStore: second.id, pairs, nowMs: NOW_MS};
}

const ruleOf = (i: number, predicate: Given['rules'][number]) => {
  return {code: `EXTRA_${i}`, sentence: `Extra ${i}.`, source: 'test', predicate, validFromMs: null};
};

/** Codes that the evaluators of the tick find, in canonical order, of each pair. */
async function judgedBefore({m, pairs}: World): Promise<string[][]> {
  const snapshot = (await readSnapshot(m.db, m.regionId))!;
  const rules = checksOf(snapshot).slice(DISPATCH_CHECKS.length);
  return pairs.map(({taskId, driverId, dropAtMs, neededUntilMs}) => {
    const task = snapshot.tasks.id.indexOf(taskId);
    const driver = snapshot.drivers.id.indexOf(driverId);
    const times = {pickupAtMs: NOW_MS, dropAtMs, backAtMs: neededUntilMs};
    return rules
      .filter((rule) => rule.driver?.(driver) || rule.task?.(task) || rule.pair?.(task, driver, times))
      .map(({code}) => code);
  });
}

/** The code that the commit would refuse each pair with, or null. */
async function judgedInside({m, pairs, nowMs}: World): Promise<(string | null)[]> {
  const judged = await rows<{refusal: string | null}>(
    m.db,
    `select refusal from json_to_recordset($2::json) as pair (n int, "taskId" uuid, "driverId" uuid, drop bigint,
       back bigint)
     cross join lateral judge_proposals($1, array["taskId"], array["driverId"], array[from_epoch_ms(drop)],
       array[from_epoch_ms(back)], array["taskId"], from_epoch_ms($3)) order by n`,
    [
      m.regionId,
      JSON.stringify(pairs.map((pair, n) => ({...pair, n, drop: pair.dropAtMs, back: pair.neededUntilMs}))),
      nowMs,
    ],
  );
  return judged.map(({refusal}) => refusal);
}

async function happen(world: World, event: Happening): Promise<unknown> {
  const {m, pairs} = world;
  const {db, regionId} = m;
  switch (event.kind) {
    case 'clock':
      world.nowMs += event.ms;
      return market.at(db, world.nowMs);
    case 'document':
      return putDocuments(db, regionId, [{driverId: m.drivers[event.driver], ...event.document}]);
    case 'profile':
      return upsertDrivers(db, [market.driverOf(m, {id: m.drivers[event.driver], capacity: 3, ...event.profile})]);
    case 'store':
      return upsertStores(db, [{...m.store, id: event.store === 0 ? m.store.id : world.otherStore, ...event.change}]);
    case 'switch':
      return setKillSwitch(db, regionId, event.category, true, 'test', 'test');
    case 'rule':
      return putRule(db, regionId, ruleOf(event.n, event.predicate), 'test');
    case 'end':
      // Another event may have ended it before.
      return endRule(db, regionId, STARTING_RULE_CODES[event.n], null, 'test').catch((error) =>
        expect(error).toMatchObject({code: 'RULE_UNKNOWN'}),
      );
    case 'age-check':
      return rows(
        db,
        'update delivery_tasks set age_check_until = from_epoch_ms($3) where region_id = $1 and id = $2',
        [regionId, pairs[event.task].taskId, event.untilMs],
      );
    case 'accepts': {
      // The driver takes a task that this solve knew nothing of.
      const id = newId();
      await createTasks(db, regionId, [{...market.taskOf(m, {id, ...event.goods}), storeId: world.otherStore}]);
      const driverId = m.drivers[event.driver];
      const lands = await propose(m, [proposalOf(id, driverId, world.nowMs + market.MINUTE_MS)]);
      return lands.landed.length > 0 && market.bringOn(m, id, driverId, ['accept']);
    }
    case 'region': {
      const region = (await readRegion(db, regionId))!;
      return putRegion(db, {...region, ...event.change, settings: {...region.settings, ...event.settings}});
    }
    default:
      return event satisfies never;
  }
}

test(
  'the tick, the commit and the law agree on every rule',
  async () => {
    const seen = new Map<string, number>();
    const property = fc.asyncProperty(given(5, 3), async (g) => {
      const world = await open(g);
      const facts = await readFacts(world.m.db, world.m.regionId, NOW_MS);
      const lawful = world.pairs.map((pair) => brokenBy(facts, pair));
      expect(await judgedBefore(world)).toEqual(lawful);
      expect(await judgedInside(world)).toEqual(lawful.map((codes) => codes[0] ?? null));
      for (const code of lawful.flat()) seen.set(code, (seen.get(code) ?? 0) + 1);
      seen.set('', (seen.get('') ?? 0) + lawful.filter((codes) => codes.length === 0).length);
    });
    await fc.assert(property, {numRuns: RUNS});
    // A rule that no case breaks would not have been tested.
    expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(['', ...STARTING_RULE_CODES, 'EXTRA_0']));
  },
  LIMIT_MS,
);

test(
  'whatever happens between solve and commit, what lands breaks no rule, and what is refused does',
  async () => {
    const outcomes = {landed: 0, refused: 0};
    const events = fc.array(happening, {minLength: 1, maxLength: 3});
    const property = fc.asyncProperty(given(30, 1), events, async (g, happenings) => {
      const world = await open(g);
      const solved = await judgedBefore(world);
      const chosen = world.pairs.filter((_, i) => solved[i].length === 0);
      for (const event of happenings) await happen(world, event);
      const committed = await propose(
        world.m,
        chosen.map((pair) => ({...proposalOf(pair.taskId, pair.driverId), ...pair})),
      );
      const facts = await readFacts(world.m.db, world.m.regionId, world.nowMs);
      const broken = new Map(chosen.map((pair) => [pair.taskId, brokenBy(facts, pair)]));
      for (const {taskId} of committed.landed) expect(broken.get(taskId)).toEqual([]);
      for (const {taskId, reason} of committed.refused) {
        if (!['TASK_LATE', 'DRIVER_FULL', 'DRIVER_UNAVAILABLE'].includes(reason)) {
          expect(broken.get(taskId)![0]).toBe(reason);
        }
      }
      outcomes.landed += committed.landed.length;
      outcomes.refused += committed.refused.length;
    });
    await fc.assert(property, {numRuns: RUNS});
    expect(Math.min(outcomes.landed, outcomes.refused)).toBeGreaterThan(RUNS / 10);
  },
  LIMIT_MS,
);
