// From a map file to a graph in memory, with every phase shown as it comes.

import {statSync} from 'node:fs';
import {type AssemblyOptions, type AssemblyReport, assemble} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import {importDimacs} from '../../native-graph/dimacs/import.ts';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {DrivingSide} from '../../native-graph/profile/driving-side.ts';
import {withBlockThreads} from './block-threads.ts';
import type {Progress, Terminal} from './terminal.ts';

/** Below it, starting threads takes longer than they save. */
const THREADS_FROM_BYTES = 4_000_000;

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
): Promise<{graph: RoadGraph; report: AssemblyReport}> {
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
    return assemble(network, {...options, onPhase});
  } finally {
    progress?.end();
  }
}
