import {afterAll, beforeAll, expect, test} from 'vitest';
import {type Market, newId, openMarket, rows} from '../db/market.ts';
import {type Story, TTL_S, troubledDelivery} from '../db/story.ts';
import {run} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';

let database: TestDatabase;
let market: Market;
let story: Story;
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 3, tasks: 2, settings: {offerTtlS: TTL_S}});
  const [taskId, otherId] = market.tasks;
  story = await troubledDelivery(market, taskId, otherId, market.drivers);
});
afterAll(() => database?.drop());

const trace = (...args: string[]) => run(['trace', ...args], {DATABASE_URL: database.url});

test('a delivery is told line by line, with the command that asks each tick and what was promised', async () => {
  const {code, stdout} = await trace(story.taskId.toUpperCase());
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^task \S+ of market-1: DELIVERED, .*, handed over 13:17:11: 42 min 49 s early$/);
  expect(lines[1]).toBe('its dossier verifies: 9 events');
  expect(lines[2]).toMatch(/^times of America\/Chicago \(GMT-5\), of Mon,? 1 Jun 2026/);
  for (const id of [...story.tickIds, story.refusedTickId])
    expect(stdout).toContain(`npx cloudrun explain ${id} --task ${story.taskId}\n`);
  expect(stdout).toMatch(/^13:01:05 {2}It waited 3 s: 2 ticks ran meanwhile and offered it to nobody\.$/m);
  expect(lines.slice(-2)).toEqual([
    '  pick-up    promised 13:05:51, +30 s of it learned, came 13:06:51: 1 min late (4 min by road)',
    '  hand-over  promised 13:17:51, came 13:17:11: 40 s early (10 min by road)',
  ]);
});

test('as JSON it is one line; a chain that was altered is told all the same, by exit code 1', async () => {
  await rows(database.db, `update dossier_events set actor = 'x' where task_id = $1 and seq = 4`, [story.taskId]);
  const {code, stdout} = await trace(story.taskId, '--json');
  expect([code, stdout.trimEnd().split('\n').length]).toEqual([1, 1]);
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({taskId: story.taskId, verification: {ok: false, firstBad: {seq: 4}}});
  expect(told.offers.map(({tick}: {tick: {id: string}}) => tick.id)).toEqual(story.tickIds);
});

test('what was learned has its sign, and an instant that cannot be read is called so', async () => {
  await rows(database.db, `update dossier_events set at = 'infinity' where task_id = $1 and kind = 'delivered'`, [
    story.taskId,
  ]);
  await rows(
    database.db,
    `update offer_logs set features = features || '{"pickupCorrectionMs": -30000}' where task_id = $1`,
    [story.taskId],
  );
  const {code, stdout} = await trace(story.taskId);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^task .*, handed over at no readable time$/m);
  expect(stdout).toMatch(/^at no readable time {2}Driver \S+ handed the goods over in person/m);
  expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
    '  pick-up    promised 13:05:51, −30 s of it learned, came 13:06:51: 1 min late (4 min by road)',
    '  hand-over  promised 13:17:51, came at no readable time (10 min by road)',
  ]);
});

test.each([['seventeen'], [newId()]])('%s is no task', async (id) => {
  const {code, stderr} = await trace(id);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^cloudrun: TASK_UNKNOWN: .+\n$/)]);
});
