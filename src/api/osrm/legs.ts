// From places to legs: which way each is driven, and where it goes on at the places in between.
//
// A driver who continues straight leaves a via in the direction of the arrival. Which of two directions to arrive in is
// chosen over the whole route: best[k][d] = min over e of best[k - 1][e] + time of leg k from e to d, so it is the
// fastest of all routes that never turn back at a via.

import type {RoadGraph} from '../../../native-graph/layout.ts';
import type {Position} from '../../../native-graph/position.ts';
import {arcBetween, type Way} from '../../../native-graph/route/path.ts';
import type {Roads} from './roads.ts';

/** A stretch of one segment, fractions in driving direction. */
export type Run = {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
  readonly driveMs: number;
  /** What the turn into the next run of the leg costs. */
  readonly turnMs: number;
};

export type Leg = {
  /** At least one, in driving order. */
  readonly runs: readonly Run[];
  readonly durationMs: number;
  readonly lengthM: number;
  readonly start: Position;
  readonly end: Position;
};

/** The best of the ways to a position in one direction, and what it goes on from. */
type Reached = {readonly ms: number; readonly before?: Reached; readonly leg?: Leg};

const START: Reached = {ms: 0};
const NOT_REACHED: Reached = {ms: Number.POSITIVE_INFINITY};

/** The legs of the fastest route through two positions or more; undefined where there is none. */
export async function planLegs(
  roads: Roads,
  positions: readonly Position[],
  mayTurnBack: boolean,
): Promise<Leg[] | undefined> {
  const last = positions.length - 1;
  const options = positions.map((at, k) => (mayTurnBack || k === 0 || k === last ? [at] : directionsOf(at)));
  const pairs = options.slice(1).flatMap((to, k) => options[k].flatMap((a) => to.map((b) => [a, b] as const)));
  const ways = await roads.ways(pairs);

  let reached = options[0].map(() => START);
  let first = 0;
  for (let k = 1; k <= last; k++) {
    const [from, to] = [options[k - 1], options[k]];
    const next = to.map(() => NOT_REACHED);
    for (let pair = first; pair < first + from.length * to.length; pair++) {
      const before = reached[Math.floor((pair - first) / to.length)];
      const d = (pair - first) % to.length;
      const way = ways[pair];
      if (way === null || before.ms + way.durationMs >= next[d].ms) continue;
      const [start, end] = pairs[pair];
      next[d] = {ms: before.ms + way.durationMs, before, leg: legOf(roads.graph, way, start, end)};
    }
    first += from.length * to.length;
    reached = next;
  }
  const legs: Leg[] = [];
  for (let at: Reached | undefined = reached[0]; at?.leg; at = at.before) legs.push(at.leg);
  return legs.length === last ? legs.reverse() : undefined;
}

/** The position once for each direction in which it can be passed. */
const directionsOf = (at: Position): Position[] =>
  [
    {...at, backward: -1},
    {...at, forward: -1},
  ].filter(({forward, backward}) => forward >= 0 || backward >= 0);

export function legOf(g: RoadGraph, {segments, durationMs, lengthM}: Way, start: Position, end: Position): Leg {
  const last = segments.length - 1;
  const runs = segments.map((segment, i): Run => {
    const from = i === 0 ? fractionOn(g, start, segment) : 0;
    // Two places within the same millisecond may stand the other way round.
    const to = i === last ? Math.max(from, fractionOn(g, end, segment)) : 1;
    const travelMs = g.travelMs[segment];
    const driveMs = Math.round(to * travelMs) - Math.round(from * travelMs);
    const next = segments[i + 1];
    return {segment, from, to, driveMs, turnMs: i < last ? arcBetween(g, segment, next) - g.travelMs[next] : 0};
  });
  return {runs, durationMs, lengthM, start, end};
}

const fractionOn = (g: RoadGraph, at: Position, segment: number): number =>
  (g.drawn[segment] & 1) === 0 ? at.fraction : 1 - at.fraction;

/** Legs that meet at places which are no waypoints become one; on the street of such a place, so do their runs. */
export function joinLegs(g: RoadGraph, legs: readonly Leg[]): Leg {
  const runs: Run[] = [];
  for (const leg of legs) {
    const [next, ...rest] = leg.runs;
    const before = runs.at(-1);
    if (before && g.drawn[before.segment] === g.drawn[next.segment]) {
      runs[runs.length - 1] = {...next, from: before.from, driveMs: before.driveMs + next.driveMs};
    } else runs.push(next);
    runs.push(...rest);
  }
  const sum = (value: (leg: Leg) => number) => legs.reduce((total, leg) => total + value(leg), 0);
  return {
    runs,
    durationMs: sum(({durationMs}) => durationMs),
    lengthM: sum(({lengthM}) => lengthM),
    start: legs[0].start,
    end: legs[legs.length - 1].end,
  };
}
