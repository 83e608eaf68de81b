import {expect, test} from 'vitest';
import {decide} from '../../src/dispatch/decision.ts';
import {decisionHash} from '../../src/dispatch/record.ts';
import {type Changes, changed} from '../../src/dispatch/what-if/changes.ts';
import {difference} from '../../src/dispatch/what-if/difference.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import {fakeWorld} from '../support/fake-world.ts';
import {having, market} from '../support/snapshot.ts';

const NOTHING: Changes = {set: {}, addDrivers: [], withoutDrivers: [], withoutTasks: [], withoutRules: []};
const decided = (snapshot: Snapshot) => decide(fakeWorld(snapshot));
const hashOf = ({proposals, solution}: Awaited<ReturnType<typeof decided>>) => decisionHash(proposals, solution);

/** Fewer drivers than tasks, with declines between them. */
function scarce(seed: number): Snapshot {
  const snapshot = market(seed, {drivers: 20, stores: 4, tasks: 30});
  return {...snapshot, declinedTask: [0, 3, 3, 9], declinedDriver: [4, 2, 11, 19]};
}

async function compared(snapshot: Snapshot, changes: Partial<Changes>) {
  const [before, after] = await Promise.all([decided(snapshot), decided(changed(snapshot, {...NOTHING, ...changes}))]);
  return {before, after, told: difference(before, after)};
}

test('without a change it is the replay, bit for bit', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const snapshot = scarce(seed);
    expect(changed(snapshot, NOTHING)).toEqual(snapshot);
    const {before, after, told} = await compared(snapshot, {});
    expect(hashOf(after)).toBe(hashOf(before));
    expect(told.moved).toEqual([]);
  }
});

test('a driver more serves a task more, and nobody is worse off by it', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const snapshot = scarce(seed);
    const at = {lonE7: snapshot.stores.lonE7[0], latE7: snapshot.stores.latE7[0]};
    const {before, after, told} = await compared(snapshot, {addDrivers: [at, at]});
    expect(after.solution.totalMs).toBeLessThanOrEqual(before.solution.totalMs);
    expect(told.after.proposed).toBe(told.before.proposed + 2);
    expect(told.moved.filter(({toDriverId}) => toDriverId?.startsWith('ffffffff'))).toHaveLength(2);
  }
});

test('without a driver or a task the others are decided as if they had never been', async () => {
  const snapshot = scarce(3);
  const gone = {withoutDrivers: ['driver-000002', 'driver-000019'], withoutTasks: ['task-000003']};
  const {after} = await compared(snapshot, gone);
  const kept = after.snapshot;
  expect([kept.drivers.id.length, kept.tasks.id.length]).toEqual([18, 29]);
  const pairs = kept.declinedTask.map((task, i) => [kept.tasks.id[task], kept.drivers.id[kept.declinedDriver[i]]]);
  expect(pairs).toEqual([['task-000000', 'driver-000004']]);
  for (const column of Object.values(kept.tasks)) expect(column).toHaveLength(29);
  for (const {driverId, taskId} of after.proposals) {
    expect([...gone.withoutDrivers, ...gone.withoutTasks]).not.toContain(driverId);
    expect(gone.withoutTasks).not.toContain(taskId);
  }
});

test('without a rule whoever broke only that one takes part, and the others are judged as before', async () => {
  const snapshot = market(2, {drivers: 6, stores: 2, tasks: 4});
  const documents = snapshot.rules.filter(({predicate}) => predicate.kind === 'document');
  for (const [nth, {code}] of documents.entries()) {
    const lacking = having(
      snapshot,
      'drivers',
      'documentUntilMs',
      nth,
      snapshot.drivers.id.map(() => 0),
    );
    const other = having(lacking, 'drivers', 'optedIn', 5, 0);
    const {before, after} = await compared(other, {withoutRules: [code]});
    expect(before.eligible.drivers).toHaveLength(0);
    expect([...after.eligible.drivers], code).toEqual([0, 1, 2, 3, 4]);
  }
});

test('weights and settings change what is chosen; costs are told by those of then', async () => {
  const snapshot = scarce(5);
  const {before, after, told} = await compared(snapshot, {set: {w_wait: 3, wDec: 0, candidatesPerTask: 3}});
  expect(after.snapshot.weights).toMatchObject({wWait: 3, wDec: 0, wAge: before.snapshot.weights.wAge});
  expect(after.snapshot.settings.candidatesPerTask).toBe(3);
  expect(told.before.costMs).toBe(before.solution.totalMs - unassignedMs(before));
  expect(told.after.costMs).not.toBe(after.solution.totalMs - unassignedMs(after));
});

test('told by one measure, no other prices, weights or patience make the pairs of then cheaper', async () => {
  for (let seed = 0; seed < 6; seed++) {
    // Everybody is served by somebody in either decision, by one of the same pairs.
    const snapshot = market(seed, {drivers: 30, stores: 4, tasks: 12});
    for (const set of [
      {usualPayCentsPerMin: 1},
      {usualPayCentsPerMin: 1_000},
      {offerTtlS: 600, w_dec: 40},
      {w_drive: 9, w_late: 0},
    ]) {
      const {told} = await compared(snapshot, {set});
      expect(told.after.proposed).toBe(told.before.proposed);
      expect(told.after.costMs, JSON.stringify([seed, set])).toBeGreaterThanOrEqual(told.before.costMs);
      if (told.moved.length === 0) expect(told.after).toEqual(told.before);
    }
  }
});

const unassignedMs = ({assigned, solution}: Awaited<ReturnType<typeof decided>>) =>
  assigned.problem.unassignedMs.reduce((sum, ms, t) => sum + (solution.driverOf[t] < 0 ? ms : 0), 0);

test.each<[string, Partial<Changes>, string]>([
  ['a name that is none', {set: {w_agee: 1}}, 'WHAT_IF_UNKNOWN'],
  ['a setting that no decision reads', {set: {retentionDays: 100}}, 'WHAT_IF_UNKNOWN'],
  ['a weight below 0', {set: {w_age: -1}}, 'WHAT_IF_INVALID'],
  ['no number', {set: {w_age: Number.NaN}}, 'WHAT_IF_INVALID'],
  ['a setting beyond its bounds', {set: {candidatesPerTask: 65}}, 'WHAT_IF_INVALID'],
  ['a driver that was not on shift', {withoutDrivers: ['nobody']}, 'WHAT_IF_UNKNOWN'],
  ['a task that did not wait', {withoutTasks: ['nothing']}, 'WHAT_IF_UNKNOWN'],
  ['a rule that was not in force', {withoutRules: ['NONE']}, 'WHAT_IF_UNKNOWN'],
  ['too many drivers', {addDrivers: Array.from({length: 1_001}, () => ({lonE7: 0, latE7: 0}))}, 'WHAT_IF_INVALID'],
])('%s is refused', (_, changes, code) => {
  expect(() => changed(scarce(1), {...NOTHING, ...changes})).toThrow(expect.objectContaining({code}));
});
