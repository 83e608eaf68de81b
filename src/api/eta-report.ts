// Promised against actual times of a region's deliveries, read page by page and put into groups.

import type {Database} from '../db/connect.ts';
import {newestEtaTruths} from '../db/eta-truths.ts';
import type {EtaTruth} from '../domain/eta-truth.ts';
import {type LegEtas, legEtas} from './eta-groups.ts';
import type {TripRoadsOf} from './eta-ways.ts';
import type {EtaLimits} from './limits.ts';
import type {WithRoads} from './osrm/roads.ts';

export type EtaQuery = {
  readonly db: Database;
  readonly regionId: string;
  /** Epoch milliseconds of dispatch time: hand-overs from the first to before the second. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly limits: EtaLimits;
  readonly tripRoadsOf: TripRoadsOf;
  /** Undefined while they load: then nothing is told by road and distance. */
  readonly withRoads: WithRoads | undefined;
};

export type EtaReport = {
  readonly deliveries: number;
  /** Of the oldest hand-over that could be read. */
  readonly sinceMs: number;
  /** There were older ones in the time that was asked about. */
  readonly cut: boolean;
  /** Deliveries whose roads were looked up. */
  readonly onRoads: number;
  readonly pickup: LegEtas;
  readonly drop: LegEtas;
};

export async function readEtaReport(query: EtaQuery): Promise<EtaReport> {
  const {regionId, limits, tripRoadsOf, withRoads} = query;
  const {truths, sinceMs} = await readNewest(query);
  const onRoads = withRoads ? sampleOf(truths, limits.ways) : [];
  const sampled = {
    truths: onRoads,
    roads: withRoads ? await withRoads((roads) => tripRoadsOf(regionId, roads, onRoads)) : [],
    shown: sampleOf(truths, limits.points),
  };
  return {
    deliveries: truths.length,
    sinceMs,
    cut: sinceMs > query.sinceMs,
    onRoads: onRoads.length,
    pickup: await legEtas('pickup', truths, sampled),
    drop: await legEtas('drop', truths, sampled),
  };
}

/** The newest deliveries, at most as many as the limit, and the instant from which on they are all. */
async function readNewest({db, regionId, untilMs, limits, ...query}: EtaQuery) {
  const truths: EtaTruth[] = [];
  let sinceMs = Math.max(query.sinceMs, untilMs);
  const newest = {db, regionId, sinceMs: query.sinceMs, untilMs, limit: limits.deliveries};
  for await (const span of newestEtaTruths(newest)) {
    truths.push(...span.truths);
    sinceMs = span.sinceMs;
  }
  return {truths, sinceMs};
}

/** As many as the limit, by the random end of the task's id: the same in every report that holds them. */
function sampleOf(truths: readonly EtaTruth[], limit: number): readonly EtaTruth[] {
  if (truths.length <= limit) return truths;
  const ends = truths.map(({taskId}) => Number.parseInt(taskId.slice(-12), 16));
  const last = Float64Array.from(ends).sort()[limit - 1]!;
  return truths.filter((_, i) => ends[i]! <= last).slice(0, limit);
}
