// Epochs of live speeds, by graph: the rows from which every daemon, and every replay, makes the same weights.

import type {SpeedEpoch} from '../domain/speed-epoch.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const SAVE = statement('save_speed_epoch');
const NEWEST = statement('newest_speed_epoch');
const READ = statement('read_speed_epoch');
const DROP_OLD = statement('drop_old_speed_epochs');

/** Saves that lose their number to another daemon's before they give up. */
const ATTEMPTS_LIMIT = 20;

/** zstd of the CSV of all rows in use. */
export type KeptSpeeds = {readonly kept: Uint8Array};

export type NewSpeedEpoch = Omit<SpeedEpoch, 'epoch' | 'atMs'> &
  KeptSpeeds & {
    /** The epoch that its rows were merged onto (0 without one); null where they stand alone. */
    readonly mergedOnto: number | null;
  };

/** Saves it under the next number. 'overtaken': another epoch has come after the one that it was merged onto. */
export async function saveSpeedEpoch(
  db: Database,
  made: NewSpeedEpoch,
): Promise<{readonly kind: 'saved'; readonly epoch: number; readonly atMs: number} | {readonly kind: 'overtaken'}> {
  const {graph, graphHash, mergedOnto, source, kept, speedsHash, weightsHash, rowsInUse, segmentsChanged} = made;
  for (let attempt = 0; attempt < ATTEMPTS_LIMIT; attempt++) {
    const [saved] = await db.query<{epoch: number; atMs: number}>(SAVE, [
      graph,
      graphHash,
      mergedOnto,
      source,
      kept,
      speedsHash,
      weightsHash,
      rowsInUse,
      segmentsChanged,
    ]);
    if (saved) return {kind: 'saved', ...saved};
    const newest = await newestSpeedEpoch(db, graph, graphHash);
    if (mergedOnto !== null && (newest?.epoch ?? 0) !== mergedOnto) return {kind: 'overtaken'};
  }
  throw new Error(`an epoch of ${graph} lost its number ${ATTEMPTS_LIMIT} times`);
}

/** undefined where none has been made for this graph file. */
export async function newestSpeedEpoch(
  db: Database,
  graph: string,
  graphHash: string,
): Promise<SpeedEpoch | undefined> {
  const [newest] = await db.query<SpeedEpoch>(NEWEST, [graph, graphHash]);
  return newest;
}

/** undefined where it was never made, or dropped. */
export async function readSpeedEpoch(
  db: Database,
  graph: string,
  epoch: number,
): Promise<(SpeedEpoch & KeptSpeeds) | undefined> {
  const [found] = await db.query<SpeedEpoch & KeptSpeeds>(READ, [graph, epoch]);
  return found;
}

/**
 * Drops epochs that were superseded more than `keepHours` of dispatch time ago; the newest of each graph file stays.
 * Returns how many.
 */
export async function dropOldSpeedEpochs(db: Database, graph: string, keepHours: number): Promise<number> {
  return (await db.query(DROP_OLD, [graph, keepHours])).length;
}
