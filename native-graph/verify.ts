// Every invariant of a road graph as a sentence, each with the check that holds it. `openGraph` has made sure that the
// bytes are those that were written; these say that they make sense. In order: a check may rely on those before it.

import {isUtf8} from 'node:buffer';
import Flatbush from 'flatbush';
import {NONE, type RoadGraph, readMeta, UNREACHABLE_MS} from './layout.ts';
import {firstRepeated, firstScattered} from './order/ranks.ts';
import {countPointIds, pointIds} from './point-ids.ts';
import {edgeBox} from './spatial-index.ts';

/** `at` is the id (of a segment, arc, edge, point, junction or name, as the sentence says) where it fails first. */
export type Violation = {readonly sentence: string; readonly at: number};

type Invariant = {readonly sentence: string; readonly firstFailure: (g: RoadGraph) => number};

/** The first invariant that does not hold, or undefined. O(m + n log n); allocates a few arrays of n. */
export function verify(g: RoadGraph): Violation | undefined {
  for (const {sentence, firstFailure} of INVARIANTS) {
    const at = firstFailure(g);
    if (at >= 0) return {sentence, at};
  }
  return undefined;
}

/** -1 where all of [0, count) pass. */
function firstOf(count: number, fails: (id: number) => boolean): number {
  for (let id = 0; id < count; id++) if (fails(id)) return id;
  return -1;
}

/** Where an array of offsets fails to run from 0 to `end` in steps of at least `step`. */
function firstBadOffset(offsets: Uint32Array, end: number, step: number): number {
  const last = offsets.length - 1;
  if (offsets[0] !== 0) return 0;
  if (offsets[last] !== end) return last;
  return firstOf(last, (i) => offsets[i + 1] < offsets[i] + step);
}

const firstAbove = (ids: Uint32Array, count: number): number => firstOf(ids.length, (i) => ids[i] >= count);

/** Where the ids within one group do not rise strictly. */
function firstUnsorted(first: Uint32Array, ids: Uint32Array): number {
  return firstOf(first.length - 1, (group) => {
    for (let i = first[group] + 1; i < first[group + 1]; i++) if (ids[i] <= ids[i - 1]) return true;
    return false;
  });
}

/** Where a predicate of (tail, arc, head) fails first. */
function firstBadArc(g: RoadGraph, fails: (tail: number, arc: number, head: number) => boolean): number {
  for (let tail = 0; tail < g.segmentCount; tail++) {
    for (let arc = g.firstArc[tail]; arc < g.firstArc[tail + 1]; arc++) if (fails(tail, arc, g.head[arc])) return arc;
  }
  return -1;
}

const isTime = (ms: number): boolean => ms >= 1 && ms < UNREACHABLE_MS;
const offEarth = (latE7: number, lonE7: number): boolean =>
  Math.abs(latE7) > 900_000_000 || Math.abs(lonE7) > 1_800_000_000;

/** The segment of the same edge in the other direction. */
const otherWay = (g: RoadGraph, segment: number): number =>
  (g.drawn[segment] & 1) === 1 ? g.edgeForward[g.drawn[segment] >>> 1] : g.edgeBackward[g.drawn[segment] >>> 1];

/** Where the incoming arcs are not the outgoing ones, met in the order of their tails. */
function firstUnmirrored(g: RoadGraph): number {
  const next = g.firstArcIn.slice(0, g.segmentCount);
  return firstBadArc(g, (tail, arc, head) => {
    const slot = next[head]++;
    if (slot >= g.firstArcIn[head + 1] || g.tail[slot] !== tail) return true;
    return g.arcInMs[slot] - g.travelMs[tail] !== g.arcMs[arc] - g.travelMs[head];
  });
}

/** Where an edge's drawing does not start at the tail, or end at the head, of the segment along it. */
function firstMisdrawn(g: RoadGraph): number {
  const differs = (point: number, junction: number): boolean =>
    g.pointLatE7[point] !== g.junctionLatE7[junction] || g.pointLonE7[point] !== g.junctionLonE7[junction];
  return firstOf(g.segmentCount, (segment) => {
    const edge = g.drawn[segment] >>> 1;
    const ends = [g.firstPoint[edge], g.firstPoint[edge + 1] - 1];
    if ((g.drawn[segment] & 1) === 1) ends.reverse();
    return differs(ends[0], g.tailJunction[segment]) || differs(ends[1], g.headJunction[segment]);
  });
}

/** Where a segment is not reached from the first segment of its component over these arcs. */
function firstUnreached(g: RoadGraph, first: Uint32Array, next: Uint32Array): number {
  const seen = new Uint8Array(g.segmentCount);
  const started = new Set<number>();
  const queue: number[] = [];
  for (let segment = 0; segment < g.segmentCount; segment++) {
    if (seen[segment] === 1) continue;
    if (started.has(g.component[segment])) return segment;
    started.add(g.component[segment]);
    seen[segment] = 1;
    queue.push(segment);
    for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
      for (let arc = first[from]; arc < first[from + 1]; arc++) {
        if (seen[next[arc]] === 1) continue;
        seen[next[arc]] = 1;
        queue.push(next[arc]);
      }
    }
  }
  return -1;
}

function firstMiscounted(g: RoadGraph): number {
  const {assembly} = readMeta(g);
  const sizes = assembly.componentSegments;
  const stray = firstAbove(g.component, sizes.length);
  if (stray >= 0) return stray;
  const counted = new Uint32Array(sizes.length);
  for (const component of g.component) counted[component]++;
  const wrong = firstOf(sizes.length, (c) => counted[c] !== sizes[c] || (c > 0 && sizes[c] > sizes[c - 1]));
  if (wrong >= 0) return wrong;
  const segmentsRight = assembly.segmentsRead - assembly.segmentsDropped === g.segmentCount;
  const edgesRight = assembly.edgesRead - assembly.edgesDropped === g.edgeCount;
  return segmentsRight && edgesRight ? -1 : 0;
}

function hasPointIds(g: RoadGraph, edge: number): boolean {
  const between = g.firstPoint[edge + 1] - g.firstPoint[edge] - 2;
  if (countPointIds(g, g.firstPointIdByte[edge], g.firstPointIdByte[edge + 1]) !== between) return false;
  return pointIds(g, edge).every(Number.isSafeInteger);
}

/** Where an edge is not found at its own box, or not exactly once in the whole index. */
function firstUnindexed(g: RoadGraph): number {
  const index = Flatbush.from(g.bytes, g.index.byteOffset);
  const all = Number.POSITIVE_INFINITY;
  const times = new Uint8Array(g.edgeCount);
  for (const edge of index.search(-all, -all, all, all)) times[edge]++;
  const lost = firstOf(g.edgeCount, (edge) => times[edge] !== 1);
  if (lost >= 0) return lost;
  return firstOf(g.edgeCount, (edge) => !index.collides(...edgeBox(g, edge), (found) => found === edge));
}

const INVARIANTS: readonly Invariant[] = [
  {
    sentence: 'The outgoing arcs of the segments follow one another from 0 to the arc count.',
    firstFailure: (g) => firstBadOffset(g.firstArc, g.arcCount, 0),
  },
  {
    sentence: 'The incoming arcs of the segments follow one another from 0 to the arc count.',
    firstFailure: (g) => firstBadOffset(g.firstArcIn, g.arcCount, 0),
  },
  {
    sentence: 'Every arc enters a segment of the graph.',
    firstFailure: (g) => firstAbove(g.head, g.segmentCount),
  },
  {
    sentence: 'Every incoming arc leaves a segment of the graph.',
    firstFailure: (g) => firstAbove(g.tail, g.segmentCount),
  },
  {
    sentence: 'The arcs out of a segment enter different segments, in ascending order.',
    firstFailure: (g) => firstUnsorted(g.firstArc, g.head),
  },
  {
    sentence: 'The arcs into a segment leave different segments, in ascending order.',
    firstFailure: (g) => firstUnsorted(g.firstArcIn, g.tail),
  },
  {
    sentence: 'Every segment takes at least 1 ms and less than UNREACHABLE_MS.',
    firstFailure: (g) => firstOf(g.segmentCount, (s) => !isTime(g.travelMs[s])),
  },
  {
    sentence: 'Every arc takes the time of its head or longer, and less than UNREACHABLE_MS.',
    firstFailure: (g) => firstBadArc(g, (_, arc, head) => g.arcMs[arc] < g.travelMs[head] || !isTime(g.arcMs[arc])),
  },
  {
    sentence: 'The incoming arcs are the outgoing arcs with the same turn costs, and take less than UNREACHABLE_MS.',
    firstFailure: (g) =>
      Math.max(
        firstUnmirrored(g),
        firstOf(g.arcCount, (arc) => !isTime(g.arcInMs[arc])),
      ),
  },
  {
    sentence: 'Every segment joins junctions of the graph.',
    firstFailure: (g) =>
      Math.max(firstAbove(g.tailJunction, g.junctionCount), firstAbove(g.headJunction, g.junctionCount)),
  },
  {
    sentence: 'Every arc leaves the junction where its tail ends by a segment that starts there.',
    firstFailure: (g) => firstBadArc(g, (tail, _, head) => g.headJunction[tail] !== g.tailJunction[head]),
  },
  {
    sentence: 'Every junction lies on earth and has a whole number for a node id.',
    firstFailure: (g) =>
      firstOf(
        g.junctionCount,
        (j) => offEarth(g.junctionLatE7[j], g.junctionLonE7[j]) || !Number.isSafeInteger(g.junctionOsmId[j]),
      ),
  },
  {
    sentence: 'Every segment is drawn by an edge that names it for that direction, or is a copy right behind one.',
    firstFailure: (g) =>
      firstOf(g.segmentCount, (s) => {
        const edge = g.drawn[s] >>> 1;
        if (s > 0 && g.drawn[s - 1] === g.drawn[s]) return false;
        return (edge >= g.edgeCount ? NONE : (g.drawn[s] & 1) === 1 ? g.edgeBackward[edge] : g.edgeForward[edge]) !== s;
      }),
  },
  {
    sentence: 'Every edge names one segment or two, each drawn by it.',
    firstFailure: (g) =>
      firstOf(g.edgeCount, (edge) => {
        const [forward, backward] = [g.edgeForward[edge], g.edgeBackward[edge]];
        if (forward === NONE && backward === NONE) return true;
        return (
          (forward !== NONE && g.drawn[forward] !== edge * 2) ||
          (backward !== NONE && g.drawn[backward] !== edge * 2 + 1)
        );
      }),
  },
  {
    sentence: 'The reverse of a segment is the other segment of its edge.',
    firstFailure: (g) => firstOf(g.segmentCount, (s) => g.reverse[s] !== otherWay(g, s)),
  },
  {
    sentence: 'The ranks are a permutation of the segments.',
    firstFailure: firstRepeated,
  },
  {
    sentence: 'The segments of an edge follow one another in rank.',
    firstFailure: firstScattered,
  },
  {
    sentence: 'A segment that leads back into its reverse leads nowhere else, unless the source knows no turns.',
    firstFailure: (g) =>
      readMeta(g).source.format === 'dimacs'
        ? -1
        : firstBadArc(g, (tail, _, head) => head === g.reverse[tail] && g.firstArc[tail + 1] - g.firstArc[tail] > 1),
  },
  {
    sentence: 'Every edge is drawn through at least two points, one edge after the other.',
    firstFailure: (g) => firstBadOffset(g.firstPoint, g.pointCount, 2),
  },
  {
    sentence: 'Every point lies on earth.',
    firstFailure: (g) => firstOf(g.pointCount, (p) => offEarth(g.pointLatE7[p], g.pointLonE7[p])),
  },
  {
    sentence: 'Every point between the junctions of its edge has a node id.',
    firstFailure: (g) => {
      const bad = firstBadOffset(g.firstPointIdByte, g.pointIdByteCount, 0);
      return bad >= 0 ? bad : firstOf(g.edgeCount, (edge) => !hasPointIds(g, edge));
    },
  },
  {
    sentence: 'The drawing of every segment runs from its tail junction to its head junction.',
    firstFailure: firstMisdrawn,
  },
  {
    sentence: 'No arc joins two components.',
    firstFailure: (g) => firstBadArc(g, (tail, _, head) => g.component[tail] !== g.component[head]),
  },
  {
    sentence: 'The first segment of a component reaches all of it.',
    firstFailure: (g) => firstUnreached(g, g.firstArc, g.head),
  },
  {
    sentence: 'The first segment of a component is reached from all of it.',
    firstFailure: (g) => firstUnreached(g, g.firstArcIn, g.tail),
  },
  {
    sentence: 'The counts that the file tells of itself are right, and components are numbered by size.',
    firstFailure: firstMiscounted,
  },
  {
    sentence: 'The names follow one another over the bytes of names, and the first is empty.',
    firstFailure: (g) => {
      const bad = firstBadOffset(g.firstNameByte, g.nameByteCount, 0);
      return bad >= 0 || g.nameCount === 0 ? Math.max(bad, 0) : g.firstNameByte[1] > 0 ? 0 : -1;
    },
  },
  {
    sentence: 'Every name is UTF-8.',
    firstFailure: (g) =>
      firstOf(g.nameCount, (i) => !isUtf8(g.nameUtf8.slice(g.firstNameByte[i], g.firstNameByte[i + 1]))),
  },
  {
    sentence: 'Every edge has a name of the graph.',
    firstFailure: (g) => firstAbove(g.edgeName, g.nameCount),
  },
  {
    sentence: 'The index finds every edge at its own place, once.',
    firstFailure: firstUnindexed,
  },
];

export const SENTENCES: readonly string[] = INVARIANTS.map(({sentence}) => sentence);
