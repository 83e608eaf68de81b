// Labels of many places at once: what climbs from them have settled.

import type {Lists, Sides} from '../kernels/twin/climb.ts';
import type {Workspace} from './workspace.ts';

/** Labels that a first guess makes room for, by place; room is doubled where it does not do. */
const LABELS_GUESSED = 128;

/** The labels of all places that these seeds are of, up to `limitMs`, in memory taken for this call. */
export function labelsOf(ws: Workspace, sides: Sides, seeds: Lists, limitMs: number): Lists {
  const placeCount = seeds.first.length - 1;
  const first = ws.take(placeCount + 1);
  first[0] = 0;
  let mostSeeds = 0;
  for (let p = 0; p < placeCount; p++) mostSeeds = Math.max(mostSeeds, seeds.first[p + 1] - seeds.first[p]);
  let capacity = mostSeeds * sides.height + placeCount * LABELS_GUESSED;
  let labels: Lists = {first, node: ws.take(capacity), ms: ws.take(capacity), cm: ws.take(capacity)};
  for (let done = 0; ; ) {
    done = ws.kernels.climbAll(sides, ws.climbing, seeds, done, placeCount, limitMs, true, labels, capacity);
    if (done === placeCount) return labels;
    capacity *= 2;
    const roomier = {first, node: ws.take(capacity), ms: ws.take(capacity), cm: ws.take(capacity)};
    for (const name of ['node', 'ms', 'cm'] as const) roomier[name].set(labels[name].subarray(0, first[done]));
    labels = roomier;
  }
}
