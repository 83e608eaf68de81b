// The one place outside the composition roots that reads a clock. Everything else is handed one of these.

export type Clock = {
  /** Epoch milliseconds. */
  readonly wallMs: () => number;
  /** Milliseconds from an arbitrary start that never go backwards. */
  readonly monotonicMs: () => number;
};

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
