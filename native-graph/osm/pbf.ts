// The OSM PBF reader: blobs in order, the header's demands checked, each data block shown to the visitor. Blobs of
// other types are for other programs.

import {InputFailure} from '../failure.ts';
import type {MapVisitor} from './elements.ts';
import {type Blob, protobufDamage, readBlobs} from './pbf-blobs.ts';
import {decodeBlock, requiredFeatures} from './pbf-block.ts';

/** What a file may demand of its reader. "HistoricalInformation" is not here: deleted objects would become roads. */
const KNOWN_FEATURES: readonly string[] = ['OsmSchema-V0.6', 'DenseNodes'];

/** A file starts with the length of a BlobHeader, whose first field is the type of the first blob: the header. */
export const isPbf = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(4, 15)).toString('latin1') === '\x0a\x09OSMHeader';

/** Throws InputFailure with the byte offset of the blob that is damaged or asks for what is not supported. */
export async function readPbf(path: string, chunks: AsyncIterable<Uint8Array>, visitor: MapVisitor): Promise<void> {
  for await (const blob of readBlobs(path, chunks)) {
    try {
      if (blob.type === 'OSMHeader') checkFeatures(path, blob);
      else if (blob.type === 'OSMData') decodeBlock(blob.bytes, visitor);
    } catch (error) {
      throw protobufDamage(error, path, blob.offset);
    }
  }
}

function checkFeatures(path: string, {bytes, offset}: Blob): void {
  const unknown = requiredFeatures(bytes).filter((feature) => !KNOWN_FEATURES.includes(feature));
  if (unknown.length === 0) return;
  const names = JSON.stringify(unknown.join(', ').slice(0, 100));
  throw new InputFailure('PBF_UNSUPPORTED', `${path}: the header at byte ${offset} requires ${names}: not supported`);
}
