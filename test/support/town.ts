// Draws a road graph from text. Letters are junctions one block apart; '-' and '|' are two-way streets, '>' '<' '^' 'v'
// one-way ones. A block is 100 m and takes 10 s; the first letter's corner of the picture lies at 0, 0.
import assert from 'node:assert/strict';
import {type AssemblyOptions, assemble} from '../../native-graph/build/assemble.ts';
import type {RoadNetwork, SourceReport} from '../../native-graph/build/network.ts';
import {METRES_PER_E7} from '../../native-graph/geometry.ts';
import {nameText, type RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import {createSnapper, snap} from '../../native-graph/snap.ts';

export const BLOCK_MS = 10_000;
export const BLOCK_M = 100;
export const BLOCK_E7 = Math.round(BLOCK_M / METRES_PER_E7);

export const DRAWN: SourceReport = {
  file: 'a drawing',
  format: 'drawn',
  attribution: 'nobody',
  profile: 'drawn',
  nodes: 0,
  ways: 0,
  drivableWays: 0,
  dropped: {},
};

export type Town = {
  readonly network: RoadNetwork;
  readonly graph: RoadGraph;
  /** By letter: what its junction snaps to, the lowest of its streets. */
  readonly at: Readonly<Record<string, Position>>;
  /** The segment from one letter to its neighbour: 'ab'. */
  readonly segment: (street: string) => number;
  /** The place a fraction of the way from one letter to its neighbour, whichever way the street may be driven. */
  readonly on: (street: string, fraction: number) => Position;
};

/** Every component is kept unless the options say otherwise; `more` is what the picture does not draw. */
export function town(picture: string, options: AssemblyOptions = {}, more: Partial<RoadNetwork> = {}): Town {
  const network = {...drawnNetwork(picture), ...more};
  const {graph} = assemble(network, {minComponentSegments: 1, ...options});
  const segments = segmentsByStreet(graph);
  const segment = (street: string): number => {
    const found = segments.get(street);
    assert(found !== undefined, `no way from ${street[0]} to ${street[1]}`);
    return found;
  };
  const on = (street: string, fraction: number): Position => {
    const reversed = `${street[1]}${street[0]}`;
    const known = segments.get(street) ?? segments.get(reversed);
    assert(known !== undefined, `no street ${street}`);
    const edge = graph.drawn[known] >>> 1;
    const along = nameText(graph, graph.edgeName[edge]) === street ? fraction : 1 - fraction;
    const [a, b] = [graph.firstPoint[edge], graph.firstPoint[edge + 1] - 1];
    const mix = (values: Int32Array): number => Math.round(values[a] + along * (values[b] - values[a]));
    return {
      forward: graph.edgeForward[edge] | 0, // NONE reads as -1
      backward: graph.edgeBackward[edge] | 0,
      fraction: along,
      latE7: mix(graph.pointLatE7),
      lonE7: mix(graph.pointLonE7),
      distanceM: 0,
    };
  };
  return {network, graph, at: positionsByLetter(graph), segment, on};
}

/**
 * Edges are drawn rightward and downward, and named by their letters in that order; a junction's OSM id is its letter's
 * code.
 */
export function drawnNetwork(picture: string): RoadNetwork {
  const rows = picture.replace(/^\n+|\s+$/g, '').split('\n');
  const margin = Math.min(...rows.filter((row) => row.trim()).map((row) => row.search(/\S/)));
  const cell = (y: number, x: number): string => rows[y]?.[x + margin] ?? ' ';
  const width = Math.max(...rows.map((row) => row.length)) - margin;
  const letters: {letter: string; x: number; y: number}[] = [];
  const edges: {tail: string; head: string; forward: boolean; backward: boolean}[] = [];
  const join = (tail: string, head: string, sign: string, along: string, against: string, both: string): void => {
    if (sign === ' ') return;
    assert([along, against, both].includes(sign), `'${sign}' is no street`);
    assert(/[a-z]/.test(tail) && /[a-z]/.test(head), `'${sign}' must join two letters, found '${tail}' and '${head}'`);
    edges.push({tail, head, forward: sign !== against, backward: sign !== along});
  };
  for (let y = 0; y < rows.length; y++) {
    for (let x = 0; x < width; x++) {
      if (y % 2 === 0 && x % 2 === 0 && cell(y, x) !== ' ') letters.push({letter: cell(y, x), x: x / 2, y: y / 2});
      if (y % 2 === 0 && x % 2 === 1) join(cell(y, x - 1), cell(y, x + 1), cell(y, x), '>', '<', '-');
      if (y % 2 === 1 && x % 2 === 0) join(cell(y - 1, x), cell(y + 1, x), cell(y, x), 'v', '^', '|');
    }
  }
  const idOf = new Map(letters.map(({letter}, id) => [letter, id]));
  assert(idOf.size === letters.length, 'a letter stands twice');
  return {
    junctionLatE7: Int32Array.from(letters, ({y}) => -y * BLOCK_E7),
    junctionLonE7: Int32Array.from(letters, ({x}) => x * BLOCK_E7),
    junctionOsmId: Float64Array.from(letters, ({letter}) => letter.charCodeAt(0)),
    edgeTail: Uint32Array.from(edges, ({tail}) => idOf.get(tail)!),
    edgeHead: Uint32Array.from(edges, ({head}) => idOf.get(head)!),
    edgeForwardMs: Uint32Array.from(edges, ({forward}) => (forward ? BLOCK_MS : 0)),
    edgeBackwardMs: Uint32Array.from(edges, ({backward}) => (backward ? BLOCK_MS : 0)),
    edgeLengthCm: new Uint32Array(edges.length).fill(BLOCK_M * 100),
    firstPoint: new Uint32Array(edges.length + 1),
    pointLatE7: new Int32Array(0),
    pointLonE7: new Int32Array(0),
    edgeClass: new Uint8Array(edges.length),
    edgeName: Uint32Array.from(edges, (_, edge) => edge + 1),
    names: ['', ...edges.map(({tail, head}) => tail + head)],
    source: DRAWN,
  };
}

function segmentsByStreet(g: RoadGraph): Map<string, number> {
  const letter = (junction: number): string => String.fromCharCode(g.junctionOsmId[junction]);
  const segments = new Map<string, number>();
  for (let s = g.segmentCount - 1; s >= 0; s--) segments.set(letter(g.tailJunction[s]) + letter(g.headJunction[s]), s);
  return segments;
}

function positionsByLetter(g: RoadGraph): Record<string, Position> {
  const snapper = createSnapper(g);
  const at: Record<string, Position> = {};
  for (let j = 0; j < g.junctionCount; j++) {
    const position = snap(snapper, g.junctionLatE7[j], g.junctionLonE7[j], 1);
    assert(position !== null);
    at[String.fromCharCode(g.junctionOsmId[j])] = position;
  }
  return at;
}
