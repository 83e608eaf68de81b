// What the threads of a dissection share: the junctions on a plane, the edges between them, and the order that comes
// about. A cell is a range of that order. Cells that are open at one time have neither edges nor junctions in common,
// and whoever parts a cell writes within its range only, so nobody waits for anybody.

import {RADIANS_PER_E7, wrapE7} from '../geometry.ts';
import {NONE, type RoadGraph} from '../layout.ts';

export type Field = {
  /** By edge: junctions. */
  readonly edgeTail: Uint32Array;
  readonly edgeHead: Uint32Array;
  /** By edge: how many segments it has, both directions and their copies: what it adds to whatever it crosses. */
  readonly edgeSegments: Uint32Array;
  /** By junction: how many segments join it to others. */
  readonly around: Uint32Array;
  /** By junction: where it lies on a plane, in E7 of latitude. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** By place: an edge. In the end, the order in which edges are contracted. */
  readonly order: Uint32Array;
};

/** The edges order[first] .. order[end - 1]. */
export type Cell = {readonly first: number; readonly end: number};

/** Where a field lies, to be sent to a thread. */
export type FieldPlace = {
  readonly block: SharedArrayBuffer;
  readonly edgeCount: number;
  readonly junctionCount: number;
};

/** Views over a field. O(1). */
export function overlayField({block, edgeCount, junctionCount}: FieldPlace): Field {
  const edgeBytes = 4 * edgeCount;
  const junctionBytes = 4 * junctionCount;
  return {
    edgeTail: new Uint32Array(block, 0, edgeCount),
    edgeHead: new Uint32Array(block, edgeBytes, edgeCount),
    edgeSegments: new Uint32Array(block, 2 * edgeBytes, edgeCount),
    order: new Uint32Array(block, 3 * edgeBytes, edgeCount),
    around: new Uint32Array(block, 4 * edgeBytes, junctionCount),
    x: new Int32Array(block, 4 * edgeBytes + junctionBytes, junctionCount),
    y: new Int32Array(block, 4 * edgeBytes + 2 * junctionBytes, junctionCount),
  };
}

/** The field of a graph, its edges in the order of their ids. O(segments). */
export function layOut(g: RoadGraph): FieldPlace {
  const {edgeCount, junctionCount} = g;
  const place = {block: new SharedArrayBuffer(16 * edgeCount + 12 * junctionCount), edgeCount, junctionCount};
  const {edgeTail, edgeHead, edgeSegments, order, around, x, y} = overlayField(place);
  for (let edge = 0; edge < edgeCount; edge++) {
    const segment = g.edgeForward[edge] === NONE ? g.edgeBackward[edge] : g.edgeForward[edge];
    edgeTail[edge] = g.tailJunction[segment];
    edgeHead[edge] = g.headJunction[segment];
    order[edge] = edge;
  }
  for (let segment = 0; segment < g.segmentCount; segment++) {
    edgeSegments[g.drawn[segment] >>> 1]++;
    if (g.tailJunction[segment] === g.headJunction[segment]) continue;
    around[g.tailJunction[segment]]++;
    around[g.headJunction[segment]]++;
  }
  // One scale for all of it: it turns the lines along which cells are cut, and there are several of these anyway.
  const [latE7, lonE7] = [g.junctionLatE7[0], g.junctionLonE7[0]];
  const shrink = Math.cos(latE7 * RADIANS_PER_E7);
  for (let j = 0; j < junctionCount; j++) {
    x[j] = Math.round(wrapE7(g.junctionLonE7[j] - lonE7) * shrink);
    y[j] = g.junctionLatE7[j];
  }
  return place;
}
