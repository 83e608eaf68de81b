// What an answer to a question of sensitivity looks like, and who would serve what instead.

import type {Sensitivity} from './hub.ts';

/** Arrays of equal length: each task once, with the driver it leaves and the one it goes to, -1 for unassigned. */
export type Moves = {readonly task: Int32Array; readonly from: Int32Array; readonly to: Int32Array};

/**
 * By how much the optimum rises (falls, if negative), all else left as it is.
 *
 * `priceBoundMs` is what the prices alone say: a lower bound, not the change. Where a budget ended a search, the change
 * lies between `atLeastMs` and `atMostMs`.
 */
export type Change =
  | {readonly kind: 'exact'; readonly changeMs: number; readonly priceBoundMs: number; readonly moves: Moves}
  | {
      readonly kind: 'over-budget';
      readonly atLeastMs: number;
      readonly atMostMs: number;
      readonly priceBoundMs: number;
    }
  | {readonly kind: 'infeasible'};

/** `chain` is asked only if the change is exact: otherwise the ways are not final. */
export function changeOf(atLeastMs: number, atMostMs: number, priceBoundMs: number, chain: () => Move[]): Change {
  if (atLeastMs === atMostMs) return {kind: 'exact', changeMs: atMostMs, priceBoundMs, moves: movesOf(chain())};
  return {kind: 'over-budget', atLeastMs: Math.max(atLeastMs, priceBoundMs), atMostMs, priceBoundMs};
}

export type Move = readonly [task: number, from: number, to: number];

const movesOf = (chain: readonly Move[]): Moves => ({
  task: Int32Array.from(chain, ([task]) => task),
  from: Int32Array.from(chain, ([, from]) => from),
  to: Int32Array.from(chain, ([, , to]) => to),
});

/** `driver` gives up a place: its task takes another's, and so on, until one finds a free place or goes unassigned. */
export function displaced({fromHub}: Sensitivity, driver: number): Move[] {
  const chain: Move[] = [];
  for (let d = driver; d >= 0 && fromHub.task[d] >= 0; d = fromHub.driver[d]) {
    chain.push([fromHub.task[d], d, fromHub.driver[d]]);
  }
  return chain;
}

/** `driver` has a place to fill: a task comes from another driver, and so on, until a place is better left free. */
export function refilled({toHub}: Sensitivity, driver: number): Move[] {
  const chain: Move[] = [];
  for (let d = driver; d >= 0 && toHub.task[d] >= 0; d = toHub.driver[d]) {
    chain.push([toHub.task[d], toHub.driver[d], d]);
  }
  return chain;
}

/**
 * A place of `from` is to be filled and one of `to` given up, by way of the hub: first who is displaced, then who fills
 * the place. Where both ways meet they are joined, since what lies beyond cancels out.
 */
export function byHub(s: Sensitivity, from: number, to: number): Move[] {
  const out = displaced(s, to);
  const back = refilled(s, from);
  const filledBefore = new Map<number, number>(); // by driver on the way back: moves until its place is to be filled
  [from, ...back.map(([, leaves]) => leaves)].forEach((d, i) => {
    if (d >= 0) filledBefore.set(d, i);
  });
  const meeting = [to, ...out.map(([, , goesTo]) => goesTo)].findIndex((d) => filledBefore.has(d));
  if (meeting < 0) return [...out, ...back];
  const shared = meeting === 0 ? to : out[meeting - 1][2];
  return [...out.slice(0, meeting), ...back.slice(0, filledBefore.get(shared))];
}
