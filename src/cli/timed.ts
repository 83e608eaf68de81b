// How long a command's search takes once it is warm, snapping included.

/** A first run longer than this is told as it is: what there is to warm up is nothing beside it. */
const LONG_RUN_MS = 10_000;
const MEASURED_RUNS = 5;

/** What `run` gives, and the median time of five warm runs. */
export async function timed<T>(run: () => T | Promise<T>): Promise<{result: Awaited<T>; computeMs: number}> {
  const spentMs: number[] = [];
  for (;;) {
    const startedMs = performance.now();
    const result = await run();
    spentMs.push(performance.now() - startedMs);
    const isLong = spentMs[0] > LONG_RUN_MS;
    if (!isLong && spentMs.length <= MEASURED_RUNS) continue;
    const measured = (isLong ? spentMs : spentMs.slice(1)).sort((a, b) => a - b);
    return {result, computeMs: Math.round(measured[measured.length >> 1] * 1_000) / 1_000};
  }
}
