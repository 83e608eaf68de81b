// What the threads of a pool have of the memories that hierarchies lie in. A thread that is lost leaves its room to
// whoever replaces it, so that a memory holds one workspace a thread, however many threads are lost.

import {openWorkspaceRoom} from '../../native-graph/route/workspace.ts';
import {indexOfGraph, type Metric, type PoolGraph, type SearchTimes} from './messages.ts';

/**
 * What messages to `threads` threads say of a graph and a metric. Rooms are opened when a memory is first asked about:
 * InputFailure `GRAPH_TOO_LARGE` where it has none left.
 */
export function createRooms(
  graphs: readonly PoolGraph[],
  threads: number,
): (graphName: string, metric?: Metric) => SearchTimes {
  /** By memory, by thread. */
  const known = new Map<number, number[]>();

  function roomsIn(hierarchy: NonNullable<Metric['hierarchy']>): readonly number[] {
    const rooms = known.get(hierarchy.id) ?? [];
    known.set(hierarchy.id, rooms);
    // Where one finds no room, those before it stay open for when it is asked again.
    while (rooms.length < threads) rooms.push(openWorkspaceRoom(hierarchy));
    return rooms;
  }

  return (graphName, metric = {}) => ({
    ...metric,
    graph: indexOfGraph(graphs, graphName),
    ...(metric.hierarchy && {rooms: roomsIn(metric.hierarchy)}),
  });
}
