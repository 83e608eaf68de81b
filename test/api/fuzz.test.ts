// Thousands of requests made from the OpenAPI document, well-formed and spoilt, at every route over a real database:
// each is answered, none with a 5xx; a refusal is a problem that the document lists, and changed nothing; and the
// marketplace's invariants stand afterwards.

import {text} from 'node:stream/consumers';
import fc from 'fast-check';
import type {InjectOptions} from 'fastify';
import {expect, test} from 'vitest';
import {OSRM_CODES} from '../../src/api/osrm/refusal.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {bodies, type Pool, parameters} from './arbitrary.ts';
import {type FuzzedMarket, openFuzzed} from './fuzzed-market.ts';
import {describe, filledIn, type Operation} from './operations.ts';

/** What is accepted fills a market, which then answers more slowly: after so many requests comes a new one. */
const REQUESTS_PER_MARKET = 1_500;
const MARKETS = process.env.CLOUDRUN_SOAK ? 20 : 2;
/** Longer than any handler may take. */
const ANSWER_LIMIT_MS = 60_000;
const PROBLEM = 'application/problem+json; charset=utf-8';

type Made = {readonly operation: Operation; readonly request: InjectOptions};

const OTHER_METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'] as const;
const MEDIA_TYPES = [
  ...Array<string>(30).fill('application/json'),
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/problem+json',
  'text/plain',
  'text/csv',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  'APPLICATION/JSON',
  'json',
  ';',
  '',
];
/** Headers that a client may send to any route, and those that it had better not. */
const HEADERS: Readonly<Record<string, string | string[]>>[] = [
  ...Array(12).fill({}),
  {accept: 'text/event-stream'},
  {accept: 'text/event-stream', 'last-event-id': '0'},
  {accept: 'text/event-stream', 'last-event-id': '\u00ff'},
  {accept: ['application/json', 'text/html']},
  {'if-none-match': '*', range: 'bytes=0-', expect: '100-continue'},
  {'idempotency-key': ['a', 'a']},
  {'x-http-method-override': 'DELETE', 'x-forwarded-host': 'evil.example'},
  {'content-encoding': 'gzip'},
  {authorization: 'Bearer x', cookie: '__proto__=1; constructor=2'},
  {origin: 'http://evil.example'},
  {host: 'evil.example'},
  {'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,a'},
];

/** Requests for one operation of the document. */
function requestsFor(operation: Operation, pool: Pool): fc.Arbitrary<Made> {
  const {path, verb, body} = operation;
  const of = (where: string) => {
    const own = operation.parameters.filter((parameter) => parameter.in === where);
    return Object.fromEntries(own.map(({name, schema}) => [name, parameters(name, schema, pool)]));
  };
  const query = of('query');
  return fc
    .record({
      inPath: fc.record(of('path'), {noNullPrototype: true}),
      query: fc.record(query, {
        requiredKeys: (pool.always ?? []).filter((name) => Object.hasOwn(query, name)),
        noNullPrototype: true,
      }),
      inHeader: fc.record(of('header'), {requiredKeys: [], noNullPrototype: true}),
      headers: fc.constantFrom(...HEADERS),
      mediaType: fc.constantFrom(...MEDIA_TYPES),
      method: fc.oneof({weight: 30, arbitrary: fc.constant(verb)}, fc.constantFrom(...OTHER_METHODS)),
      twice: fc.nat(30).map((n) => n === 0),
      payload: body ? bodies(body, pool) : fc.constantFrom('', '', '', '{}', '[1]', '{"a":'),
    })
    .map(({inPath, query: given, inHeader, headers, mediaType, method, twice, payload}) => {
      const search = new URLSearchParams(given as Record<string, string>).toString();
      return {
        operation,
        request: {
          method: method as 'GET',
          url: `${filledIn(path, inPath)}${search && `?${search}${twice ? `&${search}` : ''}`}`,
          headers: {
            accept: 'application/json',
            ...(mediaType && {'content-type': mediaType}),
            ...Object.fromEntries(Object.entries(inHeader).map(([name, value]) => [name, inOneLine(value ?? '')])),
            ...headers,
          },
          ...(!['GET', 'HEAD'].includes(method) && {payload}),
        },
      };
    });
}

/** What no HTTP client can put into a header is left out. */
const inOneLine = (value: string): string => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');

/** Sends it, and reads the answer; of a stream of events only the head. */
async function answerTo({app}: FuzzedMarket, request: InjectOptions) {
  const answer = await app.inject({...request, payloadAsStream: true});
  const stream = answer.stream();
  const type = answer.headers['content-type'];
  if (type === 'text/event-stream') {
    stream.destroy();
    answer.raw.res.destroy();
    return {status: answer.statusCode, type, body: ''};
  }
  return {status: answer.statusCode, type, body: await text(stream)};
}

/** Fails unless the answer is one that the document leads a client to expect. */
function expectDescribed({operation, request}: Made, answer: Answer, problems: ReadonlySet<string>): void {
  const {status, type, body} = answer;
  const said = `${request.method} ${request.url} ${status} ${body}`;
  expect(status, said).toBeLessThan(500);
  const isOwn = request.method === operation.verb;
  if (isOwn) expect(operation.statuses, said).toContain(status);
  if (status < 400 || request.method === 'HEAD') return;
  const {code, ...problem} = JSON.parse(body);
  if (operation.isOsrm && isOwn && type !== PROBLEM) {
    expect(OSRM_CODES, said).toContain(code);
    return;
  }
  expect(type, said).toBe(PROBLEM);
  expect(problem, said).toMatchObject({status, type: expect.stringMatching(/^\/docs#[A-Z_0-9]+$/)});
  expect(problems, said).toContain(`${status} ${code}`);
  // What stands for a rule that nobody foresaw.
  expect(['CONSTRAINT', 'REFUSED'], said).not.toContain(code);
}
type Answer = Awaited<ReturnType<typeof answerTo>>;

const TITLE = `of ${MARKETS * REQUESTS_PER_MARKET} requests none ends in a 5xx, and what is refused changes nothing`;

test(TITLE, {timeout: MARKETS * 120_000}, async () => {
  const counts = new Map<number, number>();
  let compared = 0;
  for (let m = 0; m < MARKETS; m++) {
    const market = await openFuzzed(1 + (m % 2));
    try {
      const {operations, problems} = await describe(market.app);
      let before = await market.contents();
      const made = fc.oneof(...operations.map((operation) => requestsFor(operation, market.poolFor(operation.path))));
      await fc.assert(
        fc.asyncProperty(made, async (one) => {
          const statements = market.statements();
          const answer = await answerTo(market, one.request);
          counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
          expectDescribed(one, answer, problems);
          // What sent no statement cannot have changed anything.
          if (market.statements() === statements || (answer.status < 400 && one.request.method === 'GET')) return;
          const after = await market.contents();
          if (answer.status >= 400) {
            compared++;
            expect(after, answer.body).toEqual(before);
          }
          before = after;
        }),
        {numRuns: REQUESTS_PER_MARKET, timeout: ANSWER_LIMIT_MS},
      );
      for (const regionId of market.regions) expect(await readInvariantViolations(market.db, regionId)).toEqual([]);
    } finally {
      await market.close();
    }
  }
  const told = [...counts].sort(([a], [b]) => a - b).map(([status, times]) => `${status} × ${times}`);
  console.log(`fuzz: ${told.join(', ')}; of refusals that had asked the database, ${compared} compared`);
  // A generator that only ever makes one kind of request would prove nothing.
  for (const status of [200, 400, 403, 404, 409, 413, 415, 422]) {
    expect(counts.get(status) ?? 0, `${status}`).toBeGreaterThan(0);
  }
  const accepted = (counts.get(200) ?? 0) + (counts.get(201) ?? 0);
  expect(accepted).toBeGreaterThan((MARKETS * REQUESTS_PER_MARKET) / 10);
});
