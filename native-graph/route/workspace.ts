// What one thread needs to search a hierarchy: its kernels, and its own memory beside the hierarchy's.

import {type Kernels, kernelsFor} from '../kernels/kernels.ts';
import {Scratch} from '../kernels/memory.ts';
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

/**
 * Takes 24 bytes and a bit a node of the hierarchy's memory for ever; a thread makes one for each hierarchy. Throws
 * InputFailure `MEMORY_FULL`, `KERNELS_MISSING`.
 */
export function createWorkspace(g: RoadGraph, h: Hierarchy, kernels: Kernels = kernelsFor(h.memory)): Workspace {
  const own = new Scratch(h.memory);
  const shortLived = new Scratch(h.memory);
  const ints = (scratch: Scratch, length: number): Int32Array => {
    const address = scratch.take(4 * length);
    return new Int32Array(h.memory.buffer, address, length);
  };
  const {nodeCount} = h;
  const label = ints(own, 2 * nodeCount);
  for (let v = 0; v < nodeCount; v++) label[2 * v + 1] = UNREACHABLE_MS;
  const climbing = {
    label,
    path: ints(own, nodeCount),
    front: ints(own, nodeCount),
  };
  const noted = ints(own, nodeCount).fill(UNREACHABLE_MS);
  return {
    g,
    h,
    kernels,
    climbing,
    noted,
    localOf: ints(own, nodeCount),
    bits: ints(own, (nodeCount >> 5) + 1),
    take: (length) => ints(shortLived, length),
    free: () => shortLived.reset(),
  };
}

/** A hierarchy that another thread has made; `id` differs for each memory of this process. */
export type NumberedHierarchy = HierarchyHandle & {readonly id: number};

/** More memories than this, in use and waiting for their next epoch, no process has. */
const WORKSPACES_LIMIT = 256;

/**
 * The workspaces of one thread by memory: what a thread takes of a memory is never given back, so it is taken once,
 * however many epochs the memory holds one after another.
 */
export function createWorkspaces(): (g: RoadGraph, hierarchy: NumberedHierarchy) => Workspace {
  const known = new Map<number, Workspace>();
  return (g, {id, ...handle}) => {
    let ws = known.get(id);
    if (ws === undefined) {
      ws = createWorkspace(g, attach(handle));
      known.set(id, ws);
      for (const oldest of known.keys()) if (known.size > WORKSPACES_LIMIT) known.delete(oldest);
    }
    ws.free(); // what a search that failed had taken
    return {...ws, g};
  };
}
