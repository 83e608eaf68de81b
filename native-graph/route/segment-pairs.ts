// Times between given pairs of segments: many pairs that are no table. By Dijkstra a group costs a search. Over a
// hierarchy each distinct segment climbs once, and a pair costs one pass over the member's label.

import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import {overlayPositions, POSITION_BYTES, type Positions} from '../position.ts';
import {NO_LIMIT_MS, timesFrom, timesTo} from './dijkstra.ts';
import {labelsOf} from './labels.ts';
import {outOf, roundInto, seedsOf} from './places.ts';
import {meet} from './point-to-point.ts';
import type {Scratch} from './scratch.ts';
import {backward, forward, type Workspace} from './workspace.ts';

/**
 * Of group i, the members firstMember[i] .. firstMember[i + 1] - 1. 'from': from the END of the group's segment to the
 * START of each member's; 'to': from the END of each member's to the START of the group's.
 */
export type GroupedSegments = {
  readonly direction: 'from' | 'to';
  readonly group: Int32Array;
  readonly firstMember: Int32Array;
  readonly member: Int32Array;
  readonly limitMs: number;
};

/** Sets out[m] for the members of the groups firstGroup .. endGroup - 1; UNREACHABLE_MS beyond the limit. */
export function segmentTimes(
  g: RoadGraph,
  s: Scratch,
  {direction, group, firstMember, member, limitMs}: GroupedSegments,
  firstGroup: number,
  endGroup: number,
  out: Int32Array,
): void {
  const isFrom = direction === 'from';
  const begin = firstMember[firstGroup];
  const end = firstMember[endGroup];
  const groups = placesOn(group.subarray(firstGroup, endGroup), isFrom ? 1 : 0);
  const members = placesOn(member.subarray(begin, end), isFrom ? 0 : 1);
  const every = Int32Array.from({length: end - begin}, (_, i) => i);
  for (let i = firstGroup; i < endGroup; i++) {
    const picks = every.subarray(firstMember[i] - begin, firstMember[i + 1] - begin);
    const row = out.subarray(firstMember[i], firstMember[i + 1]);
    if (isFrom) timesFrom(g, s, groups, i - firstGroup, members, picks, limitMs, row);
    else timesTo(g, s, members, picks, groups, i - firstGroup, limitMs, row);
  }
}

/** The same over a hierarchy. */
export function segmentTimesOver(
  ws: Workspace,
  {direction, group, firstMember, member, limitMs}: GroupedSegments,
  firstGroup: number,
  endGroup: number,
  out: Int32Array,
): void {
  const isFrom = direction === 'from';
  const begin = firstMember[firstGroup];
  const end = firstMember[endGroup];
  const rowOf = new Map<number, number>();
  const memberRow = ws.take(end);
  for (let m = begin; m < end; m++) {
    const row = rowOf.get(member[m]) ?? rowOf.size;
    rowOf.set(member[m], row);
    memberRow[m] = row;
  }
  const groups = placesOn(group.subarray(firstGroup, endGroup), isFrom ? 1 : 0);
  const members = placesOn(Int32Array.from(rowOf.keys()), isFrom ? 0 : 1);
  const [groupSides, memberSides] = isFrom ? [forward(ws.h), backward(ws.h)] : [backward(ws.h), forward(ws.h)];
  const groupLabels = labelsOf(ws, groupSides, seedsOf(ws, groups, isFrom), NO_LIMIT_MS);
  const memberLabels = labelsOf(ws, memberSides, seedsOf(ws, members, !isFrom), NO_LIMIT_MS);
  const found = ws.take(end);
  for (let i = firstGroup; i < endGroup; i++) {
    const range = [firstMember[i], firstMember[i + 1]] as const;
    ws.kernels.meet(groupLabels, i - firstGroup, memberLabels, memberRow, ...range, ws.noted, found);
  }
  out.set(found.subarray(begin), begin);
  ws.free();
  for (let i = firstGroup; i < endGroup; i++) {
    for (let m = firstMember[i]; m < firstMember[i + 1]; m++) {
      if (member[m] === group[i]) out[m] = roundMs(ws, member[m]);
      if (out[m] > limitMs) out[m] = UNREACHABLE_MS;
    }
  }
}

/** From the end of a segment back to its start, which a label at the segment itself does not tell. */
function roundMs(ws: Workspace, segment: number): number {
  const {meeting} = meet(ws, outOf(ws, segment), roundInto(ws, segment));
  ws.free();
  return meeting.ms < UNREACHABLE_MS ? meeting.ms - ws.g.travelMs[segment] : UNREACHABLE_MS;
}

/** The starts (fraction 0) or the ends (fraction 1) of these segments. */
function placesOn(segments: Int32Array, fraction: 0 | 1): Positions {
  const places = overlayPositions(new SharedArrayBuffer(segments.length * POSITION_BYTES), 0, segments.length);
  places.forward.set(segments);
  places.backward.fill(-1);
  places.fraction.fill(fraction);
  return places;
}
