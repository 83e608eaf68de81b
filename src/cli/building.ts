// From a map file to a graph in memory, with every phase shown as it comes.

import {statSync} from 'node:fs';
import {type AssemblyOptions, type AssemblyReport, assemble} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {withBlockThreads} from './block-threads.ts';
import type {Progress, Terminal} from './terminal.ts';

/** Below it, starting threads takes longer than they save. */
const THREADS_FROM_BYTES = 4_000_000;

export async function buildGraph(
  input: string,
  shown: Terminal,
  options: Omit<AssemblyOptions, 'onPhase'> = {},
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
    const network = isLarge
      ? await withBlockThreads((runner) => importNetwork(input, {onProgress, onPhase, runner}))
      : await importNetwork(input, {onProgress, onPhase});
    return assemble(network, {...options, onPhase});
  } finally {
    progress?.end();
  }
}
