// Every bench still runs, in its smoke size; figures are made by `npm run bench`, never here.
import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';

const BENCH = fileURLToPath(new URL('../bench/run.ts', import.meta.url));
const LOAD = fileURLToPath(new URL('../bench/load.ts', import.meta.url));
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
        'eta learning',
        'solve',
        'peer',
        'network simplex',
        'network certificate',
        'network',
        'sensitivity',
        'offer commit',
        'offer expiry',
        'dossier verify',
        'positions',
        'tick beside positions',
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

test('a small load on a daemon of its own: every route is asked, no tick overlaps, nothing is violated', async () => {
  const {stdout} = await run(process.execPath, [LOAD, '--smoke', '--json']);
  const {ticks, api, violations, exitCode} = JSON.parse(stdout);
  expect({overlaps: ticks.overlaps, violations, exitCode}).toEqual({overlaps: 0, violations: 0, exitCode: 0});
  expect(ticks.count).toBeGreaterThan(0);
  for (const {route, sent, failed} of api)
    expect({route, any: sent > 0, failed}).toEqual({route, any: true, failed: 0});
}, 120_000);

test('a load of nothing is refused', async () => {
  await expect(run(process.execPath, [LOAD, '--drivers', '0'])).rejects.toMatchObject({code: 2});
});
