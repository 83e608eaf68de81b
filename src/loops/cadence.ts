// Runs something every so often, never twice at once. A run that overruns its period delays the next one: it starts at
// once when the late one ends, and the periods missed meanwhile are dropped and counted, not made up.

import type {Clock} from '../domain/clock.ts';

export type Cadence = {
  /** Starts no further run and resolves when the one in flight has ended. */
  stop(): Promise<void>;
};

/** `run` must not throw: what can go wrong in it is its own to handle. */
export function startCadence(
  periodMs: number,
  clock: Clock,
  run: () => Promise<void>,
  onOverrun: (missed: number) => void = () => {},
): Cadence {
  let dueMs = clock.monotonicMs();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let inFlight = Promise.resolve();

  const plan = () => {
    timer = setTimeout(
      () => {
        inFlight = run().then(next);
      },
      Math.max(0, dueMs - clock.monotonicMs()),
    );
  };
  const next = () => {
    if (stopped) return;
    dueMs += periodMs;
    const lateMs = clock.monotonicMs() - dueMs;
    if (lateMs > 0) {
      const missed = Math.floor(lateMs / periodMs);
      dueMs += missed * periodMs;
      if (missed > 0) onOverrun(missed);
    }
    plan();
  };
  plan();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await inFlight;
    },
  };
}
