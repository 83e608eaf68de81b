// What-if over HTTP on ticks that were recorded on another day, in a real database, decided on real roads.

import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {WHAT_IF_CHANGES_LIMIT} from '../../src/api/limits.ts';
import type {ExplainPort} from '../../src/api/world.ts';
import {readTickPayload, saveTick} from '../../src/db/ticks.ts';
import type {TickHeader} from '../../src/domain/tick-record.ts';
import {newId, rows} from '../db/market.ts';
import {openRecordedCity, type RecordedCity} from '../support/recorded-city.ts';
import {databaseGone, fakeDispatch, fakeServer, TICK_ID} from './world.ts';

const PATH = '/internal/dispatch/what-if';
let city: RecordedCity;
let app: FastifyInstance;
let address: string;
beforeAll(async () => {
  city = await openRecordedCity();
  app = fakeServer(city.db, {dispatch: fakeDispatch({regions: [city.regionId]}), explaining: city.explaining});
  address = await app.listen({host: '127.0.0.1', port: 0});
});
afterAll(async () => {
  await app?.close();
  await city?.close();
});

/** Over a socket: of a request that is put in by hand, nothing tells that its body has come to its end. */
async function whatIf(changes: object = {}, tick = city.headers[0]!.id) {
  const body = JSON.stringify({tick, ...changes});
  const headers = {'content-type': 'application/json'};
  const answer = await fetch(`${address}${PATH}`, {method: 'POST', headers, body});
  return {status: answer.status, body: JSON.parse(await answer.text())};
}

type Assigned = [task: number, driver: number, pickupMs: number, dropInMs: number];
type Places = {
  map: {drivers: [string][]; tasks: [string, number, number, number][]; stores: [string, number, number][]};
};

/** Who serves what, by the ids of the scene. */
const servedBy = ({map: {tasks, drivers}}: Places, assigned: Assigned[]): ReadonlyMap<string, string> =>
  new Map(assigned.map(([task, driver]) => [tasks[task]![0], drivers[driver]![0]]));

test('without a change it equals the replay, of every recorded tick, and tells what may be changed', async () => {
  for (const {id, atMs, counts} of city.headers) {
    const {status, body} = await whatIf({}, id);
    expect([status, body.tickId, Date.parse(body.at), body.same, body.moved]).toEqual([200, id, atMs, true, []]);
    expect(body.after).toEqual(body.before);
    expect(body.map.after).toEqual(body.map.before);
    expect(body.before).toMatchObject({tasks: counts.tasks, proposed: counts.proposed});
    expect(body.map.drivers).toHaveLength(counts.eligibleDrivers);
    expect(body.settables).toContainEqual({name: 'w_age', value: 2, low: 0, high: 1_000});
    expect(body.settables).toContainEqual({name: 'candidatesPerTask', value: 16, low: 1, high: 64});
    expect(body.rules).toContainEqual({code: 'STORE_CLOSED', sentence: expect.any(String)});
    // Down to the work of the solve: it starts from the same seed.
    const solved = await city.explaining.ask(city.regionId, id, async ({snapshot, solution}, _, decideOn) => {
      return [solution, (await decideOn(snapshot)).solution];
    });
    if (solved.kind !== 'answered') throw new Error(solved.kind);
    expect(solved.answer[1]).toEqual(solved.answer[0]);
  }
});

test('a driver more beside the store of a task that waits serves it, and the map tells of both sides', async () => {
  const {body: asItWas} = await whatIf();
  const {stores, tasks, before} = asItWas.map;
  const waiting = tasks[before.waiting[0]];
  const [, lon, lat] = stores[waiting[3]];
  const {body} = await whatIf({addDrivers: [[lon, lat]]});
  const [added] = body.addedDrivers;
  expect([body.same, body.after.proposed]).toEqual([false, asItWas.before.proposed + 1]);
  expect(body.before).toEqual(asItWas.before);
  expect(body.map.before).toEqual(before);

  const [was, is] = [servedBy(body, body.map.before.assigned), servedBy(body, body.map.after.assigned)];
  expect([...is.values()]).toContain(added);
  expect([...was.values()]).not.toContain(added);
  const differing = [...new Set([...was.keys(), ...is.keys()])].filter((id) => was.get(id) !== is.get(id)).sort();
  expect(body.moved).toEqual(
    differing.map((taskId) => {
      return {taskId, fromDriverId: was.get(taskId) ?? null, toDriverId: is.get(taskId) ?? null};
    }),
  );
  for (const side of [body.map.before, body.map.after]) {
    expect(side.assigned.length + side.waiting.length).toBe(tasks.length);
  }
  const [[task, driver, pickupMs, dropInMs]] = body.map.after.assigned.filter(
    ([, driver]: Assigned) => body.map.drivers[driver][0] === added,
  );
  // The store is where the driver stands; it is handed over there and at the door, two minutes each.
  expect([body.map.tasks[task][3], body.map.drivers[driver].slice(1)]).toEqual([waiting[3], [lon, lat]]);
  expect([pickupMs < 1_000, dropInMs > 120_000]).toEqual([true, true]);
});

test('weights, drivers, tasks and rules that are left out change the decision, not what was', async () => {
  const {body: asItWas} = await whatIf();
  const {tasks, drivers, before} = asItWas.map;
  const [[task, driver]] = before.assigned;
  const [taskId, driverId] = [tasks[task][0], drivers[driver][0]];
  const gone = await whatIf({withoutTasks: [taskId.toUpperCase()], withoutDrivers: [driverId.toUpperCase()]});
  const is = servedBy(gone.body, gone.body.map.after.assigned);
  expect([is.has(taskId), [...is.values()].includes(driverId)]).toEqual([false, false]);
  expect(gone.body.after.tasks).toBe(asItWas.before.tasks - 1);
  expect(gone.body.map.before).toEqual(before);

  const fewer = await whatIf({set: {candidatesPerTask: 1, w_dec: 3}});
  expect(fewer.body.after.proposed).toBeLessThan(asItWas.before.proposed);
  expect(fewer.body.settables).toEqual(asItWas.settables);

  const {body} = await whatIf({withoutRules: asItWas.rules.map(({code}: {code: string}) => code)});
  expect(body.rules).toEqual(asItWas.rules);
  expect(body.map.drivers.length).toBeGreaterThan(drivers.length);
});

/** One more than may be. */
const many = <T>(make: (i: number) => T): T[] => Array.from({length: WHAT_IF_CHANGES_LIMIT + 1}, (_, i) => make(i));

test.each([
  ['a name that is none', {set: {w_agee: 1}}, 422, 'WHAT_IF_UNKNOWN', /there is no w_agee; there are w_age, /],
  ['a driver who was not on shift', {withoutDrivers: [TICK_ID]}, 422, 'WHAT_IF_UNKNOWN', /knew no driver on shift/],
  ['a task that did not wait', {withoutTasks: [TICK_ID]}, 422, 'WHAT_IF_UNKNOWN', /knew no waiting task/],
  ['a rule that was not in force', {withoutRules: ['NONE']}, 422, 'WHAT_IF_UNKNOWN', /knew no rule in force NONE/],
  ['a value beyond its bounds', {set: {h3Resolution: 11}}, 422, 'WHAT_IF_INVALID', /11; allowed: 6 to 10/],
  ['half a candidate', {set: {candidatesPerTask: 2.5}}, 422, 'WHAT_IF_INVALID', /whole numbers/],
  ['no place', {addDrivers: [[200, 0]]}, 400, 'INVALID', /addDrivers/],
  ['a driver too many', {addDrivers: many(() => [12, 57])}, 400, 'INVALID', /addDrivers/],
  ['a value too many', {set: Object.fromEntries(many((i) => [`w_${i}`, 1]))}, 400, 'INVALID', /set/],
  ['without a driver too many', {withoutDrivers: many(() => TICK_ID)}, 400, 'INVALID', /withoutDrivers/],
  ['without a task too many', {withoutTasks: many(() => TICK_ID)}, 400, 'INVALID', /withoutTasks/],
  ['without a rule too many', {withoutRules: many(() => 'NONE')}, 400, 'INVALID', /withoutRules/],
  ['another region', {regionId: 'elsewhere'}, 404, 'REGION_UNKNOWN', /elsewhere/],
])('%s is refused', async (_, changes, status, code, detail) => {
  expect(await whatIf(changes)).toMatchObject({status, body: {code, detail: expect.stringMatching(detail)}});
});

test('of a tick that cannot be decided again as it was, nothing is said', async () => {
  const [header] = city.headers;
  const {db, regionId, fence} = city;
  const payload = (await readTickPayload(db, regionId, header!.id))!;
  const save = async (changes: Partial<TickHeader>) => {
    const id = newId();
    expect(await saveTick(db, {...header!, ...changes, id, fence, payload})).toEqual({kind: 'saved'});
    return id;
  };
  const [other, passed, dropped] = [await save({decisionHash: '00'}), await save({graphEpoch: 1}), await save({})];
  await rows(db, 'delete from tick_payloads where region_id = $1 and tick_id = $2', [regionId, dropped]);
  for (const [tick, status, code] of [
    [TICK_ID, 404, 'TICK_NOT_FOUND'],
    [other, 409, 'DECIDED_OTHERWISE'],
    [passed, 409, 'EPOCH_PASSED'],
    [dropped, 410, 'PAYLOAD_DROPPED'],
  ] as const) {
    expect(await whatIf({}, tick)).toMatchObject({status, body: {code}});
  }
});

test('why and what if wait for one another, a few at most, until nobody hears the answer', async () => {
  const held = Promise.withResolvers<void>();
  const asked: string[] = [];
  const explaining: ExplainPort = {
    async ask(_regionId, id) {
      asked.push(id);
      await held.promise;
      return {kind: 'tick-not-found', id};
    },
  };
  const slow = fakeServer({...databaseGone, query: async () => []}, {explaining});
  let arrived = 0;
  slow.addHook('preHandler', async () => void arrived++);
  const gone = Promise.withResolvers<void>();
  slow.server.on('connection', (socket) => socket.on('close', gone.resolve));
  const slowAddress = await slow.listen({host: '127.0.0.1', port: 0});
  const post = {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({tick: TICK_ID})};
  const what = (signal?: AbortSignal) => codeOf(fetch(`${slowAddress}${PATH}`, {...post, ...(signal && {signal})}));
  const why = () => codeOf(fetch(`${slowAddress}/internal/dispatch/explain?tick=${TICK_ID}&task=${TICK_ID}`));
  const waiting = [why(), what(), why(), what()];
  await expect.poll(() => arrived, {timeout: 10_000}).toBe(4);
  const leaving = new AbortController();
  const left = what(leaving.signal);
  await expect.poll(() => arrived, {timeout: 10_000}).toBe(5);
  expect([await what(), await why()]).toEqual(['OVERLOADED', 'OVERLOADED']);
  expect(asked).toHaveLength(1);
  leaving.abort();
  await expect(left).rejects.toThrow();
  await gone.promise;
  held.resolve();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['TICK_NOT_FOUND']));
  expect(asked).toHaveLength(4);
  await slow.close();
});

const codeOf = async (answer: Promise<Response>): Promise<string> => JSON.parse(await (await answer).text()).code;
