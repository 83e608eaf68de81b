// Thousands of requests made from the OpenAPI document, well-formed and spoilt, at every route over a real database:
// none may end in a 5xx, each refusal is a problem document, and the marketplace's invariants stand afterwards.

import fc from 'fast-check';
import type {FastifyInstance, InjectOptions} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {OSRM_CODES} from '../../src/api/osrm/refusal.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {listOffers} from '../../src/db/offers.ts';
import {bring, HOUR_MS, type Market, NOW_MS, openMarket} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {plainRoads} from '../support/plain-roads.ts';
import {runs} from '../support/runs.ts';
import {town} from '../support/town.ts';
import {bodies, type Pool, parameters, type Schema} from './arbitrary.ts';
import {fakeDispatch, fakeServer} from './world.ts';

type Parameter = {readonly name: string; readonly in: string; readonly schema: Schema};
type Operation = {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {readonly content: Readonly<Record<string, {readonly schema: Schema}>>};
};

const OSRM = /^\/(route|table|nearest)\/v1\//;
const CASES = runs(4_000);
const METHODS: Readonly<Record<string, 'GET' | 'POST' | 'PUT' | 'DELETE'>> = {
  get: 'GET',
  post: 'POST',
  put: 'PUT',
  delete: 'DELETE',
};

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;
let offers: string[];

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 8, tasks: 8, capacity: 3});
  const roads = plainRoads(town('a-b-c').graph);
  app = fakeServer(database.db, {
    dispatch: fakeDispatch({regions: [market.regionId]}),
    routing: () => (use) => use(roads),
  });
  for (const [i, state] of (['OFFERED', 'ASSIGNED', 'PICKED_UP', 'RETURNING', 'DELIVERED'] as const).entries()) {
    await bring(market, market.tasks[i]!, market.drivers[i]!, state);
  }
  offers = (await listOffers(database.db, market.regionId, {limit: 10})).map(({id}) => id);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** Ids of what a path is about. */
function idsOf(path: string): string[] {
  if (path.includes('/regions/')) return [market.regionId];
  if (path.includes('/tasks')) return market.tasks;
  return path.includes('/offers') ? offers : market.drivers;
}

/** Requests for one operation of the document. */
function requestsFor(path: string, verb: string, operation: Operation, pool: Pool): fc.Arbitrary<InjectOptions> {
  const of = (where: string) => {
    const own = (operation.parameters ?? []).filter((parameter) => parameter.in === where);
    return Object.fromEntries(own.map(({name, schema}) => [name, parameters(name, schema, pool)]));
  };
  const schema = operation.requestBody?.content['application/json']?.schema;
  const mediaTypes = [...Array(9).fill('application/json'), 'application/json; charset=utf-8', 'text/plain', ''];
  return fc
    .record({
      path: fc.record(of('path'), {noNullPrototype: true}),
      query: fc.record(of('query'), {requiredKeys: [], noNullPrototype: true}),
      key: fc.option(fc.constantFrom('a', 'b', 'x y', 'k'.repeat(300)), {nil: undefined, freq: 4}),
      mediaType: fc.constantFrom(...mediaTypes),
      body: schema ? bodies(schema, pool) : fc.constantFrom('', '{}', '[1]'),
    })
    .map(({path: inPath, query, key, mediaType, body}) => ({
      method: METHODS[verb]!,
      url: path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(wellFormed(inPath[name] ?? ''))),
      query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, wellFormed(value ?? '')])),
      headers: {
        // A stream of events would have no end.
        accept: 'application/json',
        ...(mediaType && {'content-type': mediaType}),
        ...(key && {'idempotency-key': key}),
      },
      ...(verb !== 'get' && {payload: body}),
    }));
}

/** A URL cannot carry half a surrogate pair. */
const wellFormed = (value: string): string => value.toWellFormed();

test(`none of ${CASES} requests ends in a 5xx, and what is refused says why`, async () => {
  const document = (await app.inject('/docs/json')).json();
  const pool = (path: string): Pool => ({
    fields: {
      id: idsOf(path),
      driverId: market.drivers,
      taskId: market.tasks,
      offerId: offers,
      purchaserHmac: ['0'.repeat(64)],
      documentExpiresOn: ['2030-01-31', '2020-01-31'],
      verifiedBy: ['clerk-1'],
      storeId: [market.store.id],
      regionId: [market.regionId],
      lon: ['0', '0.001'],
      lat: ['0', '-0.0001'],
      minutes: ['1', '5,10'],
      readyAt: [new Date(NOW_MS).toISOString()],
      dueAt: [new Date(NOW_MS + HOUR_MS).toISOString()],
      latestAt: [new Date(NOW_MS + 2 * HOUR_MS).toISOString()],
    },
    nowMs: NOW_MS,
  });
  const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, item]) => Object.entries(item).map(([verb, operation]) => requestsFor(path, verb, operation, pool(path))),
  );
  const counts = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(...operations), async (request) => {
      const answer = await app.inject(request);
      counts.set(answer.statusCode, (counts.get(answer.statusCode) ?? 0) + 1);
      expect(answer.statusCode, answer.body).toBeLessThan(500);
      if (answer.statusCode < 400) return;
      if (OSRM.test(request.url as string) && answer.statusCode === 400) {
        expect(OSRM_CODES).toContain(answer.json().code);
        return;
      }
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(answer.json()).toMatchObject({status: answer.statusCode, code: expect.stringMatching(/^[A-Z_]+$/)});
      expect(answer.json().code, answer.body).not.toBe('CONSTRAINT');
    }),
    {numRuns: CASES},
  );
  console.log(
    `fuzz: ${[...counts]
      .sort(([a], [b]) => a - b)
      .map(([status, times]) => `${status} × ${times}`)
      .join(', ')}`,
  );
  // A generator that only ever makes one kind of request would prove nothing.
  for (const status of [200, 400, 404, 409, 415]) expect(counts.get(status) ?? 0, `${status}`).toBeGreaterThan(0);
  expect((counts.get(200) ?? 0) + (counts.get(201) ?? 0)).toBeGreaterThan(CASES / 10);
  expect(await readInvariantViolations(database.db, market.regionId)).toEqual([]);
});
