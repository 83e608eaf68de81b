import {afterAll, beforeAll, expect, test} from 'vitest';
import {sealingUnder} from '../../src/domain/sealing.ts';
import {targetsBy} from '../../src/loops/webhook-target.ts';
import {type Market, newId, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {type Receiver, receive} from '../support/webhook-receiver.ts';
import {fakeDispatch, fakeServer} from './world.ts';

const PATH = '/v1/webhook-endpoints';
const secrets: string[] = [];

let database: TestDatabase;
let market: Market;
let receiver: Receiver;
let app: ReturnType<typeof server>;
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {tasks: 1});
  receiver = await receive(secrets, ({path}) => (path === '/broken' ? 500 : 200));
  app = server();
});
afterAll(async () => {
  receiver.close();
  await app.close();
  await database.drop();
});

function server(overrides = {}) {
  const resolve = async (name: string) =>
    name === 'intranet.example' ? [{address: '10.0.0.7', family: 4}] : [{address: '8.8.8.8', family: 4}];
  return fakeServer(database.db, {
    dispatch: fakeDispatch({regions: [market.regionId]}),
    checkTarget: targetsBy(resolve, [receiver.host]),
    ...overrides,
  });
}

const ask = async (method: 'GET' | 'POST' | 'DELETE', path = '', payload?: object) => {
  const answer = await app.inject({method, url: `${PATH}${path}`, ...(payload && {payload})});
  return {status: answer.statusCode, body: answer.json()};
};
const create = async (payload: object = {url: 'https://hooks.example/a'}) => {
  const {status, body} = await ask('POST', '', payload);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

test('an endpoint answers its secret once, and the database holds it sealed', async () => {
  const {endpoint, secret} = await create({url: 'https://hooks.example/a?b=1', kinds: ['offered']});
  expect(secret).toMatch(/^whsec_/);
  expect(endpoint).toMatchObject({
    url: 'https://hooks.example/a?b=1',
    regionId: market.regionId,
    kinds: ['offered'],
    paused: false,
    waiting: 0,
    dead: 0,
    lastError: null,
    oldSecretUntil: null,
  });
  const {body} = await ask('GET');
  expect(body.endpoints).toContainEqual(endpoint);
  expect(JSON.stringify(body)).not.toContain('whsec_');
  const [row] = await rows<{secret: Buffer}>(database.db, 'select secret from webhook_endpoints where id::text = $1', [
    endpoint.id,
  ]);
  expect(sealingUnder([new Uint8Array(32)]).open(row!.secret, `webhook ${market.regionId}/${endpoint.id}`)).toBe(
    secret,
  );
});

test.each([
  [{url: 'http://hooks.example/'}, 'WEBHOOK_URL_NOT_HTTPS'],
  [{url: 'https://intranet.example/'}, 'WEBHOOK_ADDRESS_NOT_PUBLIC'],
  [{url: 'https://127.0.0.1:443/'}, 'WEBHOOK_ADDRESS_NOT_PUBLIC'],
  [{url: 'https://a:b@hooks.example/'}, 'WEBHOOK_URL_WITH_CREDENTIALS'],
  [{url: 'nowhere'}, 'WEBHOOK_URL_UNREADABLE'],
  [
    {url: 'https://hooks.example/', after: '1-1-00000000-0000-0000-0000-000000000000'.replace('1', '9'.repeat(15))},
    'CURSOR_AHEAD',
  ],
])('%j is refused: %s', async (payload, code) => {
  expect(await ask('POST', '', payload)).toMatchObject({status: 422, body: {code}});
});

test('without a sealing key no secret is made', async () => {
  const keyless = server({sealing: undefined});
  const answer = await keyless.inject({method: 'POST', url: PATH, payload: {url: 'https://hooks.example/'}});
  expect([answer.statusCode, answer.json().code]).toEqual([422, 'SEALING_KEY_MISSING']);
  await keyless.close();
});

test('a ping is signed and tells what became of it', async () => {
  const {endpoint, secret} = await create({url: receiver.url()});
  const broken = await create({url: receiver.url('/broken')});
  secrets.push(secret, broken.secret);
  expect((await ask('POST', `/${endpoint.id}/ping`)).body).toEqual({delivered: true, error: null});
  expect((await ask('POST', `/${broken.endpoint.id}/ping`)).body).toEqual({delivered: false, error: 'HTTP_500'});
  expect(receiver.calls.map(({type}) => type)).toEqual(['ping', 'ping']);
  expect(receiver.forged).toEqual([]);
});

test('it is paused, resumed, given another secret, rewound and deleted; an unknown one is told so', async () => {
  const {endpoint, secret} = await create();
  const at = (action: string, payload?: object) => ask('POST', `/${endpoint.id}/${action}`, payload);
  expect((await at('pause')).body).toMatchObject({id: endpoint.id, paused: true});
  expect((await at('resume')).body).toMatchObject({paused: false});
  const rotated = (await at('rotate-secret', {overlapS: 60})).body;
  expect(rotated.secret).not.toBe(secret);
  expect(Date.parse(rotated.endpoint.oldSecretUntil)).toBeGreaterThan(0);
  expect((await at('replay', {after: '0'})).body).toEqual({revived: 0});
  expect((await at('replay')).body).toEqual({revived: 0});
  const {body} = await ask('GET');
  expect(body.endpoints.find(({id}: {id: string}) => id === endpoint.id).cursor).toMatch(/^0-0-/);
  expect((await ask('DELETE', `/${endpoint.id}`)).body).toEqual({deleted: true});
  for (const action of ['pause', 'resume', 'rotate-secret', 'replay', 'ping']) {
    const gone = await ask('POST', `/${newId()}/${action}`);
    expect([action, gone.status, gone.body.code]).toEqual([action, 404, 'WEBHOOK_ENDPOINT_UNKNOWN']);
  }
  expect((await ask('DELETE', `/${endpoint.id}`)).status).toBe(404);
});

test('a region has no more endpoints than the limit', async () => {
  for (let i = 0; i < 60; i++) {
    const {status, body} = await ask('POST', '', {url: 'https://hooks.example/a'});
    if (status === 200) continue;
    expect([status, body.code]).toEqual([422, 'WEBHOOK_ENDPOINTS_LIMIT']);
    return;
  }
  expect.unreachable('no limit held');
});
