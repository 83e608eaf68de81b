// How a number comes about: seeded input, warm-up, unmeasured preparation before each run, min and mean ± std, and a
// checksum of the result, so that two figures can only be compared when both did the same work. tinybench takes the
// time.

import {cpus, totalmem} from 'node:os';
import {Bench} from 'tinybench';
import {codeVersion} from '../src/cli/version.ts';

/** `smoke` proves in CI that a bench still runs; only `full` makes figures. */
export type Size = 'smoke' | 'full';

export type Measured = {
  readonly name: string;
  /** What one run does, with its sizes: the row's label in a report. */
  readonly input: string;
  /** Unmeasured, before every run. */
  readonly before?: () => Promise<void>;
  /** Measured. Returns a number that depends on the whole result. */
  readonly run: () => number | Promise<number>;
  /** How many things one run does, for a rate. */
  readonly things?: {readonly count: number; readonly of: string};
};

/**
 * A file of bench/: makes its input, lends what is measured to `measure`, and clears up. Rivals are lent together, and
 * run in turns.
 */
export type Suite = (size: Size, measure: (measured: Measured | readonly Measured[]) => Promise<void>) => Promise<void>;

export type Row = {
  readonly name: string;
  readonly input: string;
  readonly runs: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly stdMs: number;
  readonly perSecond?: string;
  /** The same for every run of the same commit, seed and size. */
  readonly checksum: number;
};

const ITERATIONS: Record<Size, number> = {smoke: 2, full: 12};
const WARMUPS: Record<Size, number> = {smoke: 1, full: 3};

const ROUNDS: Record<Size, number> = {smoke: 1, full: 5};

/** One warm-up round, then rounds in which each runs once: what slows the machine down slows all of them. */
export async function measureTogether(size: Size, all: readonly Measured[]): Promise<Row[]> {
  const times = all.map((): number[] => []);
  const checksums = all.map(() => new Set<number>());
  for (let round = 0; round <= ROUNDS[size]; round++) {
    for (const [i, {before, run}] of all.entries()) {
      await before?.();
      const startMs = performance.now();
      checksums[i].add(await run());
      if (round > 0) times[i].push(performance.now() - startMs);
    }
  }
  return all.map((measured, i) => {
    const mean = times[i].reduce((sum, ms) => sum + ms, 0) / times[i].length;
    const spread = times[i].reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / Math.max(1, times[i].length - 1);
    const latency = {min: Math.min(...times[i]), mean, sd: Math.sqrt(spread), samplesCount: times[i].length};
    return rowOf(measured, latency, checksums[i]);
  });
}

export async function measureOne(size: Size, measured: Measured): Promise<Row> {
  const {name, before, run} = measured;
  const checksums = new Set<number>();
  const bench = new Bench({
    iterations: ITERATIONS[size],
    time: 0,
    warmupIterations: WARMUPS[size],
    warmupTime: 0,
    throws: true,
  });
  bench.add(name, async () => void checksums.add(await run()), {async: true, ...(before ? {beforeEach: before} : {})});
  const [task] = await bench.run();
  const {result} = task;
  if (!('latency' in result)) throw new Error(`${name} gave no figures`);
  return rowOf(measured, result.latency, checksums);
}

type Latency = {readonly min: number; readonly mean: number; readonly sd: number; readonly samplesCount: number};

function rowOf({name, input, things}: Measured, latency: Latency, checksums: ReadonlySet<number>): Row {
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
    ...(things ? {perSecond: `${Math.round((things.count * 1_000) / mean).toLocaleString('en')} ${things.of}`} : {}),
    checksum: [...checksums][0],
  };
}

/** Where the figures were taken; stands in every log. */
export const machine = () => ({
  node: process.version,
  code: codeVersion,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
});

/** An order-dependent sum of integers, exact below 2^53. */
export function checksum(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum = (sum * 31 + value) % 0x1f_ffff_ffff;
  return sum;
}

const round = (ms: number): number => Math.round(ms * 1_000) / 1_000;
