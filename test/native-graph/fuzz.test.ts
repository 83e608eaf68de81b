// Damaged DIMACS and graph files: each gives what it held, or one InputFailure, in bounded time and memory. Map files
// have a test like this beside their readers (osm/fuzz.test.ts).

import {readFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {importDimacs} from '../../native-graph/dimacs/import.ts';
import {InputFailure} from '../../native-graph/failure.ts';
import {openGraph, saveGraph, seal} from '../../native-graph/file.ts';
import {ENTRY_BYTES, HEADER_BYTES, overlay, SECTIONS} from '../../native-graph/layout.ts';
import {verify} from '../../native-graph/verify.ts';
import {randomStream} from '../../src/domain/random.ts';
import {mapFiles} from '../support/map-file.ts';
import {type Mutation, mutate, mutation} from '../support/mutations.ts';
import {randomNetwork} from '../support/random-network.ts';
import {runs} from '../support/runs.ts';

const write = mapFiles();

const mutations = fc.array(mutation, {minLength: 1, maxLength: 3});

/** A failure must be one line that names a file. */
async function outcome(use: () => unknown): Promise<'whole' | 'failure'> {
  try {
    await use();
    return 'whole';
  } catch (error) {
    if (!(error instanceof InputFailure)) throw error;
    expect(error.message).toMatch(/^[^\n]*: [^\n]+$/);
    expect(error.message.length).toBeLessThan(600);
    return 'failure';
  }
}

async function fuzz(all: number, use: (damage: readonly Mutation[]) => Promise<'whole' | 'failure'>): Promise<void> {
  const numRuns = runs(all, 8);
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(mutations, async (damage) => {
      if ((await use(damage)) === 'failure') failures++;
    }),
    {numRuns},
  );
  expect(failures).toBeGreaterThan(numRuns / 20);
}

const ARCS = Buffer.from('c a ring\np sp 4 6\na 1 2 30\na 2 1 31\na 2 3 5\na 3 4 700\na 4 1 8\na 1 4 9\n');
const PLACES = Buffer.from(
  'p aux sp co 4\nv 1 -73530767 41085396\nv 2 -73530538 41086098\nv 3 -73519366 41048796\nv 4 0 0\n',
);

test.each([
  ['graph', 1_200, (damage: readonly Mutation[]) => [mutate(ARCS, damage), PLACES]],
  ['coordinates', 800, (damage: readonly Mutation[]) => [ARCS, mutate(PLACES, damage)]],
  ['graph, gzip', 400, (damage: readonly Mutation[]) => [mutate(gzipSync(ARCS), damage), PLACES]],
] as const)('a damaged DIMACS file is refused in one line or still a graph: %s', async (_, runs, damaged) => {
  await fuzz(runs, (damage) => {
    const [graph, places] = damaged(damage);
    return outcome(async () => {
      const network = await importDimacs(write(graph, 'a.gr'), write(places, 'a.co'));
      expect(network.edgeTail.length).toBeLessThanOrEqual(network.source.ways);
      assemble(network, {minComponentSegments: 1});
    });
  });
});

const {graph} = assemble(randomNetwork(randomStream(7, 'fuzz')), {minComponentSegments: 1});
const whole = write('', 'whole.crg');
saveGraph(graph, whole);
const good = readFileSync(whole);

test('a damaged graph file is refused in one line', async () => {
  await fuzz(1_500, (damage) => {
    const bytes = mutate(good, damage);
    return outcome(() => {
      openGraph(write(bytes, 'damaged.crg'));
      expect(bytes.equals(good), 'opened, though changed').toBe(true);
    });
  });
});

test('a graph file that was damaged before it was sealed is refused, breaks a sentence or makes sense', async () => {
  const values = fc.oneof(fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat(300), fc.nat());
  await fc.assert(
    fc.asyncProperty(fc.nat(SECTIONS.length - 1), fc.nat(), values, async (section, at, value) => {
      const bytes = new SharedArrayBuffer(good.length);
      Buffer.from(bytes).set(good);
      const entry = HEADER_BYTES + section * ENTRY_BYTES;
      const [offset, length] = [good.readDoubleLE(entry + 24), good.readDoubleLE(entry + 32)];
      if (length < 4) return;
      new DataView(bytes).setUint32(offset + 4 * (at % Math.floor(length / 4)), value, true);
      seal(bytes);
      await outcome(() => verify(openGraph(write(Buffer.from(bytes), 'sealed.crg'))));
    }),
    {numRuns: runs(1_500, 8)},
  );
  expect(verify(overlay(graph.bytes))).toBeUndefined();
});

test('a bomb of one endless line, of comments, or of a count is refused or passed over in little memory', async () => {
  const before = process.memoryUsage().arrayBuffers;
  const line = write(gzipSync(Buffer.alloc(64 << 20, 'a')), 'line.gz');
  await expect(importDimacs(line, line)).rejects.toMatchObject({code: 'DIMACS_DAMAGED'});
  const comments = write(gzipSync(Buffer.alloc(16 << 20, 'c\n')), 'comments.gz');
  await expect(importDimacs(comments, comments)).rejects.toMatchObject({code: 'DIMACS_DAMAGED'});
  const count = write('p sp 1000000000 1000000000\n', 'count.gr');
  await expect(importDimacs(count, count)).rejects.toMatchObject({code: 'DIMACS_DAMAGED'});
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(300 << 20);
});
