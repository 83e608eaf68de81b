// What the pool and its threads say to each other. A message carries counts and a range; the arrays lie in shared
// memory, so that nothing is copied for a shard: in one block, whose layout is the functions below, so that both sides
// name the same bytes, or under views in the message.

import type {RoadGraph} from '../../native-graph/layout.ts';
import type {CustomizationStep} from '../../native-graph/metric/customization.ts';
import type {EpochMade, SpeedRows} from '../../native-graph/metric/epoch.ts';
import type {HierarchyHandle} from '../../native-graph/metric/hierarchy.ts';
import type {WeightedHandle} from '../../native-graph/metric/weighted.ts';
import {withWeights} from '../../native-graph/metric/weights.ts';
import type {BucketsHandle, DriverIndexHandle, Nearest} from '../../native-graph/route/nearest.ts';
import type {GroupedSegments} from '../../native-graph/route/segment-pairs.ts';
import type {NumberedHierarchy} from '../../native-graph/route/workspace.ts';
import type {Prices, Problem, Solution} from '../flow/problem.ts';
import type {Sizes} from '../flow/search/workspace.ts';
import type {Seed} from '../flow/seed.ts';

/** Handed to every thread at its start. */
export type PoolData = {readonly graphs: readonly PoolGraph[]};

/** What every thread is told besides: 0 .. threads - 1, and whoever replaces it has the same. */
export type ThreadData = {readonly thread: number};

export type PoolGraph = {
  readonly name: string;
  /** A graph file's bytes, shared by all threads. */
  readonly bytes: SharedArrayBuffer;
};

/** Its index, by which messages name it. */
export function indexOfGraph(graphs: readonly PoolGraph[], wanted: string): number {
  const index = graphs.findIndex(({name}) => name === wanted);
  if (index < 0) throw new Error(`the threads were started without a graph named ${wanted}`);
  return index;
}

/** What searches of an epoch go by; it must stand until the answer is there. */
export type Metric = {
  /** What overlayWeights lays views over; left out for the times of the file. */
  readonly weights?: SharedArrayBuffer;
  /** With the same weights; left out for searches by Dijkstra. */
  readonly hierarchy?: NumberedHierarchy;
};

/** Which graph a search goes over, and by which times. */
export type SearchTimes = Metric & {
  /** Index into PoolData.graphs. */
  readonly graph: number;
  /** By thread its room in the memory of the hierarchy. */
  readonly rooms?: readonly number[];
};

/** The graph as a message wants it searched. O(1); views are laid anew, so that no thread keeps an old epoch. */
export const searched = (graphs: readonly RoadGraph[], {graph, weights}: SearchTimes): RoadGraph =>
  weights ? withWeights(graphs[graph], weights) : graphs[graph];

/** int32 arrays one after another from the start of the block. */
function columns(block: SharedArrayBuffer, lengths: readonly number[]): Int32Array[] {
  let offset = 0;
  return lengths.map((length) => {
    const column = new Int32Array(block, offset, length);
    offset += column.byteLength;
    return column;
  });
}

const columnBytes = (lengths: readonly number[]): number => 4 * lengths.reduce((sum, length) => sum + length, 0);

// Times between places.

/**
 * Rows [firstRow, endRow) of a matrix of times. A row is a search: out of an origin to every destination ('from'), or
 * into a destination from every origin ('to').
 */
export type TimesShard = SearchTimes & {
  readonly direction: 'from' | 'to';
  /** What overlayPositions lays views over, from byte 0. */
  readonly origins: SharedArrayBuffer;
  readonly originCount: number;
  readonly destinations: SharedArrayBuffer;
  readonly destinationCount: number;
  /** int32 by row, by column: milliseconds, UNREACHABLE_MS beyond limitMs. */
  readonly timesMs: SharedArrayBuffer;
  /** float64 by row, by column: metres of the same ways, NaN where there is none; of rows that are origins. */
  readonly lengthsM?: SharedArrayBuffer;
  readonly firstRow: number;
  readonly endRow: number;
  readonly limitMs: number;
};

/** Ways between places: of pairs [firstPair, endPair), from origin i to destination i. Answered with (Way | null)[]. */
export type WaysShard = SearchTimes & {
  /** What overlayPositions lays views over, from byte 0. */
  readonly origins: SharedArrayBuffer;
  readonly destinations: SharedArrayBuffer;
  readonly pairCount: number;
  readonly firstPair: number;
  readonly endPair: number;
};

/** The areas within some limits of a place, which ascend; the reply is a WrittenAreas. */
export type AreasJob = SearchTimes & {
  readonly direction: 'from' | 'to';
  /** What overlayPositions lays views over: one position. */
  readonly at: SharedArrayBuffer;
  readonly limitsMs: readonly number[];
};

/** A vector tile of the roads; the reply is a DrawnTile. */
export type TileJob = SearchTimes & {readonly z: number; readonly x: number; readonly y: number};

export type DrawnTile = {readonly plain: Uint8Array; readonly gzipped: Uint8Array};

// Times between segments.

export type SegmentPairs = GroupedSegments;

/** One shard: the groups [firstGroup, endGroup) of the pairs in the block, answered into the block's betweenMs. */
export type BetweenShard = SearchTimes & {
  readonly block: SharedArrayBuffer;
  readonly direction: SegmentPairs['direction'];
  readonly limitMs: number;
  readonly groupCount: number;
  readonly memberCount: number;
  readonly firstGroup: number;
  readonly endGroup: number;
};

const betweenLengths = (groupCount: number, memberCount: number) => [
  groupCount,
  groupCount + 1,
  memberCount,
  memberCount,
];

export const betweenBytes = (groupCount: number, memberCount: number): number =>
  columnBytes(betweenLengths(groupCount, memberCount));

export function betweenViews(shard: Pick<BetweenShard, 'block' | 'groupCount' | 'memberCount'>) {
  const lengths = betweenLengths(shard.groupCount, shard.memberCount);
  const [group, firstMember, member, betweenMs] = columns(shard.block, lengths);
  return {group, firstMember, member, betweenMs};
}

// Assignment problems.

/** What of a solution is not an array. */
export type SolveReply = Omit<Solution, 'driverOf' | keyof Prices>;

/** A problem in the block, where the answer goes too. With `seeded`, an earlier answer stands in its place there. */
export type SolveJob = {
  readonly kind: 'solve';
  readonly block: SharedArrayBuffer;
  readonly driverCount: number;
  readonly taskCount: number;
  readonly pairCount: number;
  readonly budget: number;
  readonly seeded: boolean;
  /** Where other threads help. */
  readonly memory?: WebAssembly.Memory;
  readonly sizes?: Sizes | undefined;
};

/** To help whoever solves in this memory; there is no reply. */
export type HelpJob = {readonly kind: 'help'; readonly memory: WebAssembly.Memory};

type ProblemSize = Pick<SolveJob, 'driverCount' | 'taskCount' | 'pairCount'>;

const solveLengths = ({driverCount, taskCount, pairCount}: ProblemSize) => [
  taskCount + 1,
  pairCount,
  pairCount,
  driverCount,
  taskCount,
  taskCount,
  driverCount,
  taskCount,
];

export const solveBytes = (size: ProblemSize): number => columnBytes(solveLengths(size));

export function solveViews(job: ProblemSize & Pick<SolveJob, 'block'>): {problem: Problem; answer: Required<Seed>} {
  const [firstPair, driver, costMs, capacity, unassignedMs, taskPriceMs, driverPriceMs, driverOf] = columns(
    job.block,
    solveLengths(job),
  );
  const {driverCount, taskCount} = job;
  return {
    problem: {driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs},
    answer: {taskPriceMs, driverPriceMs, driverOf},
  };
}

// Nearest drivers.

/** Moves drivers of an index; the reply is the index as it stands then. */
export type MoveJob = SearchTimes & {
  /** Left out for a new one. */
  readonly index?: DriverIndexHandle;
  /** What the index has of the hierarchy's memory. */
  readonly room: number;
  readonly driverLimit: number;
  readonly limitMs: number;
  readonly drivers: Int32Array<SharedArrayBuffer>;
  /** By entry of `drivers`: what overlayPositions lays views over. */
  readonly at: SharedArrayBuffer;
};

/** The nearest drivers of tasks [firstTask, endTask); the reply is a Nearest, by task from 0. */
export type NearestShard = SearchTimes & {
  readonly buckets: BucketsHandle;
  /** By driver, by task: what overlayPositions lays views over. */
  readonly drivers: SharedArrayBuffer;
  readonly driverCount: number;
  readonly tasks: SharedArrayBuffer;
  readonly taskCount: number;
  readonly firstTask: number;
  readonly endTask: number;
  readonly limitMs: number;
  /** By task: how many. */
  readonly k: Int32Array<SharedArrayBuffer>;
  /** By driver: who comes first of equally near ones. */
  readonly tie: Int32Array<SharedArrayBuffer>;
};

/** The answers to shards, one after the other. */
export function joined(parts: readonly Nearest[]): Nearest {
  const first = [0];
  for (const part of parts) {
    const before = first[first.length - 1];
    for (let row = 1; row < part.first.length; row++) first.push(before + part.first[row]);
  }
  const all = (name: 'driver' | 'ms') => Int32Array.from(parts.flatMap((part) => Array.from(part[name])));
  return {first: Int32Array.from(first), driver: all('driver'), ms: all('ms')};
}

// Epochs of live speeds.

/** `id` differs for each that this process has made. */
export type NumberedContraction = WeightedHandle & {readonly id: number};

/** Towards a hierarchy of these weights; the reply to 'contract' is a WeightedHandle, to 'distil' a HierarchyHandle. */
export type CustomizeJob = Omit<SearchTimes, 'hierarchy'> &
  (
    | {readonly kind: 'contract'}
    | {readonly kind: 'step'; readonly contraction: NumberedContraction; readonly step: CustomizationStep}
    /** Into the memory of an earlier one, where nobody searches any more. */
    | {readonly kind: 'distil'; readonly contraction: NumberedContraction; readonly into?: HierarchyHandle}
  );

/** Fills the weights; the reply is what else is made. */
export type EpochJob = {readonly graph: number; readonly rows: SpeedRows; readonly weights: SharedArrayBuffer};
export type EpochReply = EpochMade;
