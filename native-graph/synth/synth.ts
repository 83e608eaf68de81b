// Writes a Texas-like world of any size as an OSM PBF: grid cities with downtowns of one-way pairs, motorways with
// frontage roads and ramps, rivers with few bridges, closes, rural highways, turn restrictions, and what is no road.
//
// The world is a function of (junctions, seed): it is drawn from formulas, so memory is one block of the file, and the
// same two numbers give the same bytes on every machine.

import {closeSync, fsyncSync, openSync, renameSync, rmSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {InputFailure} from '../failure.ts';
import {writeCityNodes} from './city-nodes.ts';
import {writeCityRestrictions} from './city-restrictions.ts';
import {writeCityWays} from './city-ways.ts';
import {ObjectWriter} from './object-writer.ts';
import {writeRuralNodes, writeRuralWays} from './rural.ts';
import {planWorld, type World} from './world.ts';

export type SynthOptions = {
  /** How many junctions the road network is to have, to within a few percent. */
  readonly junctions: number;
  readonly seed: number;
  /** Hears how many rows of streets are written, of how many in all. */
  readonly onProgress?: (rows: number, allRows: number) => void;
};

export type Synthesized = {readonly cities: number; readonly highways: number; readonly bytes: number};

/**
 * Writes to a temporary file that is then renamed, so `path` never holds a part. Throws InputFailure `SYNTH_SIZE`, and
 * `MAP_UNWRITABLE` where the file cannot be written. O(junctions).
 */
export function synthesize(path: string, {junctions, seed, onProgress}: SynthOptions): Synthesized {
  const world = planWorld(junctions, seed);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = openSync(temporary, 'w');
    let bytes: number;
    try {
      bytes = writeWorld(file, world, onProgress);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    return {cities: world.cities.length, highways: world.highways.length, bytes};
  } catch (error) {
    rmSync(temporary, {force: true});
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!/^E[A-Z]+$/.test(code)) throw error;
    throw new InputFailure('MAP_UNWRITABLE', `${path}: cannot be written (${code})`);
  }
}

function writeWorld(file: number, {cities, highways, box}: World, onProgress: SynthOptions['onProgress']): number {
  const out = new ObjectWriter(file, box);
  const allRows = 2 * cities.reduce((sum, {rows}) => sum + rows, 0);
  let rows = 0;
  const onRow = (): void => onProgress?.(++rows, allRows);
  for (const city of cities) writeCityNodes(city, out, onRow);
  for (const highway of highways) writeRuralNodes(highway, out);
  for (const city of cities) writeCityWays(city, out, onRow);
  for (const highway of highways) writeRuralWays(highway, out);
  for (const city of cities) writeCityRestrictions(city, out);
  out.end();
  return out.writtenBytes;
}
