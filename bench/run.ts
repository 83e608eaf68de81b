// `npm run bench [-- --smoke] [--only NAME] [--json]`: every suite in turn, a table, and the raw log in bench/logs.

import {mkdirSync, writeFileSync} from 'node:fs';
import {loadavg} from 'node:os';
import {fileURLToPath} from 'node:url';
import {Command} from 'commander';
import {type Measured, machine, measureOne, measureTogether, type Row, type Size, type Suite} from './harness.ts';

const SUITES: Readonly<Record<string, () => Promise<Suite>>> = {
  'graph-build': async () => (await import('./graph-build.ts')).graphBuild,
  import: async () => (await import('./import.ts')).importBench,
  snap: async () => (await import('./snap.ts')).snapping,
  epoch: async () => (await import('./epoch.ts')).epochBench,
  hierarchy: async () => (await import('./hierarchy.ts')).hierarchy,
  ways: async () => (await import('./ways.ts')).ways,
  tables: async () => (await import('./tables.ts')).tables,
  within: async () => (await import('./within.ts')).within,
  nearest: async () => (await import('./nearest.ts')).nearest,
  http: async () => (await import('./http.ts')).http,
  scaling: async () => (await import('./scaling.ts')).scaling,
  'scaling-state': async () => (await import('./scaling.ts')).scalingState,
  'eta-shard': async () => (await import('./eta-shard.ts')).etaShard,
  'eta-learning': async () => (await import('./eta-learning.ts')).etaLearning,
  solve: async () => (await import('./solve.ts')).solveBench,
  'solve-peers': async () => (await import('./solve-peers.ts')).solvePeers,
  sensitivity: async () => (await import('./sensitivity.ts')).sensitivityBench,
  network: async () => (await import('./network.ts')).networkBench,
  'offer-commit': async () => (await import('./offers.ts')).offerCommit,
  'offer-expiry': async () => (await import('./offers.ts')).offerExpiry,
  'dossier-verify': async () => (await import('./dossiers.ts')).dossierCheck,
  positions: async () => (await import('./positions.ts')).positionsBench,
  'tick-positions': async () => (await import('./tick-positions.ts')).tickBesidePositions,
  tick: async () => (await import('./tick.ts')).wholeTick,
  'tick-large': async () => (await import('./tick.ts')).largeTick,
};

const options = new Command('bench')
  .option('--smoke', 'tiny sizes: only that everything still runs')
  .option('--only <suite>', `of ${Object.keys(SUITES).join(', ')}; or several, by commas`)
  .option('--data <folder>', 'maps that are not in the repository', '../shared/data')
  .option('--json', 'one JSON line on standard output, and no log file')
  .parse()
  .opts<{smoke?: boolean; only?: string; json?: boolean; data: string}>();

const size: Size = options.smoke ? 'smoke' : 'full';
const names = options.only?.split(',') ?? Object.keys(SUITES).filter((name) => name !== 'scaling-state');
if (names.some((name) => !(name in SUITES))) {
  process.stderr.write(`bench: UNKNOWN_SUITE: there is no suite ${options.only}\n`);
  process.exit(2);
}

const [loadAtStart] = loadavg();
const rows: Row[] = [];
for (const name of names) {
  const suite = await SUITES[name]();
  await suite(
    size,
    async (measured) => {
      const found = isOne(measured) ? [await measureOne(size, measured)] : await measureTogether(size, measured);
      rows.push(...found);
      if (!options.json) process.stdout.write(found.map((row) => `${line(row)}\n`).join(''));
    },
    options.data,
  );
}

const log = {
  at: new Date().toISOString(),
  command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
  size,
  machine: machine(),
  loadAtStart,
  rows,
};
if (options.json) process.stdout.write(`${JSON.stringify(log)}\n`);
else if (size === 'full') {
  const folder = fileURLToPath(new URL('logs/', import.meta.url));
  mkdirSync(folder, {recursive: true});
  const suites = options.only?.replaceAll(',', '-') ?? 'all';
  const file = `${folder}${log.at.slice(0, 19).replaceAll(':', '')}-${suites}.json`;
  writeFileSync(file, `${JSON.stringify(log, null, 2)}\n`);
  process.stdout.write(`raw log: ${file}\n`);
}

function isOne(measured: Measured | readonly Measured[]): measured is Measured {
  return !Array.isArray(measured);
}

function line({name, input, minMs, meanMs, stdMs, minCpuMs, runs, perSecond}: Row): string {
  const time = `min ${minMs} ms, mean ${meanMs} ± ${stdMs} ms of ${runs}, least CPU ${minCpuMs} ms`;
  return `${name.padEnd(22)} ${time.padEnd(76)} ${(perSecond ?? '').padEnd(24)} ${input}`;
}
