// Strongly connected components: the largest sets of nodes in which each reaches every other.
//
// R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972), 146-160; with the recursion
// turned into a path kept in an array, since a city's depth-first tree is deeper than any call stack.
//
// Invariant: `low[v]` is the smallest visit number known to be reachable from v among nodes whose component is open.
// When v is left with low[v] = visit[v], v and all that lies above it on the stack of open nodes is one component.

const UNSEEN = 0;

export type Components = {
  /** By node: its component, 0 .. count - 1, numbered as they are completed (sinks first). */
  readonly componentOf: Uint32Array;
  readonly count: number;
};

/** Arcs of node v are [firstArc[v], firstArc[v + 1]). O(n + m); allocates six arrays of n. */
export function stronglyConnected(firstArc: Uint32Array, head: Uint32Array): Components {
  const nodeCount = firstArc.length - 1;
  const componentOf = new Uint32Array(nodeCount);
  const closed = new Uint8Array(nodeCount);
  const visit = new Uint32Array(nodeCount);
  const low = new Uint32Array(nodeCount);
  const cursor = new Uint32Array(nodeCount);
  const open = new Uint32Array(nodeCount);
  const path = new Uint32Array(nodeCount);
  let visited = 0;
  let openSize = 0;
  let count = 0;

  for (let root = 0; root < nodeCount; root++) {
    if (visit[root] !== UNSEEN) continue;
    let pathSize = 0;
    let enter = root;
    for (;;) {
      if (visit[enter] === UNSEEN) {
        visit[enter] = low[enter] = ++visited;
        cursor[enter] = firstArc[enter];
        open[openSize++] = enter;
        path[pathSize++] = enter;
      }
      const node = path[pathSize - 1];
      if (cursor[node] < firstArc[node + 1]) {
        const next = head[cursor[node]++];
        if (visit[next] === UNSEEN) enter = next;
        else if (closed[next] === 0 && visit[next] < low[node]) low[node] = visit[next];
        continue;
      }
      if (low[node] === visit[node]) {
        let member: number;
        do {
          member = open[--openSize];
          closed[member] = 1;
          componentOf[member] = count;
        } while (member !== node);
        count++;
      }
      if (--pathSize === 0) break;
      const parent = path[pathSize - 1];
      if (low[node] < low[parent]) low[parent] = low[node];
    }
  }
  return {componentOf, count};
}
