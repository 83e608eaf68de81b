// When a long-running command should end: at a signal, or after a given time. A second signal ends it at once.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const KILLED_EXIT_CODE = 130;

export type Shutdown = {
  /** Resolves at the first of SIGINT, SIGTERM, SIGHUP, even one that came before; or `limitMs` from now. */
  asked(limitMs?: number): Promise<void>;
};

/** Listens from now on. */
export function onShutdown(): Shutdown {
  const {promise: signalled, resolve} = Promise.withResolvers<void>();
  let count = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (++count > 1) process.exit(KILLED_EXIT_CODE);
      resolve();
    });
  }
  return {
    async asked(limitMs) {
      if (limitMs === undefined) return signalled;
      const {promise: timedOut, resolve: timeOut} = Promise.withResolvers<void>();
      const timer = setTimeout(timeOut, limitMs);
      await Promise.race([signalled, timedOut]);
      clearTimeout(timer);
    },
  };
}
