// Roads as drawn in OSM become junctions and edges; nodes in between stay as shape points.
//
// A junction is a node where roads meet, end, or cross themselves. A node that stops cars parts the roads through it:
// every road that ends there gets a junction of its own, so that nothing passes. An absent node parts its road too.
//
// Roads are taken by ascending way id, edges lie along them, and junctions and names are numbered as edges first touch
// them, so the network does not depend on the order of objects in the file.

import {Column} from '../osm/column.ts';
import {ABSENT_E7, type NodeTable, placeOf} from '../osm/node-table.ts';
import {type EdgeFacts, EdgeWriter, haversineM} from './edges.ts';
import type {NetworkArrays, RoadNetwork} from './network.ts';
import {countDrop, type Drops, type Roads} from './roads.ts';

const NO_JUNCTION = 0xffff_ffff;

/** Unbroken pieces of roads: two nodes or more, none absent or repeated, one that stops cars only at an end. */
type Runs = {
  /** runCount + 1 entries: the nodes of run r are node[firstNode[r]] .. node[firstNode[r + 1] - 1]. */
  readonly firstNode: Uint32Array;
  /** Places in the node table. */
  readonly node: Uint32Array;
  /** By run: its road. */
  readonly road: Uint32Array;
};

export type Compressed = NetworkArrays & EdgeFacts;

/** O(n log n) over the nodes of all roads. What is left out is counted in `drops`. */
export function compress(roads: Roads, nodes: NodeTable, drops: Drops): Compressed {
  const runs = splitRuns(roads, nodes, drops);
  return drawEdges(keepDurations(roads, nodes, runs), nodes, runs, findJunctions(runs, nodes.ids.length));
}

function splitRuns(roads: Roads, nodes: NodeTable, drops: Drops): Runs {
  const {firstRef, refs} = roads;
  const runs = new RunWriter();
  let near = 0;
  let previous = -1;
  for (const road of byWayId(roads)) {
    if (previous >= 0 && isSameWay(roads, previous, road)) {
      countDrop(drops, 'duplicate-way');
      continue;
    }
    previous = road;
    const runsBefore = runs.count;
    let gaps = 0;
    let inGap = false;
    for (let r = firstRef[road]; r < firstRef[road + 1]; r++) {
      near = placeOf(nodes.ids, refs[r], near);
      if (nodes.latE7[near] === ABSENT_E7) {
        if (!inGap) gaps++;
        inGap = true;
        runs.end(road);
        continue;
      }
      inGap = false;
      runs.add(near);
      if (nodes.blocked[near] === 1 && runs.lengthInHand > 1) {
        runs.end(road);
        runs.add(near);
        if (r + 1 < firstRef[road + 1]) countDrop(drops, 'barrier');
      }
    }
    runs.end(road);
    if (gaps > 0) countDrop(drops, 'missing-nodes', gaps);
    else if (runs.count === runsBefore) countDrop(drops, 'too-few-nodes');
  }
  return runs.take();
}

/** Roads that tell how long they take get the speed that takes so long over what there is of them. */
function keepDurations(roads: Roads, {latE7, lonE7}: NodeTable, {firstNode, node, road}: Runs): Roads {
  if (!roads.durationS.some((seconds) => seconds > 0)) return roads;
  const metres = new Float64Array(roads.durationS.length);
  for (let run = 0; run < road.length; run++) {
    if (roads.durationS[road[run]] === 0) continue;
    for (let i = firstNode[run] + 1; i < firstNode[run + 1]; i++) {
      const [a, b] = [node[i - 1], node[i]];
      metres[road[run]] += haversineM(latE7[a], lonE7[a], latE7[b], lonE7[b]);
    }
  }
  const kept = (kmh: Float64Array): Float64Array =>
    kmh.map((usual, r) =>
      usual > 0 && metres[r] > 0 && roads.durationS[r] > 0 ? (3.6 * metres[r]) / roads.durationS[r] : usual,
    );
  return {...roads, forwardKmh: kept(roads.forwardKmh), backwardKmh: kept(roads.backwardKmh)};
}

class RunWriter {
  readonly #firstNode = new Column(Uint32Array);
  readonly #node = new Column(Uint32Array);
  readonly #road = new Column(Uint32Array);
  /** Where the run in hand starts, and its last node. */
  #start = 0;
  #last = -1;

  get count(): number {
    return this.#road.length;
  }

  get lengthInHand(): number {
    return this.#node.length - this.#start;
  }

  add(node: number): void {
    if (node !== this.#last) this.#node.push(node);
    this.#last = node;
  }

  /** Ends the run in hand; one that is too short is forgotten. */
  end(road: number): void {
    if (this.lengthInHand < 2) this.#node.length = this.#start;
    else {
      this.#firstNode.push(this.#start);
      this.#road.push(road);
    }
    this.#start = this.#node.length;
    this.#last = -1;
  }

  take(): Runs {
    this.#firstNode.push(this.#start);
    return {firstNode: this.#firstNode.view(), node: this.#node.view(), road: this.#road.view()};
  }
}

/** Roads by ascending way id; of the same id, as in the file. */
function byWayId({wayId}: Roads): Uint32Array {
  const order = new Uint32Array(wayId.length);
  for (let road = 0; road < order.length; road++) order[road] = road;
  return order.sort((a, b) => wayId[a] - wayId[b] || a - b);
}

/** Extracts that were put together hold ways of their borders twice. */
function isSameWay({wayId, firstRef, refs}: Roads, a: number, b: number): boolean {
  const length = firstRef[a + 1] - firstRef[a];
  if (wayId[a] !== wayId[b] || length !== firstRef[b + 1] - firstRef[b]) return false;
  for (let i = 0; i < length; i++) if (refs[firstRef[a] + i] !== refs[firstRef[b] + i]) return false;
  return true;
}

/** By node: 2 where it is a junction. */
function findJunctions({firstNode, node, road}: Runs, nodeCount: number): Uint8Array {
  const visits = new Uint8Array(nodeCount);
  for (let run = 0; run < road.length; run++) {
    const last = firstNode[run + 1] - 1;
    for (let i = firstNode[run]; i <= last; i++) {
      const isEnd = i === firstNode[run] || i === last;
      visits[node[i]] = isEnd ? 2 : Math.min(2, visits[node[i]] + 1);
    }
  }
  return visits;
}

function drawEdges(roads: Roads, nodes: NodeTable, runs: Runs, visits: Uint8Array): Compressed {
  const {firstNode, node, road} = runs;
  const junctions = new JunctionWriter(nodes);
  const edges = new EdgeWriter(roads, nodes);
  for (let run = 0; run < road.length; run++) {
    const first = node[firstNode[run]];
    edges.begin(junctions.at(first), first);
    for (let i = firstNode[run] + 1; i < firstNode[run + 1]; i++) {
      if (visits[node[i]] < 2) edges.through(node[i]);
      else {
        const junction = junctions.at(node[i]);
        edges.end(junction, node[i], road[run]);
        edges.begin(junction, node[i]);
      }
    }
  }
  return {...junctions.take(), ...edges.take()};
}

class JunctionWriter {
  readonly #nodes: NodeTable;
  readonly #junctionOf: Uint32Array;
  readonly #latE7 = new Column(Int32Array);
  readonly #lonE7 = new Column(Int32Array);
  readonly #osmId = new Column(Float64Array);

  constructor(nodes: NodeTable) {
    this.#nodes = nodes;
    this.#junctionOf = new Uint32Array(nodes.ids.length).fill(NO_JUNCTION);
  }

  /** The junction at a node; at one that stops cars, a new one for each road's end. */
  at(node: number): number {
    const {ids, latE7, lonE7, blocked} = this.#nodes;
    if (this.#junctionOf[node] !== NO_JUNCTION && blocked[node] === 0) return this.#junctionOf[node];
    const junction = this.#osmId.length;
    this.#junctionOf[node] = junction;
    this.#latE7.push(latE7[node]);
    this.#lonE7.push(lonE7[node]);
    this.#osmId.push(ids[node]);
    return junction;
  }
  take(): Pick<RoadNetwork, 'junctionLatE7' | 'junctionLonE7' | 'junctionOsmId'> {
    return {
      junctionLatE7: this.#latE7.copy(),
      junctionLonE7: this.#lonE7.copy(),
      junctionOsmId: this.#osmId.copy(),
    };
  }
}
