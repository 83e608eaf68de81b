// The arcs of a graph: the turns between kept segments, by tail and again by head.

import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import type {Ids} from './assemble.ts';
import type {Turns} from './turns.ts';

/** Two kept components have no arcs between them: the answer there is that there is no way. */
const joins = (componentOf: Uint32Array, from: number, to: number): boolean => componentOf[from] === componentOf[to];

export function countArcs(turns: Turns, componentOf: Uint32Array, {stateOf}: Ids): number {
  let count = 0;
  for (const s of stateOf) {
    for (let i = turns.first[s]; i < turns.first[s + 1]; i++) if (joins(componentOf, s, turns.to[i])) count++;
  }
  return count;
}

/** Heads come out ascending: turns list the edges of one junction in the order in which its segments are numbered. */
export function fillArcs(turns: Turns, componentOf: Uint32Array, {stateOf, segmentOf}: Ids, g: RoadGraph): void {
  let arc = 0;
  for (let segment = 0; segment < stateOf.length; segment++) {
    const s = stateOf[segment];
    g.firstArc[segment] = arc;
    for (let i = turns.first[s]; i < turns.first[s + 1]; i++) {
      if (!joins(componentOf, s, turns.to[i])) continue;
      const head = segmentOf[turns.to[i]];
      const longestMs = turns.costMs[i] + Math.max(g.travelMs[segment], g.travelMs[head]);
      if (longestMs >= UNREACHABLE_MS) throw new RangeError(`the turn into segment ${head} overflows`);
      g.head[arc] = head;
      g.arcMs[arc++] = g.travelMs[head] + turns.costMs[i];
    }
  }
  g.firstArc[stateOf.length] = arc;
}

/** The same arcs by head; tails come out ascending because they are handed out in that order. */
export function fillIncoming(g: RoadGraph): void {
  for (const head of g.head) g.firstArcIn[head + 1]++;
  for (let segment = 0; segment < g.segmentCount; segment++) g.firstArcIn[segment + 1] += g.firstArcIn[segment];
  const next = g.firstArcIn.slice(0, g.segmentCount);
  for (let segment = 0; segment < g.segmentCount; segment++) {
    for (let arc = g.firstArc[segment]; arc < g.firstArc[segment + 1]; arc++) {
      const slot = next[g.head[arc]]++;
      g.tail[slot] = segment;
      g.arcInMs[slot] = g.arcMs[arc] - g.travelMs[g.head[arc]] + g.travelMs[segment];
    }
  }
}
