// The OSRM services as one of the daemon's plugins: whose roads, and what the daemon's own rules change.
import {expect, test} from 'vitest';
import type {Roads, WithRoads} from '../../../src/api/osrm/roads.ts';
import {plainRoads} from '../../support/plain-roads.ts';
import {town} from '../../support/town.ts';
import {databaseGone, fakeDispatch, fakeServer} from '../world.ts';
import {place} from './town-server.ts';

const towns = new Map(
  ['a-b', 'a>b\n| |\nd-c'].map((picture, i): [string, Roads] => [`town-${i}`, plainRoads(town(picture).graph)]),
);
/** As the standing epoch is. */
const lent = (roads: Roads | undefined): WithRoads | undefined => roads && ((use) => use(roads));
const daemonOf = (...regions: string[]) =>
  fakeServer(databaseGone, {
    dispatch: fakeDispatch({regions}),
    routing: (regionId) => lent(towns.get(regionId)),
  });
const query = `/route/v1/driving/${place(0.8, 0)};${place(0.2, 0)}`;

test('the roads are those of the only region, or of the one that is named', async () => {
  const one = daemonOf('town-0');
  expect((await one.inject(query)).json()).toMatchObject({code: 'Ok', routes: [{distance: 60}]});
  const two = daemonOf('town-0', 'town-1');
  expect((await two.inject(`${query}?region=town-0`)).json()).toMatchObject({routes: [{distance: 60}]});
  expect((await two.inject(`${query}?region=town-1&overview=false`)).json()).toMatchObject({routes: [{distance: 340}]});
  expect((await two.inject(query)).json()).toEqual({
    code: 'InvalidOptions',
    message: 'Name one of the regions with region=: town-0, town-1',
  });
  const unknown = await two.inject(`${query}?region=elsewhere`);
  expect([unknown.statusCode, unknown.json().code]).toEqual([400, 'InvalidValue']);
});

test('while the graph loads, the services are unavailable', async () => {
  const answer = await daemonOf('loading').inject(query);
  expect([answer.statusCode, answer.json()]).toEqual([
    503,
    {code: 'Unavailable', message: 'The road graph of region loading is loading'},
  ]);
});

test('a failing engine is told as busy or as a defect, never with a stack', async () => {
  const failing = (error: Error) =>
    fakeServer(databaseGone, {
      dispatch: fakeDispatch({regions: ['town-0']}),
      routing: () =>
        lent({
          ...towns.get('town-0')!,
          ways: async () => {
            throw error;
          },
        }),
    });
  const busy = await failing(Object.assign(new Error('full'), {code: 'POOL_BUSY'})).inject(query);
  expect([busy.statusCode, busy.json().code]).toEqual([503, 'Unavailable']);
  const defect = await failing(new Error('secret')).inject(query);
  expect([defect.statusCode, defect.json().code]).toEqual([500, 'InternalError']);
  expect(defect.body).not.toContain('secret');
});

test('pages of other origins are kept out, as everywhere on the daemon', async () => {
  const daemon = daemonOf('town-0');
  const answer = await daemon.inject({url: query, headers: {host: 'localhost', origin: 'http://evil.example'}});
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect((await daemon.inject({url: query, headers: {host: 'evil.example'}})).statusCode).toBe(403);
});
