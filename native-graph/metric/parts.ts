// A contraction in parts that threads customize at the same time.
//
// The elimination tree has a node's lowest higher neighbour for its parent. What customization reads and writes of a
// node are arcs of the node and of those below it in the tree; perfect customization reads those of nodes above. So
// subtrees have nothing in common but the nodes above all of them, the top: they go before the top, and after it.

/** Parts beside the top: a function of the graph alone, whatever the number of threads. */
export const PARTS = 16;
/** Behind the parts: the nodes above all of them. */
export const TOP = 16;
/** Shares of the parts, which so many threads make at the same time, or one thread one after another. */
export const SHARES = 2;
/** A set of parts has a bit for each. */
export const bitOf = (part: number): number => 1 << part;
export const ALL = bitOf(TOP + 1) - 1;

/** A subtree above this share of all work is parted, and its root joins the top. */
const LARGEST_SHARE = 1 / (4 * PARTS);

/**
 * By node its part, or TOP: subtrees of about equal work, which is taken as the square of a node's neighbours. The
 * higher neighbours of v are end[first[v]] .. end[first[v + 1] - 1], ascending. O(n log n).
 */
export function partsOf({first, end}: {readonly first: Uint32Array; readonly end: Uint32Array}): Uint8Array {
  const nodeCount = first.length - 1;
  const work = new Float64Array(nodeCount);
  let total = 0;
  for (let v = 0; v < nodeCount; v++) {
    const own = (1 + first[v + 1] - first[v]) ** 2;
    total += own;
    work[v] += own;
    if (first[v] < first[v + 1]) work[end[first[v]]] += work[v];
  }
  const part = new Uint8Array(nodeCount).fill(TOP);
  // From the top down, so that a parent is settled before its children: only children of the top are roots of parts.
  const roots: number[] = [];
  for (let v = nodeCount - 1; v >= 0; v--) {
    const hasParent = first[v] < first[v + 1];
    if (hasParent && part[end[first[v]]] !== TOP) part[v] = 0;
    else if (work[v] <= LARGEST_SHARE * total) {
      part[v] = 0;
      roots.push(v);
    }
  }
  // The largest first, each to the part that has least so far.
  const load = new Float64Array(PARTS);
  for (const root of roots.sort((a, b) => work[b] - work[a] || a - b)) {
    const least = load.indexOf(Math.min(...load));
    load[least] += work[root];
    part[root] = least;
  }
  const isRoot = new Set(roots);
  for (let v = nodeCount - 1; v >= 0; v--) if (part[v] !== TOP && !isRoot.has(v)) part[v] = part[end[first[v]]];
  return part;
}
