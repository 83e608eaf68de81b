import {expect, test} from 'vitest';
import type {DispatchPort, TickAnswer} from '../../src/api/world.ts';
import {databaseGone, fakeDispatch, fakeServer, header, REGION, TICK_ID, ticked} from './world.ts';

const TICK = '/internal/dispatch/tick';

function serverWith(overrides: Partial<DispatchPort> = {}) {
  const dispatch = fakeDispatch(overrides);
  const app = fakeServer(databaseGone, {dispatch});
  const post = (url: string, payload?: object) => app.inject({method: 'POST', url, ...(payload && {payload})});
  return {app, dispatch, post};
}

test('a tick without body, content type or region ticks the only region and tells what it decided', async () => {
  const {dispatch, post} = serverWith();
  const answer = await post(TICK);
  expect(answer.statusCode).toBe(200);
  expect(dispatch.asked).toEqual([`tick ${REGION}`]);
  const {atMs, ...rest} = header;
  expect(answer.json()).toEqual({
    dryRun: false,
    tick: {...rest, at: '2026-06-01T18:00:00.000Z'},
    landed: [{offerId: TICK_ID, taskId: TICK_ID, driverId: TICK_ID, expiresAt: '2026-06-01T18:01:00.000Z'}],
    refused: [{taskId: TICK_ID, driverId: TICK_ID, reason: 'DRIVER_FULL'}],
  });
});

test('a dry run is passed on and said', async () => {
  const {dispatch, post} = serverWith();
  const answer = await post(TICK, {regionId: REGION, dryRun: true});
  expect(answer.json().dryRun).toBe(true);
  expect(dispatch.asked).toEqual([`tick ${REGION} dry`]);
});

test.each<[TickAnswer, number, object]>([
  [{kind: 'busy'}, 409, {code: 'BUSY'}],
  [{kind: 'paused'}, 409, {code: 'PAUSED'}],
  [{kind: 'fenced'}, 409, {code: 'LEASE_LOST'}],
  [{kind: 'owned-elsewhere', owner: 'daemon-b'}, 421, {code: 'OWNED_ELSEWHERE', owner: 'daemon-b'}],
])('a tick that ends as %o answers with its code', async (answer, status, members) => {
  const {post} = serverWith({tick: async () => answer});
  const response = await post(TICK);
  expect(response.statusCode).toBe(status);
  expect(response.json()).toMatchObject({status, ...members});
});

test('a daemon of several regions asks which one, and lists them', async () => {
  const {dispatch, post} = serverWith({regions: ['austin', 'porto']});
  const answer = await post(TICK);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({code: 'REGION_REQUIRED', regions: ['austin', 'porto']});
  expect((await post(TICK, {regionId: 'porto'})).statusCode).toBe(200);
  expect(dispatch.asked).toEqual(['tick porto']);
});

test('expiring sweeps the region and counts', async () => {
  const {dispatch, post} = serverWith();
  const answer = await post('/internal/dispatch/expire_offers', {regionId: REGION});
  expect(answer.json()).toEqual({regionId: REGION, expired: 2, failed: 1});
  expect(dispatch.asked).toEqual([`expire ${REGION}`]);
});

test('a region is paused and resumed by name, and only by the daemon that dispatches it', async () => {
  const {dispatch, post} = serverWith();
  expect((await post(`/internal/dispatch/regions/${REGION}/pause`)).json()).toEqual({regionId: REGION, paused: true});
  expect(dispatch.pauseOf(REGION)?.by).toBe('loopback');
  expect((await post(`/internal/dispatch/regions/${REGION}/resume`)).json()).toEqual({regionId: REGION, paused: false});
  expect(dispatch.pauseOf(REGION)).toBe(undefined);
  const unknown = await post('/internal/dispatch/regions/elsewhere/pause');
  expect(unknown.json()).toMatchObject({status: 404, code: 'REGION_UNKNOWN'});
});

test('a dispatcher that throws is a defect, not an open connection', async () => {
  const {post} = serverWith({tick: () => Promise.reject(new Error('broken invariant'))});
  expect((await post(TICK)).json()).toMatchObject({status: 500, code: 'DEFECT'});
});

test('every offer landed is told, however many', async () => {
  const landed = Array.from({length: 1_000}, () => (ticked.kind === 'ticked' ? ticked.landed[0]! : expect.fail()));
  const {post} = serverWith({tick: async () => ({...ticked, landed}) as TickAnswer});
  expect((await post(TICK)).json().landed).toHaveLength(1_000);
});
