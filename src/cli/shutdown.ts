// When a long-running command should end: at a signal, or after a given time. A second signal ends it at once.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export const KILLED_EXIT_CODE = 130;

/** One Ctrl-C reaches a process twice when a parent passes it on; what comes this soon is the same wish. */
const SAME_WISH_MS = 1_000;

export type Shutdown = {
  /** Resolves at the first of SIGINT, SIGTERM, SIGHUP, even one that came before; or `limitMs` from now. */
  asked(limitMs?: number): Promise<void>;
  wasAsked(): boolean;
};

/** Listens from now on. */
export function onShutdown(): Shutdown {
  const {promise: signalled, resolve} = Promise.withResolvers<void>();
  let firstMs: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      firstMs ??= performance.now();
      if (performance.now() - firstMs > SAME_WISH_MS) process.exit(KILLED_EXIT_CODE);
      resolve();
    });
  }
  return {
    wasAsked: () => firstMs !== undefined,
    async asked(limitMs) {
      if (limitMs === undefined) return signalled;
      const {promise: timedOut, resolve: timeOut} = Promise.withResolvers<void>();
      const timer = setTimeout(timeOut, limitMs);
      await Promise.race([signalled, timedOut]);
      clearTimeout(timer);
    },
  };
}
