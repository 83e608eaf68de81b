// From a map file to a graph in memory, with every phase shown as it comes.

import {statSync} from 'node:fs';
import {type Assembled, type AssemblyOptions, assembleUnranked} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import {importDimacs} from '../../native-graph/dimacs/import.ts';
import {dissect, dissectHere} from '../../native-graph/order/dissect.ts';
import type {DrivingSide} from '../../native-graph/profile/driving-side.ts';
import {withBlockThreads, withCellThreads} from './build-threads.ts';
import type {Progress, Terminal} from './terminal.ts';

/** Below it, starting threads takes longer than they save. */
const THREADS_FROM_BYTES = 4_000_000;
const THREADS_FROM_EDGES = 20_000;

export type BuildOptions = Omit<AssemblyOptions, 'onPhase'> & {
  /** The `.co` file that belongs to a DIMACS `.gr`; then that is what `input` is. */
  readonly coordinates?: string;
  /** The side that cars drive on; `auto`, the default, takes that of the country. */
  readonly drivingSide?: DrivingSide | 'auto';
};

export async function buildGraph(
  input: string,
  shown: Terminal,
  {coordinates, drivingSide = 'auto', ...options}: BuildOptions = {},
): Promise<Assembled> {
  let progress: Progress | undefined;
  const onPhase = (phase: string): void => {
    progress?.end();
    progress = shown.progress(phase, phase.startsWith('reading') ? 'bytes' : undefined);
  };
  // Both passes over the file count; each is shown by itself.
  const onProgress = (read: number, total: number): void =>
    progress?.at(read > total / 2 ? read - total / 2 : read, total / 2);
  const isLarge = (statSync(input, {throwIfNoEntry: false})?.size ?? 0) > THREADS_FROM_BYTES;
  try {
    if (coordinates !== undefined) onPhase('reading arcs and coordinates');
    const network = await (coordinates !== undefined
      ? importDimacs(input, coordinates, {onProgress: (read, total) => progress?.at(read, total)})
      : isLarge
        ? withBlockThreads((runner) => importNetwork(input, {onProgress, onPhase, runner, drivingSide}))
        : importNetwork(input, {onProgress, onPhase, drivingSide}));
    const assembled = assembleUnranked(network, {...options, onPhase});
    onPhase('dissecting');
    const {graph} = assembled;
    if (graph.edgeCount < THREADS_FROM_EDGES) dissectHere(graph);
    else await withCellThreads((runner) => dissect(graph, runner, (done, total) => progress?.at(done, total)));
    return assembled;
  } finally {
    progress?.end();
  }
}
