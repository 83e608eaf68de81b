import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {readNetwork} from '../../src/cli/network-file.ts';
import {answerFlaw} from '../../src/flow/network/certificate.ts';
import {ANY_AMOUNT} from '../../src/flow/network/network.ts';
import {solveNetwork} from '../../src/flow/network/solve.ts';
import {mutate, mutation} from '../support/mutations.ts';
import {arcsOf} from '../support/networks.ts';
import {runs} from '../support/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-network-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const PLAIN = `c four nodes
p min 4 5
n 1 4
n 4 -4
a 1 2 0 4 2
a 1 3 0 2 2

c arcs may come in any order
a 2 3 0 2 1
a 2 4 1 3 -3
a 3 4 0 5 1
`;

function written(contents: string | Buffer, name = 'network.min'): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}
const read = (contents: string | Buffer) => readNetwork(written(contents));

test('nodes, arcs, comments and empty lines, plain and gzipped', async () => {
  const network = await read(PLAIN);
  expect([...network.supply]).toEqual([4, 0, 0, -4]);
  expect(arcsOf(network)).toEqual([
    [0, 1, 0, 4, 2],
    [0, 2, 0, 2, 2],
    [1, 2, 0, 2, 1],
    [1, 3, 1, 3, -3],
    [2, 3, 0, 5, 1],
  ]);
  expect(await readNetwork(written(gzipSync(PLAIN), 'network.min.gz'))).toEqual(network);
  expect(await read(PLAIN.replaceAll('\n', '\r\n').replaceAll(' ', ' \t '))).toEqual(network);
  expect(await read(PLAIN.trimEnd())).toEqual(network);
});

test('arcs without limit, and numbers beyond 32 bits', async () => {
  const {capacity, cost, lower} = await read(`p min 2 6
a 1 2 0 -1 30000000000
a 1 2 0 9223372036854775807 -30000000000
a 1 2 0 4503599627370496 0
a 1 2 0 30000000000 0
a 1 2 -5 -1 0
a 1 2 3 2 0
`);
  expect([...capacity]).toEqual([ANY_AMOUNT, ANY_AMOUNT, ANY_AMOUNT, 3e10, -1, 2]);
  expect([...cost.subarray(0, 2)]).toEqual([3e10, -3e10]);
  expect(lower[4]).toBe(-5);
});

describe('what is malformed is told with its line', () => {
  const twoNodes = (rest: string): string => `p min 2 1\nn 1 1\nn 2 -1\n${rest}`;
  test.each([
    ['', 'FILE_EMPTY', 'empty'],
    ['c nothing\n', 'DIMACS_DAMAGED', 'line 1: the end of the file before the problem line'],
    ['n 1 1\n', 'DIMACS_DAMAGED', 'line 1: a node before the problem line'],
    ['a 1 2 0 1 1\n', 'DIMACS_DAMAGED', 'line 1: an arc before the problem line'],
    ['p sp 2 1\n', 'DIMACS_DAMAGED', 'line 1: "sp" where "min" should stand'],
    ['p min 2\n', 'DIMACS_DAMAGED', 'line 1: the count of arcs is missing'],
    ['p min -2 1\n', 'DIMACS_DAMAGED', 'line 1: the count of nodes -2 is not in 0 .. '],
    ['p min 999999999 1\n', 'DIMACS_DAMAGED', 'line 1: the count of nodes 999999999 is not in 0 .. '],
    ['p min 2 99999999\n', 'DIMACS_DAMAGED', 'line 1: the count of arcs 99999999 is not in 0 .. '],
    ['p min 2 0\np min 2 0\n', 'DIMACS_DAMAGED', 'line 2: a second problem line'],
    ['p min 2 0\nn 3 1\n', 'DIMACS_DAMAGED', 'line 2: the node 3 is not in 1 .. 2'],
    ['p min 2 0\nn 1 1\nn 1 1\n', 'DIMACS_DAMAGED', 'line 3: a second line for node 1'],
    ['p min 2 0\nn 1 1.5\n', 'DIMACS_DAMAGED', 'line 2: the supply "1.5" is no whole number'],
    ['p min 2 0\nn 1 1e999999\n', 'DIMACS_DAMAGED', 'line 2: the supply "1e999999" is no whole number'],
    [twoNodes('a 1 2 0 1 7 8\n'), 'DIMACS_DAMAGED', 'line 4: "8" after the end of the line\'s fields'],
    [twoNodes('a 1 2 0 1\n'), 'DIMACS_DAMAGED', 'line 4: the cost is missing'],
    [twoNodes('a 0 2 0 1 7\n'), 'DIMACS_DAMAGED', 'line 4: the tail 0 is not in 1 .. 2'],
    [twoNodes('a 1 9 0 1 7\n'), 'DIMACS_DAMAGED', 'line 4: the head 9 is not in 1 .. 2'],
    [twoNodes('a 1 2 x 1 7\n'), 'DIMACS_DAMAGED', 'line 4: the lower bound "x" is no whole number'],
    [twoNodes('a 1 2 0 1 99999999999999999999\n'), 'DIMACS_DAMAGED', 'line 4: the cost '],
    [twoNodes('arc 1 2 0 1 7\n'), 'DIMACS_DAMAGED', 'line 4: a line that starts with no single letter'],
    [twoNodes('b 1 2 0 1 7\n'), 'DIMACS_DAMAGED', 'line 4: a line of kind "b" in a min-cost flow'],
    [twoNodes(''), 'DIMACS_DAMAGED', 'line 3: the file ends after 0 of 1 arcs'],
    [twoNodes('a 1 2 0 1 7\na 1 2 0 1 7\n'), 'DIMACS_DAMAGED', 'line 5: more than the 1 arcs of the problem line'],
    [`p min 2 0\nc ${'x'.repeat(70_000)}\n`, 'DIMACS_DAMAGED', 'a line of more than 65536 bytes'],
    [gzipSync(PLAIN).subarray(0, 60), 'GZIP_DAMAGED', 'the gzip data ends too soon'],
    ['p min 2 0\nn 1 4503599627370495\nn 2 -4503599627370495\n', 'NETWORK_TOO_LARGE', 'count in larger units'],
    [twoNodes('a 1 2 0 1 999999999999999\n'), 'NETWORK_TOO_LARGE', 'count costs in larger units'],
  ])('%j', async (contents, code, message) => {
    const failure = await read(contents).catch((error: unknown) => error);
    expect(failure).toMatchObject({name: 'InputFailure', code});
    expect((failure as Error).message).toContain('network.min');
    expect((failure as Error).message).toContain(message);
    expect((failure as Error).message).not.toContain('\n');
  });
});

test('whatever is done to a file, it is refused by code or solved with a proof', async () => {
  const refused = /^(DIMACS_DAMAGED|FILE_EMPTY|GZIP_DAMAGED|BZIP2_DAMAGED|NETWORK_TOO_LARGE)$/;
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, {minLength: 1, maxLength: 4}), fc.boolean(), async (mutations, isPacked) => {
      const damaged = mutate(Buffer.from(PLAIN), mutations);
      try {
        const network = await read(isPacked ? gzipSync(damaged) : damaged);
        const {answer} = solveNetwork(network, {budget: 1e6});
        expect(answerFlaw(network, answer)).toBeUndefined();
      } catch (error) {
        expect(error).toMatchObject({name: 'InputFailure', code: expect.stringMatching(refused)});
      }
    }),
    {numRuns: runs(8_000, 8)},
  );
});
