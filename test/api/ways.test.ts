import {expect, test} from 'vitest';
import {WAYS_PER_CALL, WAYS_WAITING_LIMIT} from '../../src/api/limits.ts';
import {decodePolyline} from '../../src/api/osrm/polyline.ts';
import type {Roads, WithRoads} from '../../src/api/osrm/roads.ts';
import {plainRoads} from '../support/plain-roads.ts';
import {BLOCK_E7, town} from '../support/town.ts';
import {databaseGone, fakeServer, REGION} from './world.ts';

// One way round a block, and a street of its own.
const {graph} = town(`
  a>b   e-f
  ^ v
  d<c
`);
const roads = plainRoads(graph);
const lent =
  (over: Partial<Roads> = {}): WithRoads =>
  (use) =>
    use({...roads, ...over});
let standing: WithRoads | undefined = lent();
const app = fakeServer(databaseGone, {routing: () => standing});

/** Between places in blocks right of and below the first letter's corner. */
const pair = (...blocks: [number, number, number, number]): string =>
  blocks.map((block, i) => ((block * (i % 2 === 0 ? BLOCK_E7 : -BLOCK_E7)) / 1e7).toFixed(6)).join();
const ask = async (pairs: string) => app.inject(`/internal/map/ways?pairs=${pairs}`);

test('ways come in the order of their pairs, along the roads, null where there is none', async () => {
  const pairs = [pair(0.5, 0, 0, 0.5), pair(0.5, 0, 3.5, 0), pair(0.5, 0, 90, 0), pair(3.2, 0.1, 3.6, 0)];
  const answer = await ask(pairs.join(';'));
  expect(answer.statusCode).toBe(200);
  const {ways} = answer.json();
  const blocks = ways.map((way: string | null) =>
    way === null ? null : decodePolyline(way, 6)!.map((at) => at.map((e) => Number((e / (BLOCK_E7 / 1e7)).toFixed(2)))),
  );
  expect(blocks).toEqual([
    [
      [0.5, 0],
      [1, 0],
      [1, -1],
      [0, -1],
      [0, -0.5],
    ],
    null,
    null,
    [
      [3.2, 0],
      [3.6, 0],
    ],
  ]);
});

test('what is no list of pairs, too long or off the earth is refused', async () => {
  const one = pair(0.5, 0, 0, 0.5);
  const list = (count: number) => Array(count).fill(one).join(';');
  expect((await ask(list(WAYS_PER_CALL))).json().ways).toHaveLength(WAYS_PER_CALL);
  for (const wrong of [
    '',
    '1,2,3',
    `${one};`,
    '1,2,3,4,5',
    '1,2,3,x',
    list(WAYS_PER_CALL + 1),
    '181,0,0,0',
    '0,0,0,91',
  ]) {
    const {statusCode, body} = await ask(wrong);
    expect([wrong, statusCode, JSON.parse(body).errors[0].field]).toEqual([wrong, 400, 'query.pairs']);
  }
  expect((await app.inject(`/internal/map/ways?pairs=${one}&regionId=nowhere`)).statusCode).toBe(404);
});

test('one request is searched at a time, a few wait, and more are told to come again', async () => {
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const ways: Roads['ways'] = async (pairs) => {
    most = Math.max(most, ++running);
    await gate.promise;
    running--;
    return roads.ways(pairs);
  };
  standing = lent({ways});
  const answers = Array.from({length: WAYS_WAITING_LIMIT + 2}, () => ask(pair(0.5, 0, 0, 0.5)));
  const first = await Promise.race(answers);
  expect([first.statusCode, first.json().code]).toEqual([503, 'OVERLOADED']);
  gate.resolve();
  const codes = (await Promise.all(answers)).map(({statusCode}) => statusCode).sort();
  expect([codes, most]).toEqual([[...Array(WAYS_WAITING_LIMIT + 1).fill(200), 503], 1]);
});

test('while the graph loads, it says so', async () => {
  standing = undefined;
  const answer = await ask(`${pair(0, 0, 1, 0)}&regionId=${REGION}`);
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'LOADING']);
});
