// The objective, in integer milliseconds of cost (docs/COSTS.md derives each term):
//
//   c = max(0, pickup - max(ready, now))            the goods wait for the driver
//     + w_drive drive + w_wait wait                 the driver drives, and waits for the goods
//     + w_late E[max(0, drop - due)]                the customer waits beyond what is due
//     + w_fair f                                    f = min(1, paid minutes / region's median) * 10 min
//     + w_dec TTL (1 - p) / p                       expected time lost to offers that are declined
//     + w_ret P_fail return                         expected time of taking goods back
//
// A task left unassigned costs BASE + w_age max(0, now - ready). Every term is clamped to TERM_LIMIT_MS, and all terms
// together stay below BASE_MS, so that a feasible pair always beats leaving both alone; BASE plus ageing stays below
// COST_LIMIT_MS, which the solver requires.

import type {Weights} from '../domain/region.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import {COST_LIMIT_MS} from '../flow/problem.ts';
import {latenessMs, type Pairs, pairTimes} from './etas.ts';

export const BASE_MS = 2 ** 29;
export const TERM_NAMES = ['pickup', 'drive', 'wait', 'late', 'fair', 'decline', 'return'] as const;
export type TermName = (typeof TERM_NAMES)[number];
export const TERM_LIMIT_MS = 2 ** 26;
const AGEING_LIMIT_MS = COST_LIMIT_MS - BASE_MS - 1;
const FAIR_MS = 600_000;

export type Costs = {
  /** By pair: the sum of its terms, 0 .. TERM_NAMES.length * TERM_LIMIT_MS, below BASE_MS. */
  readonly costMs: Int32Array;
  /** TERM_NAMES.length entries per pair, weighted and clamped. */
  readonly termMs: Int32Array;
  /** By task index: the cost of leaving it unassigned, BASE_MS or more. */
  readonly unassignedMs: Int32Array;
};

export function costs(s: Snapshot, pairs: Pairs, p: Float64Array): Costs {
  const {weights: w, tasks, drivers, atMs} = s;
  const ttlMs = s.settings.offerTtlS * 1_000;
  const width = TERM_NAMES.length;
  const costMs = new Int32Array(pairs.task.length);
  const termMs = new Int32Array(pairs.task.length * width);
  for (let i = 0; i < costMs.length; i++) {
    const task = pairs.task[i];
    const driveMs = pairs.pickupMs[i];
    const times = pairTimes(s, task, driveMs, pairs.dropMs[i], pairs.returnMs[i]);
    const paidShare = s.medianPaidMin2h > 0 ? drivers.paidMin2h[pairs.driver[i]] / s.medianPaidMin2h : 0;
    const terms: Record<TermName, number> = {
      pickup: times.pickupAtMs - Math.max(tasks.readyAtMs[task], atMs),
      drive: w.wDrive * driveMs,
      wait: w.wWait * (times.pickupAtMs - (atMs + driveMs)),
      late: w.wLate * latenessMs(s, task, times),
      fair: w.wFair * Math.min(1, paidShare) * FAIR_MS,
      decline: (w.wDec * ttlMs * (1 - p[i])) / p[i],
      return: w.wRet * s.failedHandoverRate * pairs.returnMs[i],
    };
    for (let k = 0; k < width; k++) costMs[i] += termMs[i * width + k] = clamp(terms[TERM_NAMES[k]], TERM_LIMIT_MS);
  }
  return {costMs, termMs, unassignedMs: unassigned(s, w)};
}

function unassigned(s: Snapshot, w: Weights): Int32Array {
  return Int32Array.from(
    s.tasks.readyAtMs,
    (readyAtMs) => BASE_MS + clamp(w.wAge * (s.atMs - readyAtMs), AGEING_LIMIT_MS),
  );
}

/** Rounded, from 0 to the limit; not-a-number is 0, so that no input can poison a sum. */
const clamp = (ms: number, limitMs: number): number => (ms > 0 ? Math.min(Math.round(ms), limitMs) : 0);
