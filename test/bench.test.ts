// Every bench still runs, in its smoke size; figures are made by `npm run bench`, never here.
import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';

const BENCH = fileURLToPath(new URL('../bench/run.ts', import.meta.url));
const run = promisify(execFile);

/** All suites take a minute on two cores of their own, and more beside other tests. */
const SUITES_LIMIT_MS = 400_000;

test(
  'the smoke size of every suite runs, with the same result each time',
  async () => {
    const {stdout} = await run(process.execPath, [BENCH, '--smoke', '--json']);
    const {rows} = JSON.parse(stdout) as {rows: {name: string; runs: number; checksum: number; minMs: number}[]};
    const names = new Set(rows.map(({name}) => name.split(',')[0]));
    expect([...names]).toEqual(
      expect.arrayContaining([
        'graph import',
        'graph assemble',
        'import',
        'snap',
        'epoch',
        'order',
        'contraction',
        'customize',
        'perfect',
        'distil',
        'customization',
        'way',
        'table',
        'nearest',
        'within',
        'http',
        'scaling',
        'eta',
        'solve',
        'peer',
        'network simplex',
        'network certificate',
        'network',
        'sensitivity',
        'offer commit',
        'offer expiry',
        'dossier verify',
        'tick',
      ]),
    );
    for (const {name, runs, checksum} of rows) {
      expect(runs, name).toBeGreaterThanOrEqual(1);
      expect(checksum, name).toBeGreaterThan(0);
    }
  },
  SUITES_LIMIT_MS,
);

test('an unknown suite is refused', async () => {
  await expect(run(process.execPath, [BENCH, '--only', 'nothing'])).rejects.toMatchObject({code: 2});
});
