// From rows of speeds to the weights of an epoch, and back from what is kept of one: the same rows over the same graph
// file give the same weights, bit for bit.

import {createHash} from 'node:crypto';
import {zstdCompressSync, zstdDecompressSync} from 'node:zlib';
import type {RoadGraph} from '../layout.ts';
import {applySpeeds} from './apply-speeds.ts';
import {tableOf} from './speeds.ts';
import {type RowProblem, readSpeeds, writeSpeeds} from './speeds-csv.ts';
import {overlayWeights, weightsFlaw} from './weights.ts';

/** The rows of an epoch unpacked; more would be damaged or hostile. */
const SPEEDS_LIMIT_BYTES = 512 * 2 ** 20;

export type SpeedRows = {
  /** Rows of an earlier epoch, as they are kept, below the new ones. */
  readonly kept?: Uint8Array;
  /** New rows as CSV; a row here supersedes a kept one of the same pair. */
  readonly csv?: Uint8Array;
};

/** What became of the new rows; the four counts add up to all that were read. */
export type RowCounts = {
  readonly rowsApplied: number;
  /** Their pair is not driven in this graph. */
  readonly rowsUnknown: number;
  /** A later row has the same pair. */
  readonly rowsRepeated: number;
  readonly rowsBad: number;
};

export type SpeedsReport = RowCounts & {
  /** Segments whose time is another than the file's, closed ones included. */
  readonly segmentsChanged: number;
  readonly segmentsClosed: number;
  /** The first hundred of the bad rows. */
  readonly problems: readonly RowProblem[];
};

export type EpochMade = {
  readonly report: SpeedsReport;
  /** zstd of the CSV of all rows that are in use, kept ones too; and how many these are. */
  readonly kept: Uint8Array;
  readonly rowsInUse: number;
  /** sha256 of the rows in use, and of the weights. */
  readonly speedsHash: string;
  readonly weightsHash: string;
};

/**
 * Fills `block` with the weights of these rows over `g`, whose own times must be the file's. An Error where the weights
 * break an invariant: then nothing may be searched with them. O(rows + points + m).
 */
export function makeEpoch(g: RoadGraph, rows: SpeedRows, block: SharedArrayBuffer): EpochMade {
  const before = rows.kept && readSpeeds(unpack(rows.kept)).speeds;
  const {speeds, problems, rowsBad} = readSpeeds(rows.csv ?? new Uint8Array(0), before);
  const table = tableOf(speeds);
  const weights = overlayWeights(g, block);
  const {used, segmentsChanged, segmentsClosed} = applySpeeds(g, table, weights);
  const flaw = weightsFlaw(g, weights);
  if (flaw) throw new Error(`an epoch's weights are broken at ${flaw.at}: ${flaw.sentence}`);
  const counts = {rowsApplied: 0, rowsUnknown: 0, rowsRepeated: 0};
  for (let row = before?.count ?? 0; row < speeds.count; row++) {
    if (table.superseded[row] === 1) counts.rowsRepeated++;
    else if (used[row] === 1) counts.rowsApplied++;
    else counts.rowsUnknown++;
  }
  const csv = writeSpeeds(speeds, used);
  return {
    report: {...counts, rowsBad, segmentsChanged, segmentsClosed, problems},
    kept: zstdCompressSync(csv),
    rowsInUse: used.reduce((sum, one) => sum + one, 0),
    speedsHash: createHash('sha256').update(csv).digest('hex'),
    weightsHash: createHash('sha256')
      .update(Buffer.from(Buffer.from(block)))
      .digest('hex'),
  };
}

const unpack = (kept: Uint8Array): Uint8Array => zstdDecompressSync(kept, {maxOutputLength: SPEEDS_LIMIT_BYTES});
