// What one thread needs to search a hierarchy: its kernels, and its own memory beside the hierarchy's.

import {type Kernels, kernelsFor} from '../kernels/kernels.ts';
import {openRoom, Scratch} from '../kernels/memory.ts';
import type {ClimbScratch, Sides} from '../kernels/twin/climb.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import {attach, type Hierarchy, type HierarchyHandle} from '../metric/hierarchy.ts';

export type Workspace = {
  /** The graph whose weights the hierarchy has. */
  readonly g: RoadGraph;
  readonly h: Hierarchy;
  readonly kernels: Kernels;
  readonly climbing: ClimbScratch;
  /** By node: UNREACHABLE_MS between calls. */
  readonly noted: Int32Array;
  /** By node: 0 between calls. */
  readonly localOf: Int32Array;
  /** A bit a node: 0 between calls. */
  readonly bits: Int32Array;
  /** For the length of one call: `free` gives back all that was taken. */
  take(length: number): Int32Array;
  free(): void;
};

/** How a way climbs from its start, and from its end. */
export const forward = ({up, down, ...h}: Hierarchy): Sides => ({...h, side: up, other: down});
export const backward = ({up, down, ...h}: Hierarchy): Sides => ({...h, side: down, other: up});

/** 6 arrays of int32, and a bit. */
const WORKSPACE_BYTES_PER_NODE = 24 + 1 / 8;
/** What searches may take besides, without growth: as much again. Tables over a whole state take more. */
const SEARCH_BYTES_PER_NODE = 28;
/** What the ends of all these are rounded up to. */
const ROUNDING_BYTES = 256;

/** A room for one thread's workspace and searches. InputFailure `GRAPH_TOO_LARGE` where a hierarchy leaves none. */
export const openWorkspaceRoom = ({memory, nodeCount}: Pick<HierarchyHandle, 'memory' | 'nodeCount'>): number =>
  openRoom(memory, Math.ceil((WORKSPACE_BYTES_PER_NODE + SEARCH_BYTES_PER_NODE) * nodeCount) + ROUNDING_BYTES);

/**
 * In the room, which nobody else has now; whatever stands there is junk. Throws InputFailure `GRAPH_TOO_LARGE`,
 * `KERNELS_MISSING`.
 */
export function createWorkspace(
  g: RoadGraph,
  h: Hierarchy,
  kernels: Kernels = kernelsFor(h.memory),
  room: number = openWorkspaceRoom(h),
): Workspace {
  const scratch = new Scratch(h.memory, room);
  const take = (length: number): Int32Array => {
    const address = scratch.take(4 * length);
    return new Int32Array(h.memory.buffer, address, length);
  };
  const {nodeCount} = h;
  const label = take(2 * nodeCount).fill(0);
  for (let v = 0; v < nodeCount; v++) label[2 * v + 1] = UNREACHABLE_MS;
  const climbing = {label, path: take(nodeCount), front: take(nodeCount)};
  const noted = take(nodeCount).fill(UNREACHABLE_MS);
  const localOf = take(nodeCount).fill(0);
  const bits = take((nodeCount >> 5) + 1).fill(0);
  scratch.keep();
  return {g, h, kernels, climbing, noted, localOf, bits, take, free: () => scratch.reset()};
}

/** A hierarchy that another thread has made; `id` differs for each memory of this process. */
export type NumberedHierarchy = HierarchyHandle & {readonly id: number};

/** More memories than this, in use and waiting for their next epoch, no process has. */
const WORKSPACES_LIMIT = 256;

/**
 * The workspaces of one thread by memory, each made once, however many epochs the memory holds one after another: in
 * the room that is given, always the same for a memory, or in a new one.
 */
export function createWorkspaces(): (g: RoadGraph, hierarchy: NumberedHierarchy, room?: number) => Workspace {
  const known = new Map<number, Workspace>();
  return (g, {id, ...handle}, room) => {
    let ws = known.get(id);
    if (ws === undefined) {
      ws = createWorkspace(g, attach(handle), undefined, room);
      known.set(id, ws);
      for (const oldest of known.keys()) if (known.size > WORKSPACES_LIMIT) known.delete(oldest);
    }
    ws.free(); // what a search that failed had taken
    return {...ws, g};
  };
}
