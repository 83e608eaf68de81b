import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {run} from '../support/cloudrun.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-solve-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

let files = 0;
function written(contents: string): string {
  const path = join(folder, `${files++}.min`);
  writeFileSync(path, contents);
  return path;
}
const solved = async (contents: string, ...options: string[]) => {
  const {stdout, stderr, code} = await run(['solve', written(contents), '--json', ...options]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^\{.*\}\n$/);
  const answer = JSON.parse(stdout) as Record<string, unknown>;
  expect(Object.keys(answer)).toEqual(['status', 'cost', 'certified', 'solveMs']);
  expect(answer.solveMs).toBeGreaterThan(0);
  return {code, text: stdout, answer};
};

const TWO_WAYS = 'p min 3 3\nn 1 4\nn 3 -4\na 1 2 0 3 1\na 2 3 0 3 1\na 1 3 0 4 5\n';

test.each([
  ['optimal', 11, TWO_WAYS],
  ['optimal', -6, 'p min 2 1\nn 1 2\nn 2 -2\na 1 2 0 -1 -3\n'],
  ['optimal', 0, 'p min 0 0\n'],
  ['infeasible', null, TWO_WAYS.replace('0 4 5', '0 0 5')],
  ['infeasible', null, TWO_WAYS.replace('0 4 5', '6 4 5')],
  ['unbalanced', null, TWO_WAYS.replace('n 3 -4', 'n 3 -3')],
  ['unbounded', null, 'p min 2 2\na 1 2 0 -1 -3\na 2 1 0 -1 2\n'],
])('%s, %s: one JSON line, proven, exit code 0', async (status, cost, contents) => {
  const {code, answer} = await solved(contents, '--threads', '2');
  expect(answer).toMatchObject({status, cost, certified: true});
  expect(code).toBe(0);
});

test('a budget that is spent: what was found, not proven, exit code 1', async () => {
  const {code, answer} = await solved(TWO_WAYS, '--budget', '0');
  expect(answer).toMatchObject({status: 'budget', cost: null, certified: false});
  expect(code).toBe(1);
});

test('a cost beyond what a float64 holds has all its digits', async () => {
  const units = 2 ** 51 - 1;
  const {text} = await solved(`p min 2 1\nn 1 ${units}\nn 2 -${units}\na 1 2 0 ${units} 1000001\n`);
  expect(text).toContain(`"cost":${BigInt(units) * 1_000_001n},`);
});

test('a person reads what it costs, or what is wrong and what to do about it', async () => {
  const told = async (contents: string) => (await run(['solve', written(contents)])).stdout;
  expect(await told(TWO_WAYS)).toMatch(/^optimal: 11\n3 nodes, 3 arcs; by simplex, in [\d.]+ ms, .*\nproven\n$/);
  expect(await told(TWO_WAYS.replace('0 4 5', '0 0 5'))).toContain('infeasible: 1 more than their arcs can carry away');
  expect(await told(TWO_WAYS.replace('0 4 5', '6 4 5'))).toContain('arc 3, 1 to 3, has a capacity of 4 and a lower');
  expect(await told(TWO_WAYS.replace('n 3 -4', 'n 3 -3'))).toContain('let nodes take 1 more');
  const cycle = 'p min 2 2\na 1 2 0 -1 -3\na 2 1 0 -1 2\n';
  expect(await told(cycle)).toMatch(/the cycle through nodes [12], [12] has no limit and costs -1 a unit/);
});

test('files and options that cannot be used end with one line and exit code 2', async () => {
  for (const [args, code] of [
    [[written('p min 1 x\n')], 'DIMACS_DAMAGED'],
    [[join(folder, 'absent.min')], 'FILE_MISSING'],
    [[folder], 'FILE_NOT_REGULAR'],
    [[], 'USAGE'],
    [[written(TWO_WAYS), '--threads', '0'], 'USAGE'],
    [[written(TWO_WAYS), '--budget', 'much'], 'USAGE'],
  ] as const) {
    const ended = await run(['solve', ...args, '--json']);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(new RegExp(`^cloudrun: ${code}: .+\n$`));
    expect(ended.code).toBe(2);
  }
});

test('--help tells the format and every option', async () => {
  const {stdout, code} = await run(['solve', '--help']);
  expect(code).toBe(0);
  for (const word of ['DIMACS', '--threads', '--budget', '--json']) expect(stdout).toContain(word);
});
