import {zstdCompressSync} from 'node:zlib';
import {expect, test} from 'vitest';
import {decisionHash, snapshotHash, unpackPayload} from '../../src/dispatch/record.ts';
import {type Ticked, tick} from '../../src/dispatch/tick.ts';
import {STARTING_SETTINGS} from '../../src/domain/region.ts';
import type {Polygons} from '../../src/domain/rule.ts';
import {fakeWorld} from '../support/fake-world.ts';
import {having, market} from '../support/snapshot.ts';

const request = {id: '01890000-0000-7000-8000-000000000001', trigger: 'loop', dryRun: false} as const;

async function ticked(...world: Parameters<typeof fakeWorld>) {
  const fake = fakeWorld(...world);
  return {...((await tick(fake, request)) as Ticked), fake};
}

test('a tick proposes at most one task per driver and one driver per task, proven optimal', async () => {
  const settings = {...STARTING_SETTINGS, candidatesPerTask: 64};
  const roomy = {...market(7, {drivers: 120, stores: 12, tasks: 80}), settings};
  const {header, proposals, flaw, fake} = await ticked(roomy);
  expect(flaw).toBeUndefined();
  expect(header.solve).toMatchObject({kind: 'optimal', certified: true});
  expect(header.solve.boundMs).toBe(header.solve.totalMs);
  expect(proposals).toHaveLength(80);
  expect(new Set(proposals.map((p) => p.driverId)).size).toBe(80);
  expect(fake.committed).toEqual([proposals]);
});

test('with fewer drivers than tasks every driver is used, and the rest of the tasks wait', async () => {
  const {header, proposals} = await ticked(market(8, {drivers: 30, stores: 6, tasks: 90}));
  expect(proposals).toHaveLength(30);
  expect(header.counts).toMatchObject({drivers: 30, tasks: 90, proposed: 30, landed: 30});
});

test('the same answers from the world give the same record, bit for bit', async () => {
  const snapshot = market(9, {drivers: 200, stores: 20, tasks: 150});
  const [a, b] = [await ticked(snapshot), await ticked(JSON.parse(JSON.stringify(snapshot)))];
  expect(a.header).toEqual(b.header);
  expect(a.fake.records[0].payload).toEqual(b.fake.records[0].payload);
  expect(a.header.decisionHash).not.toBe(
    (await ticked(market(10, {drivers: 9, stores: 2, tasks: 9}))).header.decisionHash,
  );
});

test('the payload of a record is the snapshot that was hashed', async () => {
  const snapshot = market(11, {drivers: 10, stores: 3, tasks: 5});
  const {header, fake} = await ticked(snapshot);
  const {snapshot: stored} = unpackPayload(fake.records[0].payload);
  expect(stored).toEqual(snapshot);
  expect(snapshotHash(stored)).toBe(header.snapshotHash);
});

test('the rules of then stand in the record, and a replay decides by them', async () => {
  const snapshot = market(11, {drivers: 10, stores: 3, tasks: 5});
  const [lonE7, latE7] = [snapshot.tasks.dropLonE7[2], snapshot.tasks.dropLatE7[2]];
  const corner: [number, number] = [lonE7, latE7];
  const dry = {
    ...snapshot.rules[0],
    code: 'DRY',
    predicate: {
      kind: 'no-sale-area' as const,
      polygons: [[[corner, [lonE7 + 9, latE7], [lonE7, latE7 + 9], corner]]] as Polygons,
    },
  };
  const first = await ticked({...snapshot, rules: [...snapshot.rules, dry]});
  expect(first.proposals.map((p) => p.taskId)).toEqual(snapshot.tasks.id.toSpliced(2, 1));
  const again = await ticked(unpackPayload(first.fake.records[0].payload).snapshot);
  expect(again.header.decisionHash).toBe(first.header.decisionHash);
  expect((await ticked(snapshot)).header.decisionHash).not.toBe(first.header.decisionHash);
});

test('a driver who declined a task is not asked for it again, but for another', async () => {
  const snapshot = market(12, {drivers: 1, stores: 1, tasks: 2});
  const {proposals: first} = await ticked(snapshot);
  const declinedTask = snapshot.tasks.id.indexOf(first[0].taskId);
  const {proposals} = await ticked({...snapshot, declinedTask: [declinedTask], declinedDriver: [0]});
  expect(proposals.map((p) => p.taskId)).toEqual([snapshot.tasks.id[1 - declinedTask]]);
});

test('ineligible drivers and unreachable drops are left out', async () => {
  const busy = having(market(13, {drivers: 2, stores: 1, tasks: 2}), 'drivers', 'activeTasks', 0, 1);
  const {proposals} = await ticked(busy);
  expect(proposals.map((p) => p.driverId)).toEqual([busy.drivers.id[1]]);
  const far = having(market(13, {drivers: 2, stores: 1, tasks: 1}), 'tasks', 'dropLatE7', 0, 600_000_000);
  expect((await ticked(far)).proposals).toEqual([]);
});

test('an answer that fails its check is reported and offers nothing', async () => {
  const snapshot = market(14, {drivers: 5, stores: 2, tasks: 3});
  const honest = fakeWorld(snapshot);
  const {flaw, proposals, header, fake} = await ticked(snapshot, {
    solve: async (problem, budget) => {
      const solution = await honest.solve(problem, budget);
      return {...solution, driverOf: solution.driverOf.map(() => 0)};
    },
  });
  expect(flaw).toBeDefined();
  expect(header.solve.certified).toBe(false);
  expect(proposals).toEqual([]);
  expect(fake.committed).toEqual([[]]);
});

test('a dry run decides and commits nothing', async () => {
  const fake = fakeWorld(market(15, {drivers: 5, stores: 2, tasks: 3}));
  const outcome = (await tick(fake, {...request, dryRun: true})) as Ticked;
  expect(outcome.proposals).toHaveLength(3);
  expect(outcome.recorded).toBe(false);
  expect([fake.committed, fake.records]).toEqual([[], []]);
});

test('a fenced commit ends the tick without a record', async () => {
  const fake = fakeWorld(market(16, {drivers: 5, stores: 2, tasks: 3}), {openOffers: async () => ({kind: 'fenced'})});
  expect(await tick(fake, request)).toEqual({kind: 'fenced'});
  expect(fake.records).toEqual([]);
});

test('an empty region ticks', async () => {
  const {header, proposals} = await ticked(market(17, {drivers: 0, stores: 0, tasks: 0}));
  expect(proposals).toEqual([]);
  expect(header.solve).toMatchObject({certified: true, totalMs: 0});
});

test('the decision hash covers who, when and at what cost', async () => {
  const {proposals} = await ticked(market(18, {drivers: 5, stores: 2, tasks: 3}));
  const solution = {kind: 'optimal', totalMs: 1, boundMs: 1} as Parameters<typeof decisionHash>[1];
  const hash = decisionHash(proposals, solution);
  const [first, ...rest] = proposals;
  expect(decisionHash([{...first, driverId: 'another'}, ...rest], solution)).not.toBe(hash);
  expect(decisionHash([{...first, features: {...first.features, costMs: 1}}, ...rest], solution)).not.toBe(hash);
  expect(decisionHash(proposals, {...solution, totalMs: 2})).not.toBe(hash);
});

test('a payload of another version is refused by name, not as a defect', () => {
  const old = zstdCompressSync(JSON.stringify({version: 1, snapshot: {}}));
  expect(() => unpackPayload(old)).toThrow(expect.objectContaining({code: 'PAYLOAD_VERSION'}));
});
