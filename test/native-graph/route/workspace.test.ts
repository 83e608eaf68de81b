import {expect, test} from 'vitest';
import {allocate} from '../../../native-graph/kernels/memory.ts';
import {openWorkspaceRoom} from '../../../native-graph/route/workspace.ts';

test.each([
  [1, 57],
  [3, 169],
])('rooms for %i fit %i bytes a node, for one more they are refused', (threads, bytesPerNode) => {
  const nodeCount = 10_000_000;
  const {memory} = allocate({bytes: [Uint8Array, 1]});
  memory.grow(65_536 - memory.grow(0) - Math.floor((bytesPerNode * nodeCount) / 65_536));
  const rooms = Array.from({length: threads}, () => openWorkspaceRoom({memory, nodeCount}));
  expect(new Set(rooms).size).toBe(threads);
  expect(() => openWorkspaceRoom({memory, nodeCount})).toThrow(expect.objectContaining({code: 'GRAPH_TOO_LARGE'}));
});
