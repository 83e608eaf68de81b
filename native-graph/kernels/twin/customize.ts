// Customization: the weights of all shortcuts, and which arcs a query can do without; of those nodes only that a change
// of the turns' times reaches. assembly/customize.ts is the same in AssemblyScript.
//
// J. Dibbelt, B. Strasser, D. Wagner, "Customizable Contraction Hierarchies", ACM J. Exp. Algorithmics 21 (2016).
//
// Invariants: what is made of a node is a function of its turns and of what was made of its lower neighbours (of its
// weights and of its higher neighbours). So a node is made anew where one of these has changed and marks its higher
// (lower) neighbours where it then has itself, and whatever is not marked already is what making it would give.

import {UNREACHABLE_MS} from '../../layout.ts';
import {ALL} from '../../metric/parts.ts';
import {DOMINATED, IMPROVED, KEPT, type Notes, type Weighted, type WeightedArcs} from '../../metric/weighted.ts';

/** What has changed of a node's arcs. */
const TIMES = 1;
const LENGTHS = 2;

/**
 * Makes the weight of every arc at a marked node that of its best way by lower nodes, and notes the two arcs of that
 * way and its length. For x from low to high, each triangle x -> z -> y with z below both is looked at from x: by then
 * the two arcs at z are final. Of equal ways a turn of the graph stays, else the lowest z. Of the parts named; the top
 * comes after all others. Returns how many nodes it has made. O(triangles of these); allocates nothing.
 */
export function customize(w: Weighted, parts: number = ALL, notes: Notes = w.notes[0]): number {
  const {nodeCount, up, down, part, isStale, isLeastStale} = w;
  let made = 0;
  for (let x = 0; x < nodeCount; x++) {
    if (isStale[x] === 0 || ((parts >>> part[x]) & 1) === 0) continue;
    isStale[x] = 0;
    made++;
    const changed = customizeNode(w, x, up, down, 0, notes) | customizeNode(w, x, down, up, 1, notes);
    if (changed === 0) continue;
    markAbove(x, up, isStale);
    markAbove(x, down, isStale);
    if ((changed & TIMES) !== 0) isLeastStale[x] = 1;
  }
  return made;
}

function markAbove(x: number, {first, end}: WeightedArcs, isStale: Uint8Array): void {
  for (let arc = first[x]; arc < first[x + 1]; arc++) isStale[end[arc]] = 1;
}

/**
 * The arcs x -> y, each by x -> z (an arc of `other`, kept at z) and z -> y; or mirrored, the arcs y -> x. `legAt` is
 * where the arc between x and z stands in `via`. By node y: `a` is the arc x -> y, `b` the time that it had.
 */
function customizeNode(
  {up, down, segmentCm}: Weighted,
  x: number,
  side: WeightedArcs,
  other: WeightedArcs,
  legAt: 0 | 1,
  {a: arcTo, b: oldMs}: Notes,
): number {
  const {first, end, ms, via, cm, turnFirst, turns} = side;
  const {belowFirst, below, ms: otherMs} = other;
  // Whatever a triangle leads to stands here, so that what an earlier x has left behind does no harm.
  for (let arc = first[x]; arc < first[x + 1]; arc++) {
    arcTo[end[arc]] = arc;
    oldMs[end[arc]] = ms[arc];
    ms[arc] = UNREACHABLE_MS;
    via[2 * arc] = -1;
    via[2 * arc + 1] = -1;
  }
  for (let i = turnFirst[x]; i < turnFirst[x + 1]; i++) {
    const arc = turns[4 * i];
    if (turns[4 * i + 2] >= ms[arc]) continue;
    ms[arc] = turns[4 * i + 2];
    via[2 * arc + 1] = turns[4 * i + 1];
  }
  for (let i = belowFirst[x]; i < belowFirst[x + 1]; i++) {
    const z = below[2 * i];
    const leg = below[2 * i + 1];
    const legMs = otherMs[leg];
    if (legMs === UNREACHABLE_MS) continue;
    for (let on = first[z + 1] - 1; on >= first[z] && end[on] > x; on--) {
      const arc = arcTo[end[on]];
      const byZ = legMs + ms[on];
      if (byZ >= ms[arc]) continue;
      ms[arc] = byZ;
      via[2 * arc + legAt] = leg;
      via[2 * arc + 1 - legAt] = on;
    }
  }
  let changed = 0;
  for (let arc = first[x]; arc < first[x + 1]; arc++) {
    const fall = via[2 * arc];
    const rise = via[2 * arc + 1];
    const length = fall >= 0 ? down.cm[fall] + up.cm[rise] : rise >= 0 ? segmentCm[rise] : 0;
    if (ms[arc] !== oldMs[end[arc]]) changed |= TIMES;
    if (cm[arc] !== length) changed |= LENGTHS;
    cm[arc] = length;
  }
  return changed;
}

/**
 * Perfect customization of the marked nodes: finds for every arc the time of the fastest way over one higher node, and
 * keeps the arcs that no such way equals. Whatever a search needs goes by kept arcs: of all fastest ways, the one that
 * climbs highest uses no other arc, since all weights are positive. Of the parts named; the top comes before all
 * others. Returns how many nodes it has made. O(sum over their arcs v -> w of the arcs at w); allocates nothing.
 */
export function perfect(w: Weighted, parts: number = ALL, notes: Notes = w.notes[0]): number {
  const {nodeCount, up, down, part, isLeastStale} = w;
  let made = 0;
  notes.a.fill(0);
  for (let x = nodeCount - 1; x >= 0; x--) {
    if (isLeastStale[x] === 0 || ((parts >>> part[x]) & 1) === 0) continue;
    isLeastStale[x] = 0;
    made++;
    const changed = perfectNode(x, up, down, notes) | perfectNode(x, down, up, notes);
    if (changed === 0) continue;
    markBelow(x, up, isLeastStale);
    markBelow(x, down, isLeastStale);
  }
  return made;
}

function markBelow(x: number, {belowFirst, below}: WeightedArcs, isLeastStale: Uint8Array): void {
  for (let i = belowFirst[x]; i < belowFirst[x + 1]; i++) isLeastStale[below[2 * i]] = 1;
}

/**
 * The arcs x -> y, each against x -> z -> y with z above x; or mirrored, the arcs y -> x. The least times at higher
 * nodes are final. By node y: `a` is the arc x -> y, plus 1, and 0 between calls; `b` the fastest such way.
 */
function perfectNode(x: number, side: WeightedArcs, other: WeightedArcs, {a: arcTo, b: overMs}: Notes): number {
  const {first, end, ms, leastMs, state} = side;
  const [firstArc, endArc] = [first[x], first[x + 1]];
  for (let arc = firstArc; arc < endArc; arc++) {
    arcTo[end[arc]] = arc + 1;
    overMs[end[arc]] = UNREACHABLE_MS;
  }
  for (let arc = firstArc; arc < endArc; arc++) {
    const z = end[arc];
    const toZ = ms[arc];
    // x -> z -> y with y above z.
    for (let on = first[z]; on < first[z + 1]; on++) {
      const y = end[on];
      if (arcTo[y] !== 0 && toZ + leastMs[on] < overMs[y]) overMs[y] = toZ + leastMs[on];
    }
    // x -> y -> z with y above z.
    for (let on = other.first[z]; on < other.first[z + 1]; on++) {
      const byY = arcTo[other.end[on]];
      if (byY !== 0 && ms[byY - 1] + other.leastMs[on] < overMs[z]) overMs[z] = ms[byY - 1] + other.leastMs[on];
    }
  }
  let changed = 0;
  for (let arc = firstArc; arc < endArc; arc++) {
    const y = end[arc];
    const over = overMs[y];
    const least = Math.min(ms[arc], over);
    state[arc] = ms[arc] < over ? KEPT : ms[arc] === over ? DOMINATED : IMPROVED;
    if (leastMs[arc] !== least) changed = TIMES;
    leastMs[arc] = least;
    arcTo[y] = 0;
  }
  return changed;
}

/**
 * What counts of each arc's state once ways are told: an arc whose way goes by an improved one is not the fastest way
 * either, though its own triangles did not show it; and whatever the way of a kept arc goes by is kept. O(arcs).
 */
export function settle({nodeCount, up, down}: Weighted): void {
  for (let v = 0; v < nodeCount; v++) {
    settleNode(v, up, up, down);
    settleNode(v, down, up, down);
  }
  for (let v = nodeCount - 1; v >= 0; v--) {
    keepWays(v, up, up, down);
    keepWays(v, down, up, down);
  }
}

function settleNode(
  v: number,
  {first, via, state, settled}: WeightedArcs,
  {settled: upSettled}: WeightedArcs,
  {settled: downSettled}: WeightedArcs,
): void {
  for (let arc = first[v]; arc < first[v + 1]; arc++) {
    const fall = via[2 * arc];
    const isSlower = fall >= 0 && (downSettled[fall] === IMPROVED || upSettled[via[2 * arc + 1]] === IMPROVED);
    settled[arc] = isSlower ? IMPROVED : state[arc];
  }
}

function keepWays(
  v: number,
  {first, via, settled}: WeightedArcs,
  {settled: upSettled}: WeightedArcs,
  {settled: downSettled}: WeightedArcs,
): void {
  for (let arc = first[v]; arc < first[v + 1]; arc++) {
    const fall = via[2 * arc];
    if (settled[arc] !== KEPT || fall < 0) continue;
    downSettled[fall] = KEPT;
    upSettled[via[2 * arc + 1]] = KEPT;
  }
}
