import {expect, test} from 'vitest';
import type {ExplainPort} from '../../src/api/world.ts';
import type {Database} from '../../src/db/connect.ts';
import {decide} from '../../src/dispatch/decision.ts';
import {explainer} from '../../src/dispatch/explain/explain.ts';
import type {ProposalFate} from '../../src/domain/offer.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import {fakeWorld as tickWorld} from '../support/fake-world.ts';
import {having, market} from '../support/snapshot.ts';
import {databaseGone, fakeServer, REGION, TICK_ID} from './world.ts';

const idOf = (kind: 'driver' | 'task', i: number) =>
  `${kind === 'task' ? 1 : 2}0000000-0000-7000-8000-${String(i).padStart(12, '0')}`;

/** Twice as many tasks as drivers, under ids as the wire has them. */
function busy(): Snapshot {
  const snapshot = market(5, {drivers: 8, stores: 2, tasks: 16});
  const drivers = {...snapshot.drivers, id: snapshot.drivers.id.map((_, i) => idOf('driver', i))};
  const tasks = {...snapshot.tasks, id: snapshot.tasks.id.map((_, i) => idOf('task', i))};
  return having({...snapshot, regionId: REGION, drivers, tasks}, 'drivers', 'optedIn', 7, 0);
}

async function serving(snapshot: Snapshot, fate?: ProposalFate) {
  const world = tickWorld(snapshot);
  const decision = await decide(world);
  const asking: ExplainPort = {
    ask: async (_regionId, _tickId, use) => ({
      kind: 'answered',
      answer: await use(decision, explainer(decision, world), (other) => decide(tickWorld(other))),
    }),
  };
  const db: Database = {...databaseGone, query: async () => (fate ? [fate] : []) as never};
  const app = fakeServer(db, {explaining: asking});
  const explain = async (query: Record<string, string | number>) => {
    const answer = await app.inject({url: '/internal/dispatch/explain', query: {tick: TICK_ID, ...query} as never});
    return {status: answer.statusCode, body: answer.json()};
  };
  return {decision, explain};
}

test('of a pair: who was chosen and what it was worth, who was beaten and by how much', async () => {
  const fate = {driverId: idOf('driver', 0), offerId: TICK_ID, refusal: null, atMs: 1_780_000_000_000, lastEvent: null};
  const {decision, explain} = await serving(busy(), fate);
  const kinds = new Set<string>();
  for (const task of decision.snapshot.tasks.id) {
    for (const driver of decision.snapshot.drivers.id) {
      const {status, body} = await explain({task, driver});
      expect([status, body.tickId, body.regionId]).toEqual([200, TICK_ID, REGION]);
      expect(body.sentences.length).toBeGreaterThan(0);
      kinds.add(body.kind);
      if (body.kind === 'ineligible') expect(body.reasons[0]).toMatchObject({code: 'DRIVER_NOT_OPTED_IN'});
      if (body.kind === 'not-chosen') {
        expect(body.regret).toMatchObject({kind: 'exact', ms: expect.any(Number)});
        expect(body.sentences[0]).toMatch(/^The task went to (driver .*|nobody)\. Forcing this driver would have/);
      }
      if (body.kind === 'chosen') {
        expect(body.fate).toMatchObject({offerId: TICK_ID, refusal: null});
        expect(body.sentences.join(' ')).toContain('Without this driver it would go to');
      }
    }
  }
  expect([...kinds].sort()).toEqual(['chosen', 'ineligible', 'not-chosen']);
});

test('of a task: its best alternatives, and who took no part', async () => {
  const {decision, explain} = await serving(busy());
  const waiting = decision.snapshot.tasks.id.find((_, t) => decision.solution.driverOf[t] < 0)!;
  const {body} = await explain({task: waiting, alternatives: 3});
  expect(body).toMatchObject({kind: 'decided', chosenDriverId: null, candidates: 7, drivers: 8, unassigned: {ms: 0}});
  expect(body.ineligible).toEqual([expect.objectContaining({code: 'DRIVER_NOT_OPTED_IN', drivers: 1})]);
  const regrets = body.alternatives.map(({regretMs}: {regretMs: number}) => regretMs);
  expect(regrets).toHaveLength(3);
  expect(regrets).toEqual(regrets.toSorted((a: number, b: number) => a - b));
  expect(body.sentences[0]).toMatch(/^It was left waiting: its candidates were worth more elsewhere/);
});

test('a proposal that the commit refused is told with what it lost to', async () => {
  const snapshot = busy();
  const first = await serving(snapshot);
  const t = first.decision.solution.driverOf.findIndex((driver) => driver >= 0);
  const driver =
    first.decision.snapshot.drivers.id[first.decision.assigned.drivers[first.decision.solution.driverOf[t]]];
  const lastEvent = {kind: 'cancelled', actor: 'customer', atMs: snapshot.atMs};
  const fate = {driverId: driver, offerId: null, refusal: 'TASK_UNAVAILABLE', atMs: snapshot.atMs + 5, lastEvent};
  const {explain} = await serving(snapshot, fate);
  const {body} = await explain({task: snapshot.tasks.id[t], driver});
  expect(body).toMatchObject({kind: 'chosen', fate: {refusal: 'TASK_UNAVAILABLE', lastEvent: {kind: 'cancelled'}}});
  expect(body.sentences.at(-1)).toMatch(/refused it \(TASK_UNAVAILABLE\).*'cancelled' by customer/);
});

test.each([
  ['tick-not-found', 404, 'TICK_NOT_FOUND'],
  ['payload-dropped', 410, 'PAYLOAD_DROPPED'],
  ['epoch-passed', 409, 'EPOCH_PASSED'],
  ['decided-otherwise', 409, 'DECIDED_OTHERWISE'],
] as const)('what cannot be decided again is refused: %s', async (kind, status, code) => {
  const db: Database = {...databaseGone, query: async () => []};
  const app = fakeServer(db, {explaining: {ask: async (_regionId, id) => ({kind, id})}});
  const answer = await app.inject(`/internal/dispatch/explain?tick=${TICK_ID}&task=${TICK_ID}`);
  expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
});

test('a question without a tick or a task is malformed', async () => {
  const {explain} = await serving(busy());
  expect(await explain({})).toMatchObject({status: 400, body: {code: 'INVALID'}});
  expect(await explain({task: 'x'})).toMatchObject({status: 400, body: {code: 'INVALID'}});
});
