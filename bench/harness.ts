// How a number comes about: seeded input, warm-up, unmeasured preparation before each run, min and mean ± std, and a
// checksum of the result, so that two figures can only be compared when both did the same work. tinybench takes the
// time. Beside the wall's stands the process's CPU time, of all its threads: on a busy machine that says more.

import {cpus, totalmem} from 'node:os';
import {Bench} from 'tinybench';
import {codeVersion} from '../src/cli/version.ts';

/** `smoke` proves in CI that a bench still runs; only `full` makes figures. */
export type Size = 'smoke' | 'full';

type Result = number | Iterable<number>;

type Facts = Readonly<Record<string, number>>;

export type Measured = {
  readonly name: string;
  /** What one run does, with its sizes: the row's label in a report. */
  readonly input: string;
  /** Unmeasured, before every run. */
  readonly before?: () => Promise<void>;
  /** Measured. Returns the whole result, or a number that depends on it. */
  readonly run: () => Result | Promise<Result>;
  /** One run without a warm-up: for what takes minutes. */
  readonly once?: boolean;
  /** What else there is to say of the result, asked after the last run: bytes, counts. */
  readonly facts?: () => Facts;
  /** How many things one run does, for a rate. */
  readonly things?: {readonly count: number; readonly of: string};
};

/**
 * A file of bench/: makes its input, lends what is measured to `measure`, and clears up. Rivals are lent together, and
 * run in turns.
 */
export type Suite = (
  size: Size,
  measure: (measured: Measured | readonly Measured[]) => Promise<void>,
  /** The folder of maps that are not in the repository; it may be absent. */
  data: string,
) => Promise<void>;

export type Row = {
  readonly name: string;
  readonly input: string;
  readonly runs: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly stdMs: number;
  readonly minCpuMs: number;
  readonly meanCpuMs: number;
  readonly perSecond?: string;
  readonly facts?: Facts;
  /** The same for every run of the same commit, seed and size. */
  readonly checksum: number;
};

const ITERATIONS: Record<Size, number> = {smoke: 2, full: 12};
const WARMUPS: Record<Size, number> = {smoke: 1, full: 3};

/** Rounds of rivals: as many as fit so many milliseconds, within these bounds. */
const ROUNDS_MS = 1_500;
const LEAST_ROUNDS = 5;
const MOST_ROUNDS = 40;
/** Unmeasured; more of them where a round is short, since code that has run little is slow. */
const SHORT_ROUND_MS = 500;
const SHORT_WARMUPS = 5;

/** Warm-up rounds, then rounds in which each runs once: what slows the machine down slows all of them. */
export async function measureTogether(size: Size, all: readonly Measured[]): Promise<Row[]> {
  const times = all.map((): number[] => []);
  const cpuTimes = all.map((): number[] => []);
  const checksums = all.map(() => new Set<number>());
  const isOnce = all.every(({once}) => once);
  let warmups = isOnce ? 0 : 1;
  let rounds = 1;
  for (let round = 0; round < warmups + rounds; round++) {
    const roundStartMs = performance.now();
    for (const [i, {before, run}] of all.entries()) {
      await before?.();
      const startCpuMs = cpuMs();
      const startMs = performance.now();
      const result = await run();
      if (round >= warmups) {
        times[i].push(performance.now() - startMs);
        cpuTimes[i].push(cpuMs() - startCpuMs);
      }
      checksums[i].add(sumOf(result));
    }
    if (round > 0 || isOnce || size === 'smoke') continue;
    const roundMs = performance.now() - roundStartMs;
    warmups = roundMs < SHORT_ROUND_MS ? SHORT_WARMUPS : 1;
    rounds = Math.min(MOST_ROUNDS, Math.max(LEAST_ROUNDS, Math.floor(ROUNDS_MS / roundMs)));
  }
  return all.map((measured, i) => {
    const mean = times[i].reduce((sum, ms) => sum + ms, 0) / times[i].length;
    const spread = times[i].reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / Math.max(1, times[i].length - 1);
    const latency = {min: Math.min(...times[i]), mean, sd: Math.sqrt(spread), samplesCount: times[i].length};
    return rowOf(measured, latency, cpuTimes[i], checksums[i]);
  });
}

export async function measureOne(size: Size, measured: Measured): Promise<Row> {
  const {name, before, run} = measured;
  const checksums = new Set<number>();
  const cpuTimes: number[] = [];
  const bench = new Bench({
    iterations: ITERATIONS[size],
    time: 0,
    warmupIterations: WARMUPS[size],
    warmupTime: 0,
    throws: true,
  });
  const timed = async () => {
    const startCpuMs = cpuMs();
    checksums.add(sumOf(await run()));
    cpuTimes.push(cpuMs() - startCpuMs);
  };
  bench.add(name, timed, {async: true, ...(before ? {beforeEach: before} : {})});
  const [task] = await bench.run();
  const {result} = task;
  if (!('latency' in result)) throw new Error(`${name} gave no figures`);
  // The first are of the warm-up.
  return rowOf(measured, result.latency, cpuTimes.slice(-result.latency.samplesCount), checksums);
}

type Latency = {readonly min: number; readonly mean: number; readonly sd: number; readonly samplesCount: number};

function rowOf(
  {name, input, things, facts}: Measured,
  latency: Latency,
  cpuTimes: readonly number[],
  checksums: ReadonlySet<number>,
): Row {
  if (checksums.size !== 1)
    throw new Error(`${name} did different work in different runs: ${[...checksums].join(', ')}`);
  const {min, mean, sd, samplesCount} = latency;
  return {
    name,
    input,
    runs: samplesCount,
    minMs: round(min),
    meanMs: round(mean),
    stdMs: round(sd),
    minCpuMs: round(Math.min(...cpuTimes)),
    meanCpuMs: round(cpuTimes.reduce((sum, ms) => sum + ms, 0) / cpuTimes.length),
    ...(things ? {perSecond: `${Math.round((things.count * 1_000) / mean).toLocaleString('en')} ${things.of}`} : {}),
    ...(facts && {facts: facts()}),
    checksum: [...checksums][0],
  };
}

/** Of the process, all its threads. */
export function cpuMs(): number {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Where the figures were taken; stands in every log. */
export const machine = () => ({
  node: process.version,
  code: codeVersion,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
});

const sumOf = (result: Result): number => (typeof result === 'number' ? result : checksum(result));

/** An order-dependent sum of integers, exact below 2^53. */
export function checksum(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum = (sum * 31 + value) % 0x1f_ffff_ffff;
  return sum;
}

const round = (ms: number): number => Math.round(ms * 1_000) / 1_000;
