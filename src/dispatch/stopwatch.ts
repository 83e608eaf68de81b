// How long each stage of a tick took. Durations are observed, never decided upon.

export type Stopwatch = {
  /** Runs a stage and adds its duration under `name`; a promise counts until it settles. */
  lap<T>(name: string, stage: () => T): T;
  /** Milliseconds by stage, growing as stages end. */
  readonly stageMs: Readonly<Record<string, number>>;
};

export function stopwatch(monotonicMs: () => number): Stopwatch {
  const stageMs: Record<string, number> = {};
  return {
    stageMs,
    lap(name, stage) {
      const startMs = monotonicMs();
      const stop = () => {
        stageMs[name] = (stageMs[name] ?? 0) + monotonicMs() - startMs;
      };
      const result = stage();
      if (result instanceof Promise) return result.finally(stop) as typeof result;
      stop();
      return result;
    },
  };
}
