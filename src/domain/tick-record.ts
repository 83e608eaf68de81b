// The record of a tick: enough to replay it bit for bit, and the header that is kept when the payload is dropped.

export type TickHeader = {
  readonly id: string;
  readonly regionId: string;
  readonly atMs: number;
  readonly trigger: 'loop' | 'request';
  readonly fence: number;
  readonly snapshotHash: string;
  readonly decisionHash: string;
  readonly graph: string;
  readonly graphEpoch: number;
  readonly weightsVersion: number;
  readonly codeVersion: string;
  readonly counts: TickCounts;
  /** Milliseconds spent by stage. */
  readonly stageMs: Readonly<Record<string, number>>;
  readonly solve: {
    readonly kind: 'optimal' | 'over-budget';
    readonly certified: boolean;
    readonly totalMs: number;
    readonly boundMs: number;
    readonly work: number;
    /** Shortest-path searches that ended. */
    readonly augmentations: number;
    /** Searches that the last tick's answer saved (src/flow/problem.ts); left out where there was none. */
    readonly saved?: number;
  };
};

export type TickCounts = {
  readonly drivers: number;
  readonly eligibleDrivers: number;
  readonly tasks: number;
  readonly eligibleTasks: number;
  readonly pairs: number;
  readonly proposed: number;
  readonly landed: number;
  readonly refused: number;
};

export type TickRecord = TickHeader & {
  /** zstd of the JSON of a Payload (src/dispatch/record.ts): what replay needs. */
  readonly payload: Uint8Array;
};
