// The graph of the demo's city, built by the first test of a run that asks for it and opened by the others.
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {inject} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import {openGraph, saveGraph} from '../../native-graph/file.ts';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {gothenburg} from '../../src/cli/city-graph.ts';

/** Where it is kept; there once gothenburgGraph has answered. */
export const gothenburgFile = (): string => join(inject('runFolder'), 'city.crg');

/** A graph of one's own each time, in a memory of its own. Two workers that build it at once replace it by the same. */
export async function gothenburgGraph(): Promise<RoadGraph> {
  const file = gothenburgFile();
  if (!existsSync(file)) saveGraph(assemble(await importNetwork(gothenburg())).graph, file);
  return openGraph(file);
}
