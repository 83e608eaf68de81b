// One region under one daemon: its FAST loop and its sweeper, and the same tick and expiry on request. Ticks
// of a region never overlap, whoever asks for them.

import {v7 as uuidv7} from 'uuid';
import type {LastAnswer} from '../dispatch/last-answer.ts';
import {type Ticked, type TickOutcome, tick} from '../dispatch/tick.ts';
import type {World} from '../dispatch/world.ts';
import type {Clock} from '../domain/clock.ts';
import {startCadence} from './cadence.ts';
import type {Claim, Lease} from './leases.ts';
import {type Expire, type Swept, sweep} from './sweep.ts';

/** A loop is stuck when it has not come round for this many periods. */
const STUCK_AFTER_PERIODS = 3;

export type RegionPort = {
  readonly regionId: string;
  readonly lease: Lease;
  /** Whether an operator has paused the region; asked before every tick. */
  readonly isPaused: () => boolean;
  /** Lends the world as a tick under this fence sees it: the same from its begin to its end. */
  readonly withWorld: <T>(fence: number, use: (world: World) => Promise<T>) => Promise<T>;
  readonly expire: Expire;
  /** Makes room for what is recorded, and drops what is past its keeping. */
  readonly housekeep: () => Promise<void>;
};

/** Everything worth counting, logging or showing; the composition root decides which. */
export type RegionObserver = {
  readonly ticked: (ticked: Ticked, tookMs: number) => void;
  readonly fenced: () => void;
  readonly overrun: (missed: number) => void;
  readonly swept: (swept: Swept, tookMs: number) => void;
  readonly failed: (what: 'tick' | 'sweep' | 'housekeeping', error: unknown) => void;
};

export type TickAnswer =
  | TickOutcome
  /** A tick of the region runs, or its last has run. */
  | {readonly kind: 'busy'}
  | {readonly kind: 'paused'}
  | {readonly kind: 'owned-elsewhere'; readonly owner: string};

export type RegionDispatcher = {
  readonly regionId: string;
  tick(request: {readonly trigger: 'loop' | 'request'; readonly dryRun: boolean}): Promise<TickAnswer>;
  expire(): Promise<Swept>;
  /** Undefined while the loop comes round as it should; else what is wrong. */
  complaint(): string | undefined;
  /** Whether the lease is held here, or by whom; undefined while the database does not say. */
  claim(): Claim | undefined;
  /** Shadow prices of the last tick that ran here, by task: its time in the optimum, and what others lose by it. */
  taskPrices(): ReadonlyMap<string, number> | undefined;
  /** Refuses new ticks; whatever runs, whoever asked for it, ends; then the lease is given back. */
  stop(): Promise<void>;
};

export type Cadences = {readonly tickEveryMs: number; readonly sweepEveryMs: number};

/** Starts the loops of a region. */
export async function startRegion(
  port: RegionPort,
  cadences: Cadences,
  clock: Clock,
  observer: RegionObserver,
): Promise<RegionDispatcher> {
  const {regionId, lease} = port;
  let running: Promise<unknown> | undefined;
  let stopping = false;
  let lastRoundMs = clock.monotonicMs();

  const runTick: RegionDispatcher['tick'] = async (request) => {
    const claim = lease.current();
    if (claim?.kind !== 'held') return {kind: 'owned-elsewhere', owner: claim?.owner ?? 'unknown'};
    if (port.isPaused() && !request.dryRun) return {kind: 'paused'};
    if (running !== undefined || stopping) return {kind: 'busy'};
    const outcome = lease.during(decide(claim.fence, request));
    running = outcome;
    try {
      return await outcome;
    } finally {
      running = undefined;
    }
  };

  // Each tick starts from the answer of the one before, and a dry run from nothing. What stood before another daemon
  // had the lease is no use any more.
  let last: {readonly fence: number; readonly answer: LastAnswer | undefined} | undefined;
  const decide = async (fence: number, {trigger, dryRun}: Parameters<typeof runTick>[0]): Promise<TickOutcome> => {
    const startMs = clock.monotonicMs();
    const from = !dryRun && last?.fence === fence ? last.answer : undefined;
    const outcome = await port.withWorld(fence, (world) => tick(world, {id: uuidv7(), trigger, dryRun, last: from}));
    if (outcome.kind === 'fenced') observer.fenced();
    else if (!dryRun) {
      last = {fence, answer: outcome.answer};
      observer.ticked(outcome, clock.monotonicMs() - startMs);
    }
    return outcome;
  };

  const runSweep = async (): Promise<Swept> => {
    const startMs = clock.monotonicMs();
    const swept = await sweep(port.expire);
    observer.swept(swept, clock.monotonicMs() - startMs);
    return swept;
  };

  // A failed run is told to the observer and the loop goes on: the next period is the retry.
  const guarded = (what: Parameters<RegionObserver['failed']>[0], run: () => Promise<unknown>) => () =>
    run().then(
      () => {},
      (error: unknown) => observer.failed(what, error),
    );
  // A round that ends paused, busy or without the lease is a sign of life; one that throws is none.
  const round = async () => {
    await runTick({trigger: 'loop', dryRun: false});
    lastRoundMs = clock.monotonicMs();
  };
  const housekeep = guarded('housekeeping', port.housekeep);
  await housekeep();
  const fast = startCadence(cadences.tickEveryMs, clock, guarded('tick', round), observer.overrun);
  const sweeper = startCadence(cadences.sweepEveryMs, clock, guarded('sweep', runSweep));
  const housekeeper = startCadence(cadences.sweepEveryMs, clock, housekeep);

  return {
    regionId,
    tick: runTick,
    expire: runSweep,
    complaint() {
      if (lease.current() === undefined) return 'the lease is unknown: the database does not answer';
      const silentMs = clock.monotonicMs() - lastRoundMs;
      if (silentMs <= STUCK_AFTER_PERIODS * cadences.tickEveryMs) return undefined;
      return `the loop has not ticked for ${Math.round(silentMs)} ms`;
    },
    claim: lease.current,
    taskPrices() {
      const answer = last?.answer;
      return answer && new Map(answer.taskId.map((id, i) => [id, answer.taskPriceMs[i]]));
    },
    async stop() {
      stopping = true;
      await Promise.all([fast.stop(), sweeper.stop(), housekeeper.stop()]);
      await running?.catch(() => {}); // whoever asked for that tick is told how it failed
      await lease.stop();
    },
  };
}
