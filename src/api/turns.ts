// Work in turn: some at a time, a few that wait for theirs in the order of asking, and no more.
//
// Invariant: running <= atOnce, waiting.size <= waitingLimit, and nobody waits while there is room to run.

/** `end` must be called, once. */
export type Turn = {readonly kind: 'come'; end(): void} | {readonly kind: 'full'} | {readonly kind: 'gone'};

export type Turns = {
  /** Resolves when the turn has come: 'full' at once where too many wait, 'gone' where `signal` aborts before. */
  wait(signal: AbortSignal): Promise<Turn>;
};

export function createTurns(atOnce: number, waitingLimit: number): Turns {
  let running = 0;
  /** What lets each go, the longest waiting first. */
  const waiting = new Set<() => void>();

  function begin(): Turn {
    running++;
    return {
      kind: 'come',
      end() {
        running--;
        const [first] = waiting;
        first?.();
      },
    };
  }

  return {
    async wait(signal) {
      if (signal.aborted) return {kind: 'gone'};
      if (running < atOnce) return begin();
      if (waiting.size >= waitingLimit) return {kind: 'full'};
      return new Promise((resolve) => {
        const leave = () => {
          waiting.delete(go);
          resolve({kind: 'gone'});
        };
        const go = () => {
          waiting.delete(go);
          signal.removeEventListener('abort', leave);
          resolve(begin());
        };
        waiting.add(go);
        signal.addEventListener('abort', leave, {once: true});
      });
    },
  };
}
