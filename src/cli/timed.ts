// How long a computation takes once it is warm, as commands tell it.

const MEASURED_RUNS = 5;
/** Code that ran so often is as fast as it gets. */
const WARM_UP_RUNS = 20;

export type Timing = {
  /** A first run longer than this is told as it is: what there is to warm up is nothing beside it. */
  readonly longRunMs?: number;
  /** Code that has run less than this is slow still; one run at least warms up, and 20 at most. */
  readonly warmUpMs?: number;
};

/** What `run` gives, and the median time of five warm runs. */
export async function timed<T>(
  run: () => T | Promise<T>,
  {longRunMs = 10_000, warmUpMs = 0}: Timing = {},
): Promise<{result: Awaited<T>; computeMs: number}> {
  const timeOne = async (): Promise<{result: Awaited<T>; spentMs: number}> => {
    const startedMs = performance.now();
    const result = await run();
    return {result, spentMs: performance.now() - startedMs};
  };
  const {result, spentMs} = await timeOne();
  if (spentMs > longRunMs) return {result, computeMs: rounded(spentMs)};
  for (let runs = 1, warmMs = spentMs; runs < WARM_UP_RUNS && warmMs < warmUpMs; runs++) {
    warmMs += (await timeOne()).spentMs;
  }
  const runsMs: number[] = [];
  for (let i = 0; i < MEASURED_RUNS; i++) runsMs.push((await timeOne()).spentMs);
  return {result, computeMs: rounded(runsMs.sort((a, b) => a - b)[MEASURED_RUNS >> 1])};
}

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;
