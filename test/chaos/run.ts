// `npm run test:chaos -- --seed N`: prints the plan of the seed, its faults as they happen, and the verdict. Exit code
// 1: something that was promised was not kept.

import {chmodSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Command, Option} from 'commander';
import {MUTANTS, type Mutant} from './mutants.ts';
import {describe, planOf, SIZES, type Size} from './plan.ts';
import {startServer} from './server.ts';
import {openWorld, type Verdict, type World} from './world.ts';

type Options = {
  readonly seed?: string;
  readonly seeds?: string;
  readonly count: string;
  readonly size: Size['name'];
  readonly json?: boolean;
  readonly folder?: string;
  readonly mutant?: Mutant;
};

const options: Options = new Command('test:chaos')
  .description('Daemons, sweepers and a database under a seeded load and seeded faults, then every promise checked.')
  .option('--seed <number>', 'the first seed (default: drawn)')
  .option('--count <number>', 'how many seeds, one after another', '1')
  .option('--seeds <A..B>', 'the same as a range')
  .addOption(new Option('--size <size>', 'of each seed').choices(Object.keys(SIZES)).default('long'))
  .option('--json', 'end with one JSON line on standard output; lines for people go to standard error')
  .option('--folder <folder>', 'for database and logs (default: a temporary one, kept when something was not kept)')
  .addOption(new Option('--mutant <name>', 'with this defect put in').choices(Object.keys(MUTANTS)))
  .parse()
  .opts();

const size = SIZES[options.size];
const say = options.json ? console.error : console.log;

function seedsAsked(): number[] {
  const [first, last] = (options.seeds ?? options.seed ?? `${Math.floor(Math.random() * 1e6)}`).split('..').map(Number);
  const count = last === undefined ? Number(options.count) : last - first + 1;
  if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
    throw new Error('seeds are whole numbers: --seed 7, or --seeds 1..10');
  }
  return Array.from({length: count}, (_, i) => first + i);
}

function folderOf(): string {
  // Root's server runs as nobody, who need not be able to enter TMPDIR.
  const folder = options.folder ?? mkdtempSync(join(process.getuid?.() === 0 ? '/tmp' : tmpdir(), 'cloudrun-chaos-'));
  mkdirSync(folder, {recursive: true});
  chmodSync(folder, 0o755);
  return folder;
}

function tell({seed, violations, tasks, events, ticks, requests}: Verdict): void {
  const counted = Object.entries(requests).map(([what, count]) => `${count} ${what}`);
  say(`${tasks} tasks, ${events} events, ${ticks} ticks so far; answers: ${counted.sort().join(', ')}`);
  for (const {sentence, example} of violations) say(`VIOLATED: ${sentence} ${example}`);
  if (violations.length === 0) say(`seed ${seed}: every promise was kept`);
  else say(`seed ${seed}: FAILED; again: npm run test:chaos -- --seed ${seed} --size ${size.name}`);
}

const folder = folderOf();
const data = join(folder, 'data');
mkdirSync(data, {recursive: true});
chmodSync(data, 0o755);
const server = await startServer(data);
const verdicts: Verdict[] = [];
let failed = false;
const seeds = seedsAsked();
// Its processes end with it; the server has a session of its own.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void server.stop().finally(() => process.exit(1)));
}
let world: World | undefined;
let seedsInWorld = 0;

/** Ends the world; what was not kept in it stays there to be looked at. */
async function leave(isWhole: boolean): Promise<void> {
  for (const {sentence, example} of (await world?.close(isWhole)) ?? []) {
    failed = true;
    say(`VIOLATED: ${sentence} ${example}`);
  }
  world = undefined;
  seedsInWorld = 0;
}

try {
  for (const seed of seeds) {
    const database = `chaos_${seed}`;
    world ??= await openWorld({folder, server, database, size, mutant: options.mutant, say});
    const {daemons, steps} = planOf(seed, size);
    say(`\nseed ${seed} (${size.name}): ${daemons} daemons, 2 sweepers, ${size.tasks} tasks in each of 2 regions`);
    for (const {afterMs, fault} of steps) say(`  after ${afterMs} ms: ${describe(fault)}`);
    const verdict = await world.run(seed);
    tell(verdict);
    verdicts.push(verdict);
    const isKept = verdict.violations.length === 0;
    failed ||= !isKept;
    if (++seedsInWorld === size.seedsPerWorld || !isKept) await leave(isKept);
  }
  await leave(true);
} finally {
  await server.stop();
}
if (failed) say(`\nlogs and the database are in ${folder}`);
else if (options.folder === undefined) rmSync(folder, {recursive: true, force: true});
say(failed ? '\nsomething that was promised was not kept' : `\nevery promise was kept, seeds ${seeds.join(' ')}`);
if (options.json) console.log(JSON.stringify({ok: !failed, seeds: verdicts}));
process.exit(failed ? 1 : 0);
