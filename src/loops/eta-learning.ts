// What becomes of a region's promises, told by the daemon that holds it: errors as they come, for whoever watches, and
// once an hour what can be learned from them, anew. It makes way for ticks: deliveries are read page by page, one
// region of a daemon learns at a time, and between its steps the thread is anyone's.

import {setImmediate} from 'node:timers/promises';
import {readDispatchClock} from '../db/clock.ts';
import type {Database} from '../db/connect.ts';
import {replaceEtaCorrections} from '../db/eta-corrections.ts';
import {type EtaTruthPage, etaTruthPages, newestEtaTruths} from '../db/eta-truths.ts';
import {readRegion, regionUnknown} from '../db/regions.ts';
import type {Clock} from '../domain/clock.ts';
import {type LegError, legErrors} from '../domain/eta-error.ts';
import {etaLearner, LEARNED_DELIVERIES_LIMIT, LEARNED_WINDOW_MS, type Learned} from '../domain/eta-learning.ts';
import {startCadence} from './cadence.ts';

const FOLLOW_EVERY_MS = 30_000;
/** Of dispatch time. */
const LEARN_EVERY_MS = 3_600_000;
/** Real time that a hand-over may take to be committed: what is as recent is read in the next round. */
const SETTLED_AFTER_MS = 5_000;

export type EtaObserver = {
  readonly erred: (error: LegError) => void;
  readonly learned: (learned: Learned, tookMs: number) => void;
  readonly failed: (error: unknown) => void;
};

export type EtaLearningOptions = {
  readonly db: Database;
  readonly regionId: string;
  /** Of the lease held here; undefined while it is not. */
  readonly fence: () => number | undefined;
  readonly clock: Clock;
  readonly observer: EtaObserver;
  /** Shared by the regions of a daemon: while one learns, another comes back with its next round. */
  readonly turn: {taken: boolean};
  /** Shorter in tests. */
  readonly everyMs?: number;
};

/** Until the function it returns is called, which resolves once nothing of it runs. */
export function startEtaLearning(options: EtaLearningOptions): () => Promise<void> {
  const {db, regionId, fence, clock, observer, turn, everyMs = FOLLOW_EVERY_MS} = options;
  let stopping = false;
  let reached: {readonly fence: number; readonly page: Cursor; readonly learnedMs: number} | undefined;

  const round = async () => {
    const held = fence();
    if (held === undefined || stopping) return;
    const goesOn = () => !stopping && fence() === held;
    const {nowMs, scale} = await readDispatchClock(db);
    const untilMs = nowMs - SETTLED_AFTER_MS * scale;
    // Errors from before the lease came are those of the daemon that had it.
    reached = reached?.fence === held ? reached : {fence: held, page: {sinceMs: untilMs}, learnedMs: -Infinity};
    for await (const truths of etaTruthPages({db, regionId, untilMs, ...reached.page})) {
      for (const error of truths.flatMap(legErrors)) observer.erred(error);
      reached = {...reached, page: {...reached.page, after: truths[truths.length - 1]}};
      if (!goesOn()) return;
    }
    if (nowMs - reached.learnedMs < LEARN_EVERY_MS || turn.taken) return;
    const startMs = clock.monotonicMs();
    turn.taken = true;
    const learned = await learnEtas(db, regionId, untilMs, goesOn).finally(() => {
      turn.taken = false;
    });
    if (!learned) return;
    reached = {...reached, learnedMs: nowMs};
    observer.learned(learned, clock.monotonicMs() - startMs);
  };
  const cadence = startCadence(everyMs, clock, () => round().catch(observer.failed));
  return () => {
    stopping = true;
    return cadence.stop();
  };
}

/**
 * Learns from the hand-overs of the last weeks before `untilMs`, and keeps it for the ticks to come; undefined where
 * `goesOn` ended it, and then nothing is kept. InputFailure REGION_UNKNOWN.
 */
export async function learnEtas(
  db: Database,
  regionId: string,
  untilMs: number,
  goesOn: () => boolean = () => true,
): Promise<Learned | undefined> {
  const region = await readRegion(db, regionId);
  if (!region) throw regionUnknown(regionId);
  const learner = etaLearner(region.settings.h3Resolution);
  const newest = {db, regionId, sinceMs: untilMs - LEARNED_WINDOW_MS, untilMs, limit: LEARNED_DELIVERIES_LIMIT};
  for await (const {truths} of newestEtaTruths(newest)) {
    learner.add(truths);
    if (!goesOn()) return undefined;
  }
  const steps = learner.learn();
  for (;;) {
    const step = steps.next();
    if (!goesOn()) return undefined;
    if (!step.done) {
      await setImmediate();
      continue;
    }
    await replaceEtaCorrections(db, regionId, step.value.corrections);
    return step.value;
  }
}

type Cursor = Pick<EtaTruthPage, 'sinceMs' | 'after'>;
