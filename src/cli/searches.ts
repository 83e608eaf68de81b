// What answers the searches of a graph's epochs, over the memory that each lies in: the worker pool, and for single
// ways this thread.

import type {RoadGraph} from '../../native-graph/layout.ts';
import {withWeights} from '../../native-graph/metric/weights.ts';
import {createWorkspaces} from '../../native-graph/route/workspace.ts';
import type {WorkerPool} from '../pool/pool.ts';
import type {EpochMemory, EpochSearches} from '../router/epochs.ts';
import {createFleets} from '../router/fleets.ts';

/** `roads` are the graph at its file's times. */
export function searchesOf(
  graph: string,
  roads: RoadGraph,
  pool: WorkerPool,
): (epoch: number, memory: EpochMemory) => EpochSearches {
  const workspaceOf = createWorkspaces();
  const fleets = createFleets({
    move: (memory, move) => pool.moveDrivers(graph, memory, move),
    nearest: (memory, request) => pool.nearestDrivers(graph, memory, request),
  });
  return (epoch, memory) => {
    const {weights, hierarchy} = memory;
    return {
      betweenTimes: (pairs) => pool.betweenTimes(graph, pairs, memory),
      nearestDrivers: hierarchy && ((request) => fleets.nearest(epoch, memory, request)),
      workspace: hierarchy && workspaceOf(weights ? withWeights(roads, weights) : roads, hierarchy),
    };
  };
}
