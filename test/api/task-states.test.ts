// Each state of a task against each action, by HTTP: what is drawn is done, all else answers 409 and says what is
// allowed, and nothing changes.
import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {expireOffers} from '../../src/db/offers.ts';
import {readTask} from '../../src/db/tasks.ts';
import {allowedActions, TASK_CHANGES, TASK_STATES, type TaskState} from '../../src/domain/state.ts';
import {at, bring, EVIDENCE, HOUR_MS, type Market, MINUTE_MS, NOW_MS, openMarket} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeServer} from './world.ts';

const ACTIONS = [
  'accept',
  'reject',
  'release',
  'pickup',
  'deliver',
  'fail-verification',
  'return',
  'cancel',
  're-open',
] as const;
type Action = (typeof ACTIONS)[number];

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  app = fakeServer(database.db);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** Driver i holds task i; the sweeper brings all of them at once to where only it can. */
async function bringAll(state: TaskState): Promise<void> {
  const {db, regionId, tasks, drivers} = market;
  for (const [i, taskId] of tasks.entries()) {
    const swept = state === 'EXPIRED' || state === 'FAILED';
    await bring(market, taskId, drivers[i]!, swept ? 'OFFERED' : state);
  }
  if (state === 'EXPIRED') await at(db, NOW_MS + 2 * MINUTE_MS);
  if (state === 'FAILED') await at(db, NOW_MS + 4 * HOUR_MS);
  await expireOffers(db, regionId, 100);
}

/** The state that an action has just led to in `bring`: asking again is a repetition. */
const LAST_STEP_OF: Partial<Record<Action, TaskState>> = {
  accept: 'ASSIGNED',
  pickup: 'PICKED_UP',
  deliver: 'DELIVERED',
  'fail-verification': 'RETURNING',
  return: 'RETURNED',
  cancel: 'CANCELLED',
};

const bodyOf = (action: Action, driverId: string): object => {
  if (action === 'cancel') return {};
  if (action === 're-open') return {latestAt: new Date(NOW_MS + 9 * HOUR_MS).toISOString()};
  if (action === 'fail-verification') return {driverId, reason: 'ID_EXPIRED'};
  return {driverId, ...EVIDENCE[action]};
};

test.each(TASK_STATES)('from %s the drawn changes are made, all others answer 409', async (state) => {
  market = await openMarket(database.db, {drivers: ACTIONS.length, tasks: ACTIONS.length});
  await bringAll(state);
  for (const [i, action] of ACTIONS.entries()) {
    const taskId = market.tasks[i]!;
    const before = await readTask(database.db, market.regionId, taskId);
    expect([action, before?.state]).toEqual([action, state]);
    const payload = bodyOf(action, market.drivers[i]!);
    const url = `/v1/tasks/${taskId}/${action}?regionId=${market.regionId}`;
    const answer = await app.inject({method: 'POST', url, payload});
    const to = TASK_CHANGES[state][action];
    if (to) {
      expect([action, answer.statusCode, answer.json().state]).toEqual([action, 200, to]);
      expect(answer.json().allowedActions).toEqual(allowedActions(to));
      continue;
    }
    if (state === LAST_STEP_OF[action]) expect([action, answer.json().repeated]).toEqual([action, true]);
    else {
      const {reason} = answer.json();
      const allowed = allowedActions(state);
      expect([action, answer.statusCode]).toEqual([action, 409]);
      expect(answer.json()).toMatchObject({code: 'ILLEGAL_CHANGE', state, allowedActions: allowed});
      expect(reason).toBe(state === 'EXPIRED' && /accept|reject/.test(action) ? 'OFFER_EXPIRED' : 'WRONG_STATE');
    }
    expect(await readTask(database.db, market.regionId, taskId)).toEqual(before);
  }
});
