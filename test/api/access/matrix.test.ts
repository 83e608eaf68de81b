// The authorisation matrix: every route with every kind of caller, compared with a table that a person can read. It
// says who gets through the door: a handler that then finds nothing to answer has been reached all the same.
import type {RouteOptions} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {openTokens} from '../../../src/api/access/tokens.ts';
import {revokeToken} from '../../../src/db/tokens.ts';
import {systemClock} from '../../../src/domain/clock.ts';
import {EVIDENCE, type Market, offer, openMarket} from '../../db/market.ts';
import {createDatabase, type TestDatabase} from '../../support/database.ts';
import {fakeDispatch, fakeServer} from '../world.ts';
import {bearer, makeToken} from './tokens.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

type Scene = Market & {readonly offers: readonly string[]};
type Route = {readonly method: string; readonly url: string; readonly own: string | undefined};

/** Whose driver and whose task a request is about: 0 is the driver of the token. */
type About = {readonly driver: number; readonly task: number};
const OWN: About = {driver: 0, task: 0};
const OTHERS: About = {driver: 1, task: 1};
const OTHERS_TASK: About = {driver: 0, task: 1};

const AT = {lon: 1, lat: 1, recordedAt: '2026-06-01T18:00:00Z'};
/** Whose an offer or a task is can be told only of a body that is valid: by the end of the path. */
const BODIES: Readonly<Record<string, (driverId: string, regionId: string) => object>> = {
  positions: (driverId, regionId) => ({regionId, positions: [{driverId, ...AT}]}),
  position: () => AT,
  'shift-on': () => ({}),
  'shift-off': () => ({}),
  accept: (driverId) => ({driverId}),
  reject: (driverId) => ({driverId}),
  release: (driverId) => ({driverId}),
  pickup: (driverId) => ({driverId, ...EVIDENCE.pickup}),
  deliver: (driverId) => ({driverId, ...EVIDENCE.deliver}),
  'fail-verification': (driverId) => ({driverId, reason: 'NO_ID'}),
  return: (driverId) => ({driverId, ...EVIDENCE.return}),
};

function requestFor({method, url, own}: Route, {regionId, drivers, tasks, offers}: Scene, about: About) {
  const [driverId, taskId] = [drivers[about.driver]!, tasks[about.task]!];
  const idIn = () => {
    if (own === 'offer') return offers[about.task]!;
    if (url.startsWith('/v1/tasks')) return taskId;
    return url.startsWith('/v1/drivers') ? driverId : regionId;
  };
  const path = url
    .replace(':profile', 'driving')
    .replace(':coordinates', '1,1;2,2')
    .replace(/:(id|provider)/, () => idIn())
    .replace(/:(code|category)/, 'CODE');
  const query = own === 'named' && method !== 'POST' ? `&driverId=${driverId}` : '';
  const hasBody = ['POST', 'PUT'].includes(method);
  const body = BODIES[url.split('/').at(-1)!]?.(driverId, regionId) ?? {};
  return {
    method: method as 'GET',
    url: `${path}?regionId=${regionId}${query}`,
    // Of events a page, not a stream.
    headers: {accept: 'application/json', ...(hasBody && {'content-type': 'application/json'})},
    ...(hasBody && {payload: JSON.stringify(body)}),
  };
}

const isRead = ({method}: Route): boolean => method === 'GET';
const REFUSALS = ['TOKEN_REQUIRED', 'TOKEN_REFUSED', 'SCOPE_MISSING', 'NOT_OWN', 'CSRF_REQUIRED', 'RATE_LIMITED'];

test('who may call what is as the table says, for every route there is', async () => {
  const {db} = database;
  const market = await openMarket(db, {drivers: 2, tasks: 2});
  const offers: string[] = [];
  for (const i of [0, 1]) offers.push(await offer(market, market.tasks[i]!, market.drivers[i]!));
  const dispatch = fakeDispatch({regions: [market.regionId]});
  const tokens = openTokens(db, systemClock, true);
  const app = fakeServer(db, {dispatch, tokens});
  const routes: Route[] = [];
  app.addHook('onRoute', ({method, url, config}: RouteOptions) => {
    // A HEAD is the same route as its GET: Fastify gives it the same config.
    if (method !== 'HEAD') routes.push({method: `${method}`, url, own: config?.own});
  });
  await app.ready();

  const own = `driver:${market.drivers[0]}` as const;
  const revoked = await makeToken(db, ['ops']);
  await revokeToken(db, revoked.id);
  const callers: readonly [string, string | undefined, About?][] = [
    ['none', undefined],
    ['bad', (await makeToken(db, ['ops'])).text.replace(/.{4}$/, 'AAAA')],
    ['expired', (await makeToken(db, ['ops'], {expiresInS: -1})).text],
    ['revoked', revoked.text],
    ['metrics', (await makeToken(db, ['metrics'])).text],
    ['read', (await makeToken(db, ['read'])).text],
    ['services', (await makeToken(db, ['services'])).text],
    ['ops', (await makeToken(db, ['ops'])).text],
    ['own', (await makeToken(db, [own])).text],
    ["other's task", (await makeToken(db, [own])).text, OTHERS_TASK],
    ["other's", (await makeToken(db, [own])).text, OTHERS],
    ['read+own', (await makeToken(db, ['read', own])).text],
    ["services+other's", (await makeToken(db, ['services', own])).text, OTHERS],
  ];
  let asked = 0;
  const verdict = async (route: Route, text: string | undefined, about = OWN) => {
    const request = requestFor(route, {...market, offers}, about);
    const headers = {...request.headers, host: 'localhost', ...(text && bearer(text))};
    // Each from an address of its own, or the many bad tokens would be told to wait.
    const remoteAddress = `10.0.${asked >> 8}.${asked++ & 255}`;
    const answer = await app.inject({...request, headers, remoteAddress});
    const isProblem = `${answer.headers['content-type']}`.startsWith('application/problem+json');
    const {code} = isProblem && answer.body ? answer.json() : {code: undefined};
    if (route.own !== undefined) expect([request.url, code]).not.toEqual([request.url, 'INVALID']);
    const isHidden = ['TASK_NOT_FOUND', 'OFFER_NOT_FOUND'].includes(code) && about.task === 1;
    return REFUSALS.includes(code) || isHidden ? `${answer.statusCode}` : 'yes';
  };

  const lines = [['route', ...callers.map(([name]) => name)]];
  const sorted = routes.toSorted((a, b) => (a.url === b.url ? (a.method < b.method ? -1 : 1) : a.url < b.url ? -1 : 1));
  const cellsOf = new Map<Route, string[]>();
  // What is read is read before anything changes.
  for (const route of [...sorted.filter(isRead), ...sorted.filter((each) => !isRead(each))]) {
    const cells: string[] = [];
    for (const [, text, about] of callers) cells.push(await verdict(route, text, about));
    cellsOf.set(route, cells);
  }
  for (const route of sorted) lines.push([`${route.method} ${route.url}`, ...cellsOf.get(route)!]);
  await app.close();
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const table = lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join(' | ')
      .trimEnd(),
  );
  process.stdout.write(`authorisation: ${sorted.length} routes x ${callers.length} callers\n`);
  await expect(`${table.join('\n')}\n`).toMatchFileSnapshot('../../golden/authorization.txt');
});
