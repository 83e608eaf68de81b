// From a PBF to a road network, and what osmium (Debian's osmium-tool) takes for the nearest it has: choosing the roads
// of a file with the nodes they need, and copying the file. The same file, in turns.

import {execFile, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {assembleUnranked} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import {synthesize} from '../native-graph/synth/synth.ts';
import {withBlockThreads} from '../src/cli/build-threads.ts';
import {checksum, type Measured, type Size, type Suite} from './harness.ts';

const JUNCTIONS: Record<Size, number> = {smoke: 2_000, full: 1_000_000};
const SEED = 1;
const OSMIUM: string = 'osmium';

export const importBench: Suite = async (size, measure) => {
  const folder = mkdtempSync(join(tmpdir(), 'cloudrun-import-'));
  try {
    const file = join(folder, 'state.osm.pbf');
    const junctions = JUNCTIONS[size];
    synthesize(file, {junctions, seed: SEED});
    const {size: bytes} = statSync(file);
    const input = `graph synth --junctions ${junctions} --seed ${SEED}, ${Math.round(bytes / 1e3)} kB`;
    const things = {count: bytes / 1e3, of: 'kB of PBF'};
    await withBlockThreads(async (runner) => {
      const ours: Measured[] = [
        {name: 'import', input, things, run: async () => checksum((await importNetwork(file, {runner})).edgeForwardMs)},
        {
          name: 'import, no workers',
          input,
          things,
          run: async () => checksum((await importNetwork(file)).edgeForwardMs),
        },
        {
          name: 'import and assemble',
          input,
          things: {count: junctions, of: 'junctions'},
          run: async () => checksum(assembleUnranked(await importNetwork(file, {runner})).graph.arcMs),
        },
      ];
      await measure([...ours, ...rivals(file, folder, input, things)]);
    });
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
};

function rivals(file: string, folder: string, input: string, things: NonNullable<Measured['things']>): Measured[] {
  if (spawnSync(OSMIUM, ['--version']).status !== 0) {
    process.stderr.write('bench: osmium is not installed, so there is nothing to compare the import with\n');
    return [];
  }
  const output = join(folder, 'rival.osm.pbf');
  const run = (command: string, filters: readonly string[]) => async (): Promise<number> => {
    await promisify(execFile)(OSMIUM, [command, file, ...filters, '--overwrite', '--no-progress', '--output', output]);
    return statSync(output).size;
  };
  return [
    {name: 'osmium tags-filter', input, things, run: run('tags-filter', ['w/highway', 'r/type=restriction'])},
    {name: 'osmium cat', input, things, run: run('cat', [])},
  ];
}
