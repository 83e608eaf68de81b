// Recognises a network that is an assignment: one source, drivers that it reaches, tasks that want one unit each, and
// another way for a task to get its unit. Dispatch comes in two such shapes, with T tasks and a source that gives T:
//
//   source -> drivers -> tasks, every task takes 1,          and source -> each task: left unassigned, at its own cost;
//   source -> drivers -> tasks -> sink (capacity 1, cost 0), and source -> sink: left unassigned, at one cost for all.
//
// Arcs from the source to drivers cost nothing, all costs are within those of an assignment problem, nothing has a
// lower bound. Whatever differs is no such network; nothing is guessed.

import {COST_LIMIT_MS, ID_LIMIT, type Problem} from '../problem.ts';
import {countingSort} from './counting-sort.ts';
import type {Network} from './network.ts';

export type AssignmentShape = {
  readonly source: number;
  /** Where tasks send their unit on to; undefined where they take it themselves. */
  readonly sink: number | undefined;
  readonly problem: Problem;
  /** By driver and by task of the problem: the node, ascending. */
  readonly driverNode: Int32Array;
  readonly taskNode: Int32Array;
  /** By pair of the problem: the cheapest of its arcs. */
  readonly pairArc: Int32Array;
  /** By driver: the arc from the source, or NO_ARC. */
  readonly supplyArc: Int32Array;
  /** By task: the arc by which it stays unassigned; with a sink the same for all. */
  readonly unassignedArc: Int32Array;
  /** By task: its arc to the sink; empty without one. */
  readonly sinkArc: Int32Array;
};

const NO_ARC = -1;
const NO_NODE = -1;
/** Rows of up to this many arcs are sorted by insertion. */
const INSERTION_LIMIT = 48;

/** `undefined` where `network`, whose supplies add up to 0, has neither shape. O(nodes + arcs). */
export function assignmentShape(network: Network): AssignmentShape | undefined {
  const {nodeCount, arcCount, supply, tail, head, lower, capacity, cost} = network;
  const source = supply.findIndex((units) => units > 0);
  const takers = supply.reduce((count, units) => (units < 0 ? count + 1 : count), 0);
  if (source < 0 || nodeCount > ID_LIMIT) return undefined;
  // Supplies add up to 0, so with one source and as many takers as it gives, each takes 1.
  for (let node = 0; node < nodeCount; node++) if (supply[node] > 0 && node !== source) return undefined;
  const taskCount = supply[source];
  const sink = takers === 1 && taskCount !== 1 ? supply.findIndex((units) => units < 0) : undefined;
  if (sink === undefined && takers !== taskCount) return undefined;

  const sinkNode = sink ?? NO_NODE;
  const parts = partsOf(network, source, sinkNode);
  if (parts === undefined || parts.taskNode.length !== taskCount) return undefined;
  const {driverNode, taskNode, idOf, isTask} = parts;
  const supplyArc = new Int32Array(driverNode.length).fill(NO_ARC);
  const unassignedArc = new Int32Array(taskCount).fill(NO_ARC);
  const sharedArc = Int32Array.of(NO_ARC); // from source to sink
  const sinkArc = new Int32Array(sink === undefined ? 0 : taskCount).fill(NO_ARC);
  const arcs = new Int32Array(arcCount); // from drivers to tasks
  let arcsKept = 0;

  const keepBetter = (kept: Int32Array, at: number, arc: number): void => {
    if (kept[at] === NO_ARC || isBetter(network, arc, kept[at])) kept[at] = arc;
  };
  for (let arc = 0; arc < arcCount; arc++) {
    const from = tail[arc];
    const to = head[arc];
    if (lower[arc] !== 0 || capacity[arc] < 1 || cost[arc] < 0 || cost[arc] >= COST_LIMIT_MS) return undefined;
    if (from === source && to === sinkNode) {
      if (capacity[arc] < taskCount) return undefined;
      keepBetter(sharedArc, 0, arc);
    } else if (to === sinkNode) {
      if (sinkArc[idOf[from]] !== NO_ARC || capacity[arc] !== 1 || cost[arc] !== 0) return undefined;
      sinkArc[idOf[from]] = arc;
    } else if (from === source && isTask[to] === 1) {
      if (sink !== undefined) return undefined;
      keepBetter(unassignedArc, idOf[to], arc);
    } else if (from === source) {
      if (to === source || supplyArc[idOf[to]] !== NO_ARC || cost[arc] !== 0) return undefined;
      supplyArc[idOf[to]] = arc;
    } else {
      if (from === sinkNode || isTask[from] === 1 || isTask[to] === 0 || to === source) return undefined;
      arcs[arcsKept++] = arc;
    }
  }
  if (sink !== undefined) unassignedArc.fill(sharedArc[0]);
  if (unassignedArc.includes(NO_ARC)) return undefined;

  const {firstPair, pairArc} = pairsOf(network, parts, arcs.subarray(0, arcsKept));
  const driver = new Int32Array(pairArc.length);
  const costMs = new Int32Array(pairArc.length);
  for (let pair = 0; pair < pairArc.length; pair++) {
    driver[pair] = idOf[tail[pairArc[pair]]];
    costMs[pair] = cost[pairArc[pair]];
  }
  const problem: Problem = {
    driverCount: driverNode.length,
    taskCount,
    firstPair,
    driver,
    costMs,
    // A place more than there are tasks is never filled, and so is free of charge.
    capacity: supplyArc.map((arc) => (arc === NO_ARC ? 0 : Math.min(capacity[arc], taskCount + 1))),
    unassignedMs: unassignedArc.map((arc) => cost[arc]),
  };
  return {source, sink, problem, driverNode, taskNode, pairArc, supplyArc, unassignedArc, sinkArc};
}

/** Of two arcs for the same purpose the cheaper; else the wider, so that their order in the file decides nothing. */
const isBetter = ({cost, capacity}: Network, arc: number, kept: number): boolean =>
  cost[arc] < cost[kept] || (cost[arc] === cost[kept] && capacity[arc] > capacity[kept]);

type Parts = {
  readonly driverNode: Int32Array;
  readonly taskNode: Int32Array;
  /** By node: the id of its driver or task. */
  readonly idOf: Int32Array;
  readonly isTask: Uint8Array;
};

/** Tasks take a unit or lead to the sink; whatever is left are drivers. */
function partsOf({nodeCount, arcCount, supply, tail, head}: Network, source: number, sink: number): Parts | undefined {
  const isTask = new Uint8Array(nodeCount);
  if (sink === NO_NODE) for (let node = 0; node < nodeCount; node++) isTask[node] = supply[node] < 0 ? 1 : 0;
  else for (let arc = 0; arc < arcCount; arc++) if (head[arc] === sink && tail[arc] !== source) isTask[tail[arc]] = 1;
  if (sink !== NO_NODE && isTask[sink] === 1) return undefined;
  const idOf = new Int32Array(nodeCount);
  const driverNode: number[] = [];
  const taskNode: number[] = [];
  for (let node = 0; node < nodeCount; node++) {
    if (node === source || node === sink) continue;
    idOf[node] = (isTask[node] === 1 ? taskNode : driverNode).push(node) - 1;
  }
  return {driverNode: Int32Array.from(driverNode), taskNode: Int32Array.from(taskNode), idOf, isTask};
}

/** By task the drivers ascending; of parallel arcs the cheapest. */
function pairsOf(network: Network, {taskNode}: Parts, arcs: Int32Array) {
  const {nodeCount, tail, head} = network;
  const order = countingSort(arcs, head, nodeCount);
  const pairArc = new Int32Array(order.length);
  const firstPair = new Int32Array(taskNode.length + 1);
  let pairs = 0;
  let at = 0;
  for (let task = 0; task < taskNode.length; task++) {
    const start = at;
    while (at < order.length && head[order[at]] === taskNode[task]) at++;
    sortByTail(order, start, at, tail);
    for (let i = start; i < at; i++) {
      const arc = order[i];
      if (pairs === firstPair[task] || tail[pairArc[pairs - 1]] !== tail[arc]) pairArc[pairs++] = arc;
      else if (isBetter(network, arc, pairArc[pairs - 1])) pairArc[pairs - 1] = arc;
    }
    firstPair[task + 1] = pairs;
  }
  return {firstPair, pairArc: pairArc.slice(0, pairs)};
}

function sortByTail(order: Int32Array, start: number, end: number, tail: Int32Array): void {
  if (end - start > INSERTION_LIMIT) {
    order.subarray(start, end).sort((a, b) => tail[a] - tail[b]);
    return;
  }
  for (let i = start + 1; i < end; i++) {
    const arc = order[i];
    let hole = i;
    for (; hole > start && tail[order[hole - 1]] > tail[arc]; hole--) order[hole] = order[hole - 1];
    order[hole] = arc;
  }
}
