// Daemons, sweepers and the database are killed, stopped and cut off by seed, under load, and every promise is checked
// over the whole history: docs/CHAOS.md. Here ten short runs; in a soak two hundred long ones.
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, inject, test} from 'vitest';
import {IS_SOAK} from '../support/runs.ts';
import {planOf, SIZES} from './plan.ts';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
/** Long runs of one process: a failing one is told by its seed, and the next begin anew. */
const LONG_AT_ONCE = 10;
const LONG_RUNS = 200;

const chaos = (name: string, args: readonly string[]): Promise<{code: number; said: string}> =>
  new Promise((resolve) => {
    const folder = join(inject('runFolder'), name);
    execFile(process.execPath, [RUN, '--folder', folder, ...args], {maxBuffer: 2 ** 26}, (error, stdout, stderr) => {
      resolve({code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}`});
    });
  });

/** Ten short runs take a minute on two cores of their own, and share them with other tests. */
const SHORT_LIMIT_MS = 400_000;

test(
  'ten seeds of faults break no promise',
  async () => {
    const {code, said} = await chaos('chaos', ['--seeds', '1..10', '--size', 'short']);
    expect(code, said).toBe(0);
    expect(said).toContain('every promise was kept, seeds 1 2 3 4 5 6 7 8 9 10');
  },
  SHORT_LIMIT_MS,
);

test('a plan depends on its seed alone, and ten seeds in a row meet every kind of fault', () => {
  const seeds = Array.from({length: 10}, (_, i) => i + 1);
  for (const size of Object.values(SIZES)) {
    const plans = seeds.map((seed) => planOf(seed, size));
    expect(seeds.map((seed) => planOf(seed, size))).toEqual(plans);
    const kinds = new Set(plans.flatMap(({steps}) => steps.map(({fault}) => fault.kind)));
    expect([...kinds].sort()).toEqual([
      'disk-full',
      'half-open',
      'kill',
      'kill-sweeper',
      'pause',
      'postgres',
      'reset',
      'skew',
      'slow',
      'worker',
    ]);
  }
});

describe.runIf(IS_SOAK)('long runs', () => {
  const firsts = Array.from({length: LONG_RUNS / LONG_AT_ONCE}, (_, i) => 1 + i * LONG_AT_ONCE);
  test.each(firsts)('from seed %i on break no promise', async (first) => {
    const range = `${first}..${first + LONG_AT_ONCE - 1}`;
    const {code, said} = await chaos(`chaos-${first}`, ['--seeds', range, '--size', 'long']);
    expect(code, said).toBe(0);
  });
});
