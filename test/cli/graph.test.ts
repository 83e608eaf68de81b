import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {seal} from '../../native-graph/file.ts';
import {overlay} from '../../native-graph/layout.ts';
import {SENTENCES} from '../../native-graph/verify.ts';
import {run} from '../support/cloudrun.ts';
import {CROSSING, toXml} from '../support/map-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-graph-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));
const path = (name: string): string => join(folder, name);

writeFileSync(path('town.osm'), toXml(CROSSING).replace('<osm ', '<osm timestamp="2026-11-20T21:21:05Z" '));
writeFileSync(path('ring.gr'), 'p sp 3 4\na 1 2 10\na 2 1 10\na 2 3 20\na 3 2 20\n');
writeFileSync(path('ring.co'), 'p aux sp co 3\nv 1 0 0\nv 2 1000 0\nv 3 1000 1000\n');

async function jsonOf(...args: string[]) {
  const ended = await run([...args, '--json']);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(ended.stdout);
}

test('a map becomes a file that tells its source, its counts and its bytes, and keeps every sentence', async () => {
  const built = await jsonOf('graph', 'build', path('town.osm'), path('town.crg'));
  expect(built).toEqual(await jsonOf('graph', 'info', path('town.crg')));
  expect(built).toMatchObject({
    source: {
      file: path('town.osm'),
      format: 'osm-xml',
      state: {timestamp: '2026-11-20T21:21:05.000Z'},
      attribution: expect.stringContaining('ODbL'),
    },
    assembly: {componentSegments: [built.segments]},
    bytes: readFileSync(path('town.crg')).length,
  });
  expect(built.headroomBytes).toBe(2 ** 32 - built.kernelBytes);
  expect(await jsonOf('graph', 'verify', path('town.crg'))).toEqual({ok: true, held: SENTENCES.length, broken: null});
});

test('a DIMACS graph needs its coordinates, and then becomes a file like any other', async () => {
  const without = await run(['graph', 'build', path('ring.gr'), path('ring.crg')]);
  expect(without.code).toBe(2);
  expect(without.stderr).toContain('DIMACS with --coordinates');
  const facts = await jsonOf('graph', 'build', path('ring.gr'), path('ring.crg'), '--coordinates', path('ring.co'));
  expect(facts).toMatchObject({segments: 4, junctions: 3, source: {format: 'dimacs', nodes: 3, ways: 4}});
});

test('verify names the first sentence that a file breaks, with exit code 1', async () => {
  await jsonOf('graph', 'build', path('town.osm'), path('broken.crg'));
  const file = readFileSync(path('broken.crg'));
  const bytes = new SharedArrayBuffer(file.length);
  Buffer.from(bytes).set(file);
  overlay(bytes).travelMs[0] = 0;
  seal(bytes);
  writeFileSync(path('broken.crg'), Buffer.from(bytes));
  const sentence = 'Every segment takes at least 1 ms and less than UNREACHABLE_MS.';
  const ended = await run(['graph', 'verify', path('broken.crg')]);
  expect([ended.code, ended.stderr]).toEqual([1, '']);
  expect(ended.stdout.trimEnd().split('\n').at(-1)).toBe(`BROKEN  ${sentence} (at 0)`);
  const told = await run(['graph', 'verify', path('broken.crg'), '--json']);
  const {ok, held, broken} = JSON.parse(told.stdout);
  expect([told.code, ok, broken]).toEqual([1, false, {sentence, at: 0}]);
  expect(SENTENCES[held]).toBe(sentence);
});
