// From a road network to the edge-based road graph: turns, strongly connected components, numbering, arrays.
//
// Junctions are numbered along a Hilbert curve, segments by tail junction, edges by their first segment; within a
// junction the order of the network decides. So equal networks give equal bytes.

import {InputFailure} from '../failure.ts';
import {allocate, NONE, type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import {dissectHere} from '../order/dissect.ts';
import {encodePointIds, type PointIds} from '../point-ids.ts';
import {buildIndex} from '../spatial-index.ts';
import {countArcs, fillArcs, fillIncoming} from './arcs.ts';
import {chooseComponents} from './chosen.ts';
import type {RoadNetwork} from './network.ts';
import {hilbertOrder} from './order.ts';
import {turnCosts} from './turn-costs.ts';
import {
  freeTurns,
  headOf,
  type Leaving,
  leavingEdges,
  permittedTurns,
  type TurnCost,
  type Turns,
  tailOf,
  travelMsOf,
} from './turns.ts';

export type AssemblyOptions = {
  /** A component with fewer segments is dropped, unless it is the largest. */
  readonly minComponentSegments?: number;
  /** Instead of the profile's costs, or of free turns where the network knows of no delays. */
  readonly turnCostMs?: TurnCost;
  /** Hears each phase as it begins. */
  readonly onPhase?: (phase: 'turns' | 'components' | 'ordering' | 'filling') => void;
};

/** What became of the network; part of the graph file and of `graph info`. */
export type AssemblyReport = {
  readonly minComponentSegments: number;
  /** Drivable directions in the network with the copies that restrictions make; those that no kept component holds. */
  readonly segmentsRead: number;
  readonly segmentsDropped: number;
  readonly edgesRead: number;
  readonly edgesDropped: number;
  readonly componentsRead: number;
  readonly componentsDropped: number;
  /** By kept component: how many segments it has, largest first. */
  readonly componentSegments: readonly number[];
};

export type Assembled = {readonly graph: RoadGraph; readonly report: AssemblyReport};

/** A whole graph, ranks included. Throws InputFailure `NO_ROADS`, `EDGE_TIME`. */
export function assemble(network: RoadNetwork, options: AssemblyOptions = {}): Assembled {
  const assembled = assembleUnranked(network, options);
  dissectHere(assembled.graph);
  return assembled;
}

/** Leaves the ranks, which take longest, to `dissect`. O(m + e log e) for m turns and e edges. Throws as `assemble`. */
export function assembleUnranked(network: RoadNetwork, options: AssemblyOptions = {}): Assembled {
  const {minComponentSegments = 1_000, onPhase} = options;
  const leaving = leavingEdges(network);
  if (leaving.directed.length === 0)
    throw new InputFailure('NO_ROADS', `${network.source.file}: holds no road that a car may drive`);
  checkTimes(network);

  onPhase?.('turns');
  const costs = network.delays === undefined ? freeTurns : turnCosts(network, network.delays);
  const turns = permittedTurns(network, leaving, options.turnCostMs ?? costs);
  onPhase?.('components');
  const kept = chooseComponents(network, turns, minComponentSegments);
  onPhase?.('ordering');
  const ids = renumber(network, leaving, turns, kept.componentOf);
  const segmentsRead = leaving.directed.length + turns.directedOf.length - 2 * network.edgeTail.length;
  onPhase?.('filling');
  const report: AssemblyReport = {
    minComponentSegments,
    segmentsRead,
    segmentsDropped: segmentsRead - ids.stateOf.length,
    edgesRead: network.edgeTail.length,
    edgesDropped: network.edgeTail.length - ids.oldEdge.length,
    componentsRead: kept.found,
    componentsDropped: kept.found - kept.sizes.length,
    componentSegments: kept.sizes,
  };
  return {graph: fill(network, turns, kept.componentOf, ids, report), report};
}

function checkTimes(network: RoadNetwork): void {
  for (const times of [network.edgeForwardMs, network.edgeBackwardMs]) {
    const edge = times.findIndex((ms) => ms >= UNREACHABLE_MS);
    if (edge >= 0) {
      const from = network.junctionOsmId[network.edgeTail[edge]];
      throw new InputFailure(
        'EDGE_TIME',
        `${network.source.file}: an edge from node ${from} takes more than twelve days`,
      );
    }
  }
}

/** Old ids are the network's, new ids the graph's. */
export type Ids = {
  readonly oldJunction: Uint32Array;
  readonly newJunction: Uint32Array;
  /** By segment: its state; and back, NONE where it was dropped. */
  readonly stateOf: Uint32Array;
  readonly segmentOf: Uint32Array;
  readonly oldEdge: Uint32Array;
  readonly newEdge: Uint32Array;
};

/**
 * The states of one directed edge become neighbours. The first is the one that its edge names: of those in the largest
 * component the directed edge itself, or where nobody gets there without a restricted approach, a copy.
 */
function renumber(network: RoadNetwork, leaving: Leaving, turns: Turns, componentOf: Uint32Array): Ids {
  const order = hilbertOrder(network.junctionLatE7, network.junctionLonE7);
  const directedCount = network.edgeTail.length * 2;
  const segmentOf = new Uint32Array(componentOf.length).fill(NONE);
  const newEdge = new Uint32Array(network.edgeTail.length).fill(NONE);
  const newJunction = new Uint32Array(order.length).fill(NONE);
  const stateOf = new Uint32Array(componentOf.length);
  const oldEdge = new Uint32Array(network.edgeTail.length);
  const used = new Uint8Array(order.length);
  const copies = new Map<number, number[]>();
  for (let s = directedCount; s < componentOf.length; s++) {
    const of = copies.get(turns.directedOf[s]) ?? [];
    copies.set(turns.directedOf[s], of);
    of.push(s);
  }
  let segments = 0;
  let edges = 0;
  for (const junction of order) {
    for (let i = leaving.first[junction]; i < leaving.first[junction + 1]; i++) {
      const d = leaving.directed[i];
      const states = [d, ...(copies.get(d) ?? [])].filter((s) => componentOf[s] !== NONE);
      if (states.length === 0) continue;
      for (const s of states.sort((a, b) => componentOf[a] - componentOf[b] || a - b)) {
        segmentOf[s] = segments;
        stateOf[segments++] = s;
      }
      used[junction] = 1;
      used[headOf(network, d)] = 1;
      if (newEdge[d >>> 1] !== NONE) continue;
      newEdge[d >>> 1] = edges;
      oldEdge[edges++] = d >>> 1;
    }
  }
  const oldJunction = order.filter((junction) => used[junction] === 1);
  oldJunction.forEach((junction, i) => {
    newJunction[junction] = i;
  });
  return {
    oldJunction,
    newJunction,
    stateOf: stateOf.subarray(0, segments),
    segmentOf,
    oldEdge: oldEdge.subarray(0, edges),
    newEdge,
  };
}

type Drawn = Pick<RoadGraph, 'firstPoint' | 'pointLatE7' | 'pointLonE7'> & PointIds;

/** The kept edges' points, both junctions included. */
function drawEdges(network: RoadNetwork, {oldEdge}: Ids): Drawn {
  const firstPoint = new Uint32Array(oldEdge.length + 1);
  oldEdge.forEach((old, edge) => {
    firstPoint[edge + 1] = firstPoint[edge] + 2 + network.firstPoint[old + 1] - network.firstPoint[old];
  });
  const pointLatE7 = new Int32Array(firstPoint[oldEdge.length]);
  const pointLonE7 = new Int32Array(firstPoint[oldEdge.length]);
  oldEdge.forEach((old, edge) => {
    const [begin, end] = [network.firstPoint[old], network.firstPoint[old + 1]];
    const [first, last] = [firstPoint[edge], firstPoint[edge + 1] - 1];
    pointLatE7[first] = network.junctionLatE7[network.edgeTail[old]];
    pointLonE7[first] = network.junctionLonE7[network.edgeTail[old]];
    pointLatE7.set(network.pointLatE7.subarray(begin, end), first + 1);
    pointLonE7.set(network.pointLonE7.subarray(begin, end), first + 1);
    pointLatE7[last] = network.junctionLatE7[network.edgeHead[old]];
    pointLonE7[last] = network.junctionLonE7[network.edgeHead[old]];
  });
  return {firstPoint, pointLatE7, pointLonE7, ...encodePointIds(network, oldEdge)};
}

function fill(
  network: RoadNetwork,
  turns: Turns,
  componentOf: Uint32Array,
  ids: Ids,
  report: AssemblyReport,
): RoadGraph {
  const drawn = drawEdges(network, ids);
  const index = buildIndex(drawn);
  const names = network.names.map((name) => Buffer.from(name, 'utf8'));
  const meta = Buffer.from(JSON.stringify({source: network.source, assembly: report}), 'utf8');
  const g = allocate({
    segmentCount: ids.stateOf.length,
    arcCount: countArcs(turns, componentOf, ids),
    edgeCount: ids.oldEdge.length,
    pointCount: drawn.pointLatE7.length,
    pointIdByteCount: drawn.pointIdByte.length,
    junctionCount: ids.oldJunction.length,
    nameCount: names.length,
    nameByteCount: names.reduce((sum, name) => sum + name.length, 0),
    indexByteCount: index.length,
    metaByteCount: meta.length,
  });
  g.firstPoint.set(drawn.firstPoint);
  g.pointLatE7.set(drawn.pointLatE7);
  g.pointLonE7.set(drawn.pointLonE7);
  g.firstPointIdByte.set(drawn.firstPointIdByte);
  g.pointIdByte.set(drawn.pointIdByte);
  g.index.set(index);
  g.meta.set(meta);
  names.forEach((name, i) => {
    g.firstNameByte[i + 1] = g.firstNameByte[i] + name.length;
    g.nameUtf8.set(name, g.firstNameByte[i]);
  });
  ids.oldJunction.forEach((old, j) => {
    g.junctionLatE7[j] = network.junctionLatE7[old];
    g.junctionLonE7[j] = network.junctionLonE7[old];
    g.junctionOsmId[j] = network.junctionOsmId[old];
  });
  fillEdges(network, ids, g);
  fillSegments(network, turns, componentOf, ids, g);
  fillArcs(turns, componentOf, ids, g);
  fillIncoming(g);
  return g;
}

function fillEdges(network: RoadNetwork, {oldEdge}: Ids, g: RoadGraph): void {
  oldEdge.forEach((old, edge) => {
    g.edgeForward[edge] = NONE;
    g.edgeBackward[edge] = NONE;
    g.edgeLengthCm[edge] = network.edgeLengthCm[old];
    g.edgeClass[edge] = network.edgeClass[old];
    g.edgeName[edge] = network.edgeName[old];
  });
}

function fillSegments(network: RoadNetwork, turns: Turns, componentOf: Uint32Array, ids: Ids, g: RoadGraph): void {
  ids.stateOf.forEach((state, segment) => {
    const d = turns.directedOf[state];
    const edge = ids.newEdge[d >>> 1];
    g.travelMs[segment] = travelMsOf(network, d);
    g.tailJunction[segment] = ids.newJunction[tailOf(network, d)];
    g.headJunction[segment] = ids.newJunction[headOf(network, d)];
    g.component[segment] = componentOf[state];
    g.drawn[segment] = edge * 2 + (d & 1);
    const named = (d & 1) === 0 ? g.edgeForward : g.edgeBackward;
    if (named[edge] === NONE) named[edge] = segment;
  });
  g.drawn.forEach((drawn, segment) => {
    g.reverse[segment] = ((drawn & 1) === 0 ? g.edgeBackward : g.edgeForward)[drawn >>> 1];
  });
}
