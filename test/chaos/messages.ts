// What a run and the processes of its fleet say to each other.

import type {Stage, WorkerFault} from './plan.ts';

/** What the next daemon that comes to it does. */
export type Armed =
  | {readonly does: 'kill'; readonly stage: Stage; readonly downMs: number}
  | {readonly does: 'pause'; readonly stage: Stage}
  | {readonly does: 'worker'; readonly fault: WorkerFault};

export type ToDaemon =
  | {readonly kind: 'arm'; readonly armed: Armed | null}
  /** To one that waits where it is to be struck: go on; whether it was. */
  | {readonly kind: 'turn'; readonly isYours: boolean}
  | {readonly kind: 'skew'; readonly byMs: number}
  | {readonly kind: 'stop'};

export type FromDaemon =
  | {readonly kind: 'serving'; readonly address: string}
  | {readonly kind: 'start-failed'; readonly message: string}
  | {readonly kind: 'fence'; readonly regionId: string; readonly fence: number}
  /** It came to where it is to strike, and waits: to be killed or stopped, or for its turn. */
  | {readonly kind: 'reached'}
  /** How the solve ended that a worker thread spoiled. */
  | {readonly kind: 'worker-failed'; readonly message: string};

export type DaemonOptions = {
  readonly databaseUrl: string;
  readonly graphPath: string;
  readonly graphName: string;
  readonly leaseTtlMs: number;
};

/** Budgets of solves that the workers of the suite take as a word: no real one is below 0. */
export const WORKER_BUDGETS: Readonly<Record<WorkerFault, number>> = {throw: -1, hang: -2, exhaust: -3};
