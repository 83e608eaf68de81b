// What the threads of a pool have of the memories that hierarchies lie in. A thread that is lost leaves its room to
// whoever replaces it, so that a memory holds one workspace a thread, however many threads are lost.

import {type NumberedHierarchy, openWorkspaceRoom} from '../../native-graph/route/workspace.ts';

/** By thread its room, opened when the memory is first asked about. Throws InputFailure `GRAPH_TOO_LARGE`. */
export function createRooms(threads: number): (hierarchy: NumberedHierarchy) => readonly number[] {
  const known = new Map<number, readonly number[]>();
  return (hierarchy) => {
    const rooms = known.get(hierarchy.id) ?? Array.from({length: threads}, () => openWorkspaceRoom(hierarchy));
    known.set(hierarchy.id, rooms);
    return rooms;
  };
}
