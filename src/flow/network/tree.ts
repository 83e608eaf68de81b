// The spanning tree of a network simplex: the arcs whose flow may lie strictly between their bounds, and an artificial
// root that every node can hang from. Each node keeps the arc to its parent and how much more could be sent over it in
// either direction, so a pivot reads and writes nodes only.
//
// The nodes of any subtree stand one behind the other in one circular list, `next`, in preorder; `size` and `last` say
// how many they are and which is the last. Hanging a subtree elsewhere re-roots it: the list is cut and joined once or
// twice for each node on the path between its old root and its new one.
//
// List and path updates in the manner of R. S. Barr, F. Glover, D. Klingman, "Enhancements of spanning tree labelling
// procedures for network optimization", INFOR 17 (1979), 16-34.

export const NO_NODE = -1;
/** In `arc`: the artificial arc between a node and the root. */
export const ARTIFICIAL = -1;

/** Arrays have nodeCount + 1 entries; the last node is the root. Rooms may be infinite. */
export type Tree = {
  readonly root: number;
  /** NO_NODE for the root. */
  readonly parent: Int32Array;
  /** The arc between node and parent, in either direction, or ARTIFICIAL. */
  readonly arc: Int32Array;
  /** How much more may be sent from the node to its parent, and from its parent to the node. */
  readonly upRoom: Float64Array;
  readonly downRoom: Float64Array;
  /** Nodes of the subtree, the node included. */
  readonly size: Int32Array;
  /** The last node of the subtree in preorder. */
  readonly last: Int32Array;
  /** Preorder, circular, and its inverse. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** Tree arcs have reduced cost 0 at these. */
  readonly price: Float64Array;
};

/**
 * Every node hangs from the root by an artificial arc that costs `artificialCost` and carries what the node gives or
 * takes. An arc that carries nothing leads to the root, so that the tree is strongly feasible (simplex.ts).
 */
export function starOf(need: Float64Array, artificialCost: number): Tree {
  const nodeCount = need.length;
  const root = nodeCount;
  const index = Int32Array.from({length: nodeCount + 1}, (_, node) => node);
  const tree: Tree = {
    root,
    parent: new Int32Array(nodeCount + 1).fill(root),
    arc: new Int32Array(nodeCount + 1).fill(ARTIFICIAL),
    upRoom: new Float64Array(nodeCount + 1),
    downRoom: new Float64Array(nodeCount + 1),
    size: new Int32Array(nodeCount + 1).fill(1),
    last: index.slice(),
    next: index.map((node) => (node === root ? 0 : node + 1)),
    previous: index.map((node) => (node === 0 ? root : node - 1)),
    price: new Float64Array(nodeCount + 1),
  };
  tree.parent[root] = NO_NODE;
  tree.size[root] = nodeCount + 1;
  tree.last[root] = nodeCount === 0 ? root : nodeCount - 1;
  for (let node = 0; node < nodeCount; node++) {
    const gives = need[node] >= 0;
    tree.upRoom[node] = gives ? Number.POSITIVE_INFINITY : -need[node];
    tree.downRoom[node] = gives ? need[node] : Number.POSITIVE_INFINITY;
    tree.price[node] = gives ? -artificialCost : artificialCost;
  }
  return tree;
}

/** An arc about to join a subtree to the rest of the tree, as its lower end will keep it. */
export type Link = {
  arc: number;
  /** Its end in the subtree, which becomes the subtree's root, and its other end. */
  node: number;
  parent: number;
  upRoom: number;
  downRoom: number;
};

/**
 * Cuts the subtree of `top` off and hangs it from `link` instead, re-rooted at `link.node`. `apex` is the lowest common
 * ancestor of both of the link's ends. Prices stay. O(depth + path from link.node to top).
 */
export function hangElsewhere(tree: Tree, top: number, link: Link, apex: number): void {
  const {parent, size, last, next, previous} = tree;
  const oldParent = parent[top];
  const count = size[top];
  const end = last[top];

  const before = previous[top];
  const after = next[end];
  next[before] = after;
  previous[after] = before;
  for (let node = oldParent; node !== NO_NODE && last[node] === end; node = parent[node]) last[node] = before;
  for (let node = oldParent; node !== apex; node = parent[node]) size[node] -= count;

  const newEnd = reRoot(tree, top, link);

  const under = link.parent;
  const behind = next[under];
  next[under] = link.node;
  previous[link.node] = under;
  next[newEnd] = behind;
  previous[behind] = newEnd;
  for (let node = under; node !== NO_NODE && last[node] === under; node = parent[node]) last[node] = newEnd;
  for (let node = under; node !== apex; node = parent[node]) size[node] += count;
}

/**
 * Turns the path from `link.node` up to `top` over. Each node on it keeps its other children, and comes after what
 * was below it. Returns the end of the list, whose first is `link.node`.
 */
function reRoot(tree: Tree, top: number, link: Link): number {
  const {parent, arc, upRoom, downRoom, size, last, next, previous} = tree;
  const count = size[top];
  let node = link.node;
  let newParent = link.parent;
  let newArc = link.arc;
  let newUp = link.upRoom;
  let newDown = link.downRoom;
  let sizeBelow = 0;
  let listEnd = last[node]; // of what is in its new order
  let oldBefore = previous[node];
  let oldLast = listEnd;
  let oldAfter = next[oldLast];
  for (;;) {
    const oldParent = parent[node];
    const oldArc = arc[node];
    const oldUp = upRoom[node];
    const oldDown = downRoom[node];
    const oldSize = size[node];
    parent[node] = newParent;
    arc[node] = newArc;
    upRoom[node] = newUp;
    downRoom[node] = newDown;
    size[node] = count - sizeBelow;
    if (node === top) break;

    // What the parent has before the node's old place, itself first, and then what it has behind it.
    const parentBefore = previous[oldParent];
    const parentLast = last[oldParent];
    const parentAfter = parentLast === oldLast ? oldAfter : next[parentLast];
    next[listEnd] = oldParent;
    previous[oldParent] = listEnd;
    listEnd = oldBefore;
    if (parentLast !== oldLast) {
      next[listEnd] = oldAfter;
      previous[oldAfter] = listEnd;
      listEnd = parentLast;
    }

    newParent = node;
    newArc = oldArc;
    newUp = oldDown;
    newDown = oldUp;
    sizeBelow = oldSize;
    oldBefore = parentBefore;
    oldLast = parentLast;
    oldAfter = parentAfter;
    node = oldParent;
  }
  for (let turned = top; turned !== link.parent; turned = parent[turned]) last[turned] = listEnd;
  return listEnd;
}
