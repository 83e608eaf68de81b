// The order in which segments are contracted: nested dissection.
//
// A. George, "Nested dissection of a regular finite element mesh", SIAM J. Numer. Anal. 10 (1973), 345-363.
// J. Dibbelt, B. Strasser, D. Wagner, "Customizable Contraction Hierarchies", ACM J. Exp. Algorithmics 21 (2016).
// V. Buchhold, D. Wagner, T. Zeitz, M. Zündorf, "Customizable Contraction Hierarchies with Turn Costs", ATMOS 2020.
//
// A cell of roads is parted by few edges (bisect.ts). Turns join segments at junctions, so the segments of those edges,
// both directions and all copies, part the segments on either side of them: they get the highest ranks of the cell,
// and both sides are cells again. What hangs together by nothing is parted for nothing. Where few edges are left, it
// goes from below (merge.ts).
//
// The order depends on roads and coordinates alone, not on times. It is a function of the graph: how a cell is parted
// depends on its own edges and on nothing else, so it is all the same which thread does it, and when.

import type {RoadGraph} from '../layout.ts';
import {type CellScratch, createCellScratch, partCell} from './cell.ts';
import {type Cell, type Field, type FieldPlace, layOut, overlayField} from './field.ts';
import {writeRanks} from './ranks.ts';

/** A cell of fewer edges is done by one thread to the end. */
const SMALL_EDGES = 4_096;

/** Counts and shared memory, so that it can be sent to a thread. */
export type CellJob = FieldPlace & Cell;

/**
 * Runs `dissectCell` somewhere, and how many cells may be under way at a time: each takes some 120 bytes an edge while
 * it is parted. The reply is what `dissectCell` returns.
 */
export type CellRunner = {
  readonly cellsInFlight: number;
  run(job: CellJob): Promise<readonly Cell[]>;
};

/** Fills `g.rank`, the cells being parted by `runner`. `onProgress` hears how much of the work is done. */
export async function dissect(
  g: RoadGraph,
  runner: CellRunner,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const place = layOut(g);
  const whole = {first: 0, end: g.edgeCount};
  const total = effort(whole);
  const open: Cell[] = [whole];
  const underWay = new Set<Promise<void>>();
  let done = 0;
  const part = async (cell: Cell): Promise<void> => {
    const parts = await runner.run({...place, ...cell});
    open.push(...parts);
    done += parts.reduce((left, part) => left - effort(part), effort(cell));
    onProgress?.(done, total);
  };
  while (open.length > 0 || underWay.size > 0) {
    while (open.length > 0 && underWay.size < runner.cellsInFlight) {
      const ended = part(open.shift()!).finally(() => underWay.delete(ended));
      underWay.add(ended);
    }
    await Promise.race(underWay);
  }
  writeRanks(g, overlayField(place).order);
}

/** Fills `g.rank` here and now: what `dissect` fills it with. */
export function dissectHere(g: RoadGraph): void {
  const field = overlayField(layOut(g));
  const scratch = createCellScratch();
  const open = [{first: 0, end: g.edgeCount}];
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) open.push(...dissectCell(field, scratch, cell));
  writeRanks(g, field.order);
}

/** A cell is parted some log2 times, and every time all of its edges are looked at. */
const effort = ({first, end}: Cell): number => (end - first) * Math.log2(end - first + 1);

/** Parts a cell and, to the end, those of its parts that are small; returns the others. */
export function dissectCell(f: Field, s: CellScratch, cell: Cell): Cell[] {
  const large: Cell[] = [];
  const open = [cell];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const part of partCell(f, s, next)) {
      if (part.end - part.first >= SMALL_EDGES) large.push(part);
      else if (part.end - part.first > 1) open.push(part);
    }
  }
  return large;
}
