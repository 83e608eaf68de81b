// The solver in turns with one that runs in a process of its own and reads DIMACS: LEMON, OR-Tools in C++, or another.
//
//   node bench/solve-beside.ts --rival COMMAND [--runs N] [--smoke]
//   node bench/solve-beside.ts --export FOLDER [--smoke]       only writes the files, for whatever else reads them
//
// COMMAND is called with a file's path. It reads the file, writes a line, and then for each line of its standard input
// solves it anew and writes `COST CPU_MS`, the CPU time of the solve alone. Ours is the CPU time of the process, all
// its threads, while `solve` runs, which checks and sorts what it is given. The answers cost the same, or this ends.

import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {loadavg, tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {Command} from 'commander';
import type {Problem} from '../src/flow/problem.ts';
import {solve} from '../src/flow/solve.ts';
import {writeMinFile} from './flow/min-file.ts';
import {drawn} from './flow/shapes.ts';
import {cpuMs, machine} from './harness.ts';

const options = new Command('solve-beside')
  .option('--rival <command>', 'the other solver, called with the path of a file')
  .option('--export <folder>', 'only write the files')
  .option('--runs <count>', 'of each on each shape', '5')
  .option('--smoke', 'tiny sizes')
  .parse()
  .opts<{rival?: string; export?: string; runs: string; smoke?: boolean}>();

const size = options.smoke ? 'smoke' : 'full';
const {rival} = options;
if (options.export !== undefined) exportAll(options.export);
else if (rival !== undefined) await besideAll(rival, Number(options.runs));
else process.stderr.write('solve-beside: nothing to do without --rival or --export\n');

function exportAll(folder: string): void {
  mkdirSync(folder, {recursive: true});
  for (const {input, instance} of drawn(size)) {
    writeMinFile(join(folder, `${input.replace(/\W+/g, '-')}.min`), instance.problem);
  }
}

async function besideAll(command: string, runs: number): Promise<void> {
  say(`${new Date().toISOString()} load ${loadavg()[0]} ${JSON.stringify(machine())}`);
  say(`CPU ms, in turns, ${runs} runs each; rival: ${command}`);
  const folder = mkdtempSync(join(tmpdir(), 'cloudrun-solve-'));
  try {
    for (const {input, instance} of drawn(size)) {
      const path = join(folder, 'instance.min');
      writeMinFile(path, instance.problem);
      say(`${input}: ${await beside(command, path, instance.problem, runs)}`);
    }
  } finally {
    rmSync(folder, {recursive: true});
  }
}

async function beside(command: string, path: string, problem: Problem, runs: number): Promise<string> {
  const child = spawn(command, [path], {stdio: ['pipe', 'pipe', 'inherit']});
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const {value, done} = await lines.next();
    if (done) throw new Error(`${command} ended without an answer`);
    return value;
  };
  await answer();
  // Code that has run little is slow; the other needs no such run.
  let {totalMs} = solve(problem, {budget: 1e12});
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < runs; run++) {
    const startMs = cpuMs();
    ({totalMs} = solve(problem, {budget: 1e12}));
    ours.push(cpuMs() - startMs);
    child.stdin.write('\n');
    const [cost, ms] = (await answer()).split(' ').map(Number);
    if (cost !== totalMs) throw new Error(`${command} finds ${cost}, ours is ${totalMs}`);
    theirs.push(ms);
  }
  child.stdin.end();
  const ratio = (least(theirs) / least(ours)).toFixed(2);
  return `cost ${totalMs}, ours ${told(ours)}, rival ${told(theirs)}, rival / ours by the least ${ratio}`;
}

function least(values: readonly number[]): number {
  return Math.min(...values);
}

function told(values: readonly number[]): string {
  return values.map((ms) => ms.toFixed(1)).join(' ');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
