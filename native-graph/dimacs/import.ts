// A DIMACS shortest-path graph (.gr) with its coordinates (.co), both plain, .gz or .bz2, becomes a road network, so
// that published graphs can be run: https://www.diag.uniroma1.it/challenge9/download.shtml
//
// A node is a junction with its number as its id. One unit of weight is one millisecond: the challenge's travel times
// are metres over a speed whose unit "does not correspond to any usual unit" (its page on TIGER/Line), so any other
// factor would be made up, and this one keeps every answer equal to the published one. Its New York has 10 units a
// metre on highways and 25 on streets.
//
// The dearer of parallel arcs is on no shortest way, so the cheapest is kept; arcs there and back become one edge,
// drivable both ways. Arcs from a node to itself are left out. All of that is counted.
//
// Published answers know no turns: a way may go back over the arc that it came by, and so may a driver here.

import {haversineM} from '../build/edges.ts';
import type {ImportOptions} from '../build/import.ts';
import type {RoadNetwork} from '../build/network.ts';
import {InputFailure} from '../failure.ts';
import {type MapFile, openMapFile, readBytes} from '../osm/bytes.ts';
import {ROAD_CLASSES} from '../profile/car.ts';
import {mostLines, readLines} from './lines.ts';

/** What SourceReport calls the profile of weights that came with the graph. */
const DIMACS_PROFILE = 'dimacs';

/** A turn's time and two of these still fit below UNREACHABLE_MS. */
const WEIGHT_LIMIT_MS = 2 ** 29;
const ABSENT_E6 = 0x7fff_ffff;

type Arcs = {
  readonly nodeCount: number;
  readonly tail: Uint32Array;
  readonly head: Uint32Array;
  readonly ms: Uint32Array;
};

/**
 * Reads a graph and its coordinates. Memory: 12 bytes an arc and 8 a node while reading, twice that while sorting.
 * Throws InputFailure `DIMACS_DAMAGED` with file and line, `DIMACS_COORDINATES`, `MAP_WITHOUT_ROADS`, and what
 * openMapFile throws.
 */
export async function importDimacs(
  graphPath: string,
  coordinatesPath: string,
  {onProgress}: ImportOptions = {},
): Promise<RoadNetwork> {
  const graphFile = await openMapFile(graphPath);
  const coordinatesFile = await openMapFile(coordinatesPath);
  const totalBytes = graphFile.sizeBytes + coordinatesFile.sizeBytes;
  const arcs = await readArcs(graphFile, (bytes) => onProgress?.(bytes, totalBytes));
  const places = await readPlaces(coordinatesFile, arcs.nodeCount, graphPath, (bytes) =>
    onProgress?.(graphFile.sizeBytes + bytes, totalBytes),
  );
  const edges = pairUp(arcs);
  const edgeCount = edges.tail.length;
  if (edgeCount === 0) throw new InputFailure('MAP_WITHOUT_ROADS', `${graphPath}: no arc between two nodes`);
  return {
    ...places,
    junctionOsmId: Float64Array.from({length: arcs.nodeCount}, (_, node) => node + 1),
    edgeTail: edges.tail,
    edgeHead: edges.head,
    edgeForwardMs: edges.forwardMs,
    edgeBackwardMs: edges.backwardMs,
    edgeLengthCm: lengths(edges, places),
    firstPoint: new Uint32Array(edgeCount + 1),
    pointLatE7: new Int32Array(0),
    pointLonE7: new Int32Array(0),
    edgeClass: new Uint8Array(edgeCount).fill(ROAD_CLASSES.indexOf('road')),
    edgeName: new Uint32Array(edgeCount),
    names: [''],
    turnsBack: true,
    source: {
      file: graphPath,
      format: 'dimacs',
      attribution: "the graph's publisher (TIGER/Line graphs: US Census Bureau, public domain)",
      profile: DIMACS_PROFILE,
      nodes: arcs.nodeCount,
      ways: arcs.tail.length,
      drivableWays: arcs.tail.length - edges.loops - edges.parallel,
      dropped: {'loop-arc': edges.loops, 'parallel-arc': edges.parallel},
    },
  };
}

async function readArcs(file: MapFile, onRead: (bytes: number) => void): Promise<Arcs> {
  let arcs: Arcs | undefined;
  let read = 0;
  await readLines(
    file.path,
    readBytes(file, onRead),
    (line) => {
      if (line.kind === 'p') {
        if (arcs) throw new Error('a second problem line');
        line.word('sp');
        const nodeCount = line.integer('the count of nodes', 1, mostLines(file));
        const arcCount = line.integer('the count of arcs', 0, mostLines(file));
        const column = (): Uint32Array => new Uint32Array(arcCount);
        arcs = {nodeCount, tail: column(), head: column(), ms: column()};
      } else if (line.kind === 'a') {
        if (!arcs) throw new Error('an arc before the problem line');
        if (read === arcs.tail.length) throw new Error(`more than the ${read} arcs of the problem line`);
        arcs.tail[read] = line.integer('the tail', 1, arcs.nodeCount) - 1;
        arcs.head[read] = line.integer('the head', 1, arcs.nodeCount) - 1;
        // No time at all would let a route go round for nothing: searches need at least a millisecond.
        arcs.ms[read++] = Math.max(1, line.integer('the weight', 0, WEIGHT_LIMIT_MS));
      } else throw new Error(`a line of kind "${line.kind}" in a graph`);
    },
    () => {
      if (!arcs) throw new Error('no problem line "p sp NODES ARCS"');
      if (read < arcs.tail.length) throw new Error(`the file ends after ${read} of ${arcs.tail.length} arcs`);
    },
  );
  return arcs!;
}

type Places = Pick<RoadNetwork, 'junctionLatE7' | 'junctionLonE7'>;

async function readPlaces(
  file: MapFile,
  nodeCount: number,
  graphPath: string,
  onRead: (bytes: number) => void,
): Promise<Places> {
  // Bounded by what the graph's file could hold.
  const junctionLatE7 = new Int32Array(nodeCount).fill(ABSENT_E6);
  const junctionLonE7 = new Int32Array(nodeCount);
  let declared = false;
  await readLines(
    file.path,
    readBytes(file, onRead),
    (line) => {
      if (line.kind === 'p') {
        for (const word of ['aux', 'sp', 'co']) line.word(word);
        line.integer('the count of nodes', 0, Number.MAX_SAFE_INTEGER);
        declared = true;
      } else if (line.kind === 'v') {
        const node = line.integer('the node', 1, nodeCount) - 1;
        junctionLonE7[node] = 10 * line.integer('the longitude in microdegrees', -180_000_000, 180_000_000);
        junctionLatE7[node] = 10 * line.integer('the latitude in microdegrees', -90_000_000, 90_000_000);
      } else throw new Error(`a line of kind "${line.kind}" in coordinates`);
    },
    () => {
      if (!declared) throw new Error('no line "p aux sp co NODES"');
    },
  );
  const absent = junctionLatE7.indexOf(ABSENT_E6);
  if (absent >= 0) {
    const what = `node ${absent + 1} of ${graphPath} has no coordinates`;
    throw new InputFailure('DIMACS_COORDINATES', `${file.path}: ${what}`);
  }
  return {junctionLatE7, junctionLonE7};
}

type Edges = {
  readonly tail: Uint32Array;
  readonly head: Uint32Array;
  readonly forwardMs: Uint32Array;
  readonly backwardMs: Uint32Array;
  readonly loops: number;
  readonly parallel: number;
};

/** Edges by (lower node, higher node), drawn from the lower. O(m log d) for degree d. */
function pairUp({nodeCount, tail, head, ms}: Arcs): Edges {
  const first = new Uint32Array(nodeCount + 1);
  for (let arc = 0; arc < tail.length; arc++) first[Math.min(tail[arc], head[arc]) + 1]++;
  for (let node = 0; node < nodeCount; node++) first[node + 1] += first[node];
  const order = new Uint32Array(tail.length);
  const next = first.slice(0, nodeCount);
  for (let arc = 0; arc < tail.length; arc++) order[next[Math.min(tail[arc], head[arc])]++] = arc;
  const higher = (arc: number): number => Math.max(tail[arc], head[arc]);
  const edgeTail = new Uint32Array(tail.length);
  const edgeHead = new Uint32Array(tail.length);
  const forwardMs = new Uint32Array(tail.length);
  const backwardMs = new Uint32Array(tail.length);
  let count = 0;
  let loops = 0;
  let parallel = 0;
  for (let low = 0; low < nodeCount; low++) {
    const firstOfLow = count;
    for (const arc of order.subarray(first[low], first[low + 1]).sort((a, b) => higher(a) - higher(b) || a - b)) {
      const high = higher(arc);
      if (high === low) {
        loops++;
        continue;
      }
      if (count === firstOfLow || edgeHead[count - 1] !== high) {
        edgeTail[count] = low;
        edgeHead[count++] = high;
      }
      const times = tail[arc] === low ? forwardMs : backwardMs;
      if (times[count - 1] !== 0) parallel++;
      if (times[count - 1] === 0 || ms[arc] < times[count - 1]) times[count - 1] = ms[arc];
    }
  }
  return {
    tail: edgeTail.slice(0, count),
    head: edgeHead.slice(0, count),
    forwardMs: forwardMs.slice(0, count),
    backwardMs: backwardMs.slice(0, count),
    loops,
    parallel,
  };
}

/** As the crow flies: the files say no more. */
function lengths({tail, head}: Edges, {junctionLatE7: lat, junctionLonE7: lon}: Places): Uint32Array {
  return tail.map((from, edge) => {
    const to = head[edge];
    return Math.round(haversineM(lat[from], lon[from], lat[to], lon[to]) * 100);
  });
}
