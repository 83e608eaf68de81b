import {afterAll, expect, test} from 'vitest';
import {BODY_LIMIT_BYTES, SPEEDS_BODY_LIMIT_BYTES, SPEEDS_PER_CALL} from '../../src/api/limits.ts';
import type {SpeedsPort} from '../../src/api/world.ts';
import {databaseGone, fakeServer, fakeSpeeds, REGION} from './world.ts';

const URL = '/internal/graph/speeds';
const CSV = {'content-type': 'text/csv'};

function serverWith(overrides: Partial<SpeedsPort> = {}) {
  const speeds = fakeSpeeds(overrides);
  const app = fakeServer(databaseGone, {speeds});
  afterAll(() => app.close());
  const post = (payload: string | object, query = '', headers: Record<string, string> = {}) =>
    app.inject({method: 'POST', url: `${URL}${query}`, payload, headers});
  const text = () => Buffer.from(speeds.posted.at(-1)!.csv).toString();
  return {app, speeds, post, text};
}

const rows = (count: number) => Array.from({length: count}, (_, i) => ({from: 9e15 - i, to: i, kmh: 12.5}));

test('JSON rows become an epoch, and what became of them is told', async () => {
  const {post, speeds, text} = serverWith();
  const closed = {from: 18, to: 17, kmh: 0};
  const answer = await post({speeds: [{from: 17, to: 18, kmh: 32.5}, closed]});
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({
    graph: 'town',
    epoch: 1,
    repeated: false,
    segmentsChanged: 2,
    segmentsClosed: 0,
    rowsApplied: 2,
    rowsUnknown: 1,
    rowsRepeated: 0,
    rowsBad: 1,
    problems: [{row: 3, code: 'ROW_MALFORMED', detail: '"x" is not from,to,km/h'}],
  });
  expect(text()).toBe('17,18,32.5\n18,17,0');
  expect(speeds.posted[0]).toMatchObject({mode: 'replace', source: 'http'});
});

test('CSV goes through byte by byte, with the rest in the query', async () => {
  const {post, speeds, text} = serverWith();
  const csv = '1,2,30\r\nx\n\n3,4,50,1,junk';
  const answer = await post(csv, '?graph=town&mode=merge&source=feed%207', CSV);
  expect(answer.statusCode).toBe(200);
  expect(text()).toBe(csv);
  expect(speeds.posted[0]).toMatchObject({mode: 'merge', source: 'feed 7'});
  expect((await post(csv, '', {'content-type': 'text/csv; charset=utf-8'})).statusCode).toBe(200);
});

test('a full call of JSON rows fits an ordinary body, and one more is refused', async () => {
  const {post, speeds} = serverWith();
  expect((await post({speeds: rows(SPEEDS_PER_CALL)})).statusCode).toBe(200);
  expect((await post({speeds: rows(SPEEDS_PER_CALL + 1)})).json()).toMatchObject({code: 'INVALID'});
  expect(speeds.posted).toHaveLength(1);
  const long = await post(JSON.stringify({speeds: rows(2_000)}), '', {'content-type': 'application/json'});
  expect(long.json()).toMatchObject({status: 413, detail: `At most ${BODY_LIMIT_BYTES} bytes are read here.`});
});

test('CSV may be large, up to its own limit', async () => {
  const {post, speeds} = serverWith();
  expect((await post('1,2,30\n'.repeat(2_000_000), '', CSV)).statusCode).toBe(200);
  expect(speeds.posted[0].csv.length).toBe(14_000_000);
  const long = await post('x'.repeat(SPEEDS_BODY_LIMIT_BYTES + 1), '', CSV);
  expect(long.json()).toMatchObject({status: 413, detail: `At most ${SPEEDS_BODY_LIMIT_BYTES} bytes are read here.`});
});

test.each([
  [{}, '', 'speeds'],
  [{speeds: []}, '', 'speeds'],
  [{speeds: [{from: 1, to: 2}]}, '', 'speeds.0.kmh'],
  [{speeds: [{from: 1.5, to: 2, kmh: 3}]}, '', 'speeds.0.from'],
  [{speeds: [{from: 1, to: 2, kmh: 3, rate: 4}]}, '', 'speeds.0.rate'],
  [{speeds: rows(1), mode: 'add'}, '', 'mode'],
  [{speeds: rows(1)}, '?mode=add', 'query.mode'],
  [{speeds: rows(1)}, '?graph=No', 'query.graph'],
])('the body %j with query %j is refused at %s', async (body, query, field) => {
  const {post, speeds} = serverWith();
  const answer = await post(body, query);
  expect(answer.json()).toMatchObject({status: 400, code: 'INVALID', errors: [{field}]});
  expect(speeds.posted).toEqual([]);
});

test('no body, and a body of another type, are refused', async () => {
  const {app, post} = serverWith();
  expect((await app.inject({method: 'POST', url: URL})).json()).toMatchObject({status: 400, code: 'INVALID'});
  expect((await post('1,2,3', '', {'content-type': 'text/plain'})).json()).toMatchObject({code: 'MEDIA_TYPE'});
});

test('where no row can be used, it is said why, and how many', async () => {
  const report = {rowsApplied: 0, rowsUnknown: 4, rowsRepeated: 0, rowsBad: 9, segmentsChanged: 0, segmentsClosed: 0};
  const problems = Array.from({length: 9}, (_, i) => ({row: i + 1, code: 'ROW_MALFORMED' as const, detail: 'no row'}));
  const put = async () => ({kind: 'nothing-applies', report: {...report, problems}}) as const;
  const answer = (await serverWith({put}).post('x', '', CSV)).json();
  expect(answer).toMatchObject({status: 422, code: 'SPEEDS_REFUSED'});
  expect(answer.detail).toBe('9 rows are bad, 4 name no road of town; its speeds stay as they were.');
  expect(answer.errors).toHaveLength(8);
  expect(answer.errors[0]).toEqual({field: 'row 1', message: 'no row'});
});

test('the graph is the one named, the one of the region named, or the only one', async () => {
  const two = {graphs: ['porto', 'town']};
  const {post, speeds} = serverWith({
    ...two,
    put: async (graph) => {
      asked.push(graph);
      return {kind: 'graph-loading'};
    },
  });
  const asked: string[] = [];
  expect((await post('1,2,3', '', CSV)).json()).toMatchObject({status: 400, code: 'GRAPH_REQUIRED', ...two});
  expect((await post('1,2,3', '?graph=austin', CSV)).json()).toMatchObject({status: 404, code: 'GRAPH_UNKNOWN'});
  expect((await post('1,2,3', '?regionId=elsewhere', CSV)).json()).toMatchObject({code: 'REGION_UNKNOWN'});
  expect((await post('1,2,3', '?graph=porto', CSV)).json()).toMatchObject({status: 503, code: 'GRAPH_LOADING'});
  expect((await post({speeds: rows(1), regionId: REGION})).json()).toMatchObject({code: 'GRAPH_LOADING'});
  expect(asked).toEqual(['porto', 'town']);
  expect(speeds.posted).toEqual([]);
});

test('clearing tells what stands', async () => {
  const {app} = serverWith();
  const answer = await app.inject({method: 'DELETE', url: `${URL}?graph=town&source=ops`});
  expect(answer.json()).toMatchObject({graph: 'town', epoch: 0, repeated: false});
});

test('the standing epochs are listed; a graph that loads has none', async () => {
  const record = {
    graph: 'town',
    epoch: 7,
    atMs: Date.UTC(2026, 5, 1, 18),
    graphHash: 'a',
    source: 'a feed',
    speedsHash: 'b',
    weightsHash: 'c',
    rowsInUse: 17,
    segmentsChanged: 9,
  };
  const standing = (graph: string) => ({town: {epoch: 7, record}, file: {epoch: 0, record: undefined}})[graph];
  const {app} = serverWith({graphs: ['file', 'loading', 'town'], standing});
  const none = {at: null, source: null, rowsInUse: 0, segmentsChanged: 0};
  expect((await app.inject(URL)).json()).toEqual({
    graphs: [
      {graph: 'file', epoch: 0, ...none},
      {graph: 'loading', epoch: null, ...none},
      {graph: 'town', epoch: 7, at: '2026-06-01T18:00:00.000Z', source: 'a feed', rowsInUse: 17, segmentsChanged: 9},
    ],
  });
});
