// Customization: the weights of all shortcuts, and which arcs a query can do without. assembly/customize.ts is the same
// in AssemblyScript.
//
// J. Dibbelt, B. Strasser, D. Wagner, "Customizable Contraction Hierarchies", ACM J. Exp. Algorithmics 21 (2016).

import {UNREACHABLE_MS} from '../../layout.ts';
import {ALL} from '../../metric/parts.ts';
import {DOMINATED, IMPROVED, KEPT, type Notes, type Weighted, type WeightedArcs} from '../../metric/weighted.ts';

/**
 * Lowers the weight of every arc to that of its best way by lower nodes, and notes the two arcs of that way. For x from
 * low to high, each triangle x -> z -> y with z below both is looked at from x: by then the two arcs at z are final.
 * Of equal ways a turn of the graph stays, else the lowest z. Of one part only, where one is named; the top comes after
 * all others. O(triangles); allocates nothing.
 */
export function customize(w: Weighted, part: number = ALL, notes: Notes = w.notes): void {
  const {nodeCount, up, down} = w;
  for (let x = 0; x < nodeCount; x++) {
    if (part !== ALL && w.part[x] !== part) continue;
    customizeNode(x, up, down, notes.a, 0);
    customizeNode(x, down, up, notes.b, 1);
  }
}

/**
 * The arcs x -> y, each by x -> z (an arc of `other`, kept at z) and z -> y; or mirrored, the arcs y -> x. `legAt` is
 * where the arc between x and z stands in `via`.
 */
function customizeNode(x: number, side: WeightedArcs, other: WeightedArcs, arcTo: Uint32Array, legAt: 0 | 1): void {
  const {first, arcs, via} = side;
  const {belowFirst, below} = other;
  // Whatever a triangle leads to stands here, so that what an earlier x has left behind does no harm.
  for (let arc = first[x]; arc < first[x + 1]; arc++) arcTo[arcs[2 * arc]] = arc;
  for (let i = belowFirst[x]; i < belowFirst[x + 1]; i++) {
    const z = below[2 * i];
    const leg = below[2 * i + 1];
    const legMs = other.arcs[2 * leg + 1];
    if (legMs === UNREACHABLE_MS) continue;
    for (let on = first[z + 1] - 1; on >= first[z] && arcs[2 * on] > x; on--) {
      const arc = arcTo[arcs[2 * on]];
      const ms = legMs + arcs[2 * on + 1];
      if (ms >= arcs[2 * arc + 1]) continue;
      arcs[2 * arc + 1] = ms;
      via[2 * arc + legAt] = leg;
      via[2 * arc + 1 - legAt] = on;
    }
  }
}

/**
 * Perfect customization: lowers every weight to that of the fastest way over one higher node, and keeps the arcs that
 * no such way equals. Whatever a search needs goes by kept arcs: of all fastest ways, the one that climbs highest uses
 * no other arc, since all weights are positive. Of one part only, where one is
 * named; the top comes before all others. O(sum over the arcs v -> w of the arcs at w); allocates nothing.
 */
export function perfect(w: Weighted, part: number = ALL, notes: Notes = w.notes): void {
  const {nodeCount, up, down} = w;
  notes.a.fill(0);
  for (let x = nodeCount - 1; x >= 0; x--) {
    if (part !== ALL && w.part[x] !== part) continue;
    perfectNode(x, up, down, notes.a, notes.b);
    perfectNode(x, down, up, notes.a, notes.b);
  }
}

/**
 * The arcs x -> y, each against x -> z -> y with z above x; or mirrored, the arcs y -> x. The weights at higher nodes
 * are final. By node y: `arcTo` is the arc x -> y, plus 1, and 0 between calls; `leastMs` the fastest such way.
 */
function perfectNode(
  x: number,
  side: WeightedArcs,
  other: WeightedArcs,
  arcTo: Uint32Array,
  leastMs: Uint32Array,
): void {
  const {first, arcs, state} = side;
  const begin = first[x];
  const end = first[x + 1];
  for (let arc = begin; arc < end; arc++) {
    arcTo[arcs[2 * arc]] = arc + 1;
    leastMs[arcs[2 * arc]] = UNREACHABLE_MS;
  }
  for (let arc = begin; arc < end; arc++) {
    const z = arcs[2 * arc];
    const ms = arcs[2 * arc + 1];
    // x -> z -> y with y above z.
    for (let on = first[z]; on < first[z + 1]; on++) {
      const y = arcs[2 * on];
      if (arcTo[y] !== 0 && ms + arcs[2 * on + 1] < leastMs[y]) leastMs[y] = ms + arcs[2 * on + 1];
    }
    // x -> y -> z with y above z.
    for (let on = other.first[z]; on < other.first[z + 1]; on++) {
      const y = other.arcs[2 * on];
      if (arcTo[y] === 0) continue;
      const byY = arcs[2 * arcTo[y] - 1] + other.arcs[2 * on + 1];
      if (byY < leastMs[z]) leastMs[z] = byY;
    }
  }
  for (let arc = begin; arc < end; arc++) {
    const y = arcs[2 * arc];
    const ms = arcs[2 * arc + 1];
    state[arc] = ms < leastMs[y] ? KEPT : ms === leastMs[y] ? DOMINATED : IMPROVED;
    arcs[2 * arc + 1] = Math.min(ms, leastMs[y]);
    arcTo[y] = 0;
  }
}
