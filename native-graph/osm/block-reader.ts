// One blob of OSM PBF, unpacked, parsed and filtered: what a thread does by itself. What goes wrong is a value, since
// an error's class does not survive the way from thread to thread.
//
// Format and limits: OpenStreetMap wiki, "PBF Format" (fileformat.proto).

import {inflateSync} from 'node:zlib';
import {PbfReader} from 'pbf';
import {type Digest, DigestWriter} from './block-digest.ts';
import type {MapVisitor, Wanted} from './elements.ts';
import {decodeBlock} from './pbf-block.ts';
import {checkEnd} from './pbf-cursor.ts';

/** "The uncompressed length of a Blob should be less than 16 MiB and must be less than 32 MiB." */
export const BLOB_LIMIT_BYTES = 33_554_432;
/** Fields of a Blob that hold it packed in a way that is not read here. */
const OTHER_PACKINGS: Readonly<Record<number, string>> = {4: 'lzma', 5: 'bzip2', 6: 'lz4', 7: 'zstd'};

/** Which kinds of objects a visitor looks at; the others are not even parsed. */
export type Looks = {readonly node: boolean; readonly way: boolean; readonly relation: boolean};

/** Plain data and shared memory, so that it can be sent to a thread. */
export type BlockJob = {
  /** The Blob message, packed. */
  readonly body: Uint8Array;
  readonly looks: Looks;
  readonly wanted: Wanted;
};

/** `damaged`: the file is not what the format says. `unsupported`: it is, and cannot be read here. */
export type Trouble = {readonly kind: 'damaged' | 'unsupported'; readonly what: string};
export type BlockReply = {readonly kind: 'read'; readonly digest: Digest} | Trouble;

/**
 * Runs `readBlock`, here or on some thread, and how many blocks may be under way at a time: what bounds the memory of
 * a reader, at 32 MiB unpacked each.
 */
export type BlockRunner = {
  readonly blocksInFlight: number;
  run(job: BlockJob): Promise<BlockReply>;
};

export const inProcess: BlockRunner = {blocksInFlight: 1, run: async (job) => readBlock(job)};

/** Synchronous and without state: the same job gives the same reply on any thread. */
export function readBlock({body, looks, wanted}: BlockJob): BlockReply {
  return settle(() => {
    const digest = new DigestWriter(wanted);
    const visitor: MapVisitor = {
      ...(looks.node && {node: digest.node.bind(digest)}),
      ...(looks.way && {way: digest.way.bind(digest)}),
      ...(looks.relation && {relation: digest.relation.bind(digest)}),
    };
    decodeBlock(unpack(body), visitor);
    return {kind: 'read', digest: digest.take()};
  });
}

class UnsupportedPacking extends Error {}

/** Damage is thrown as a plain Error, by the protobuf library too; defects are of a subclass and pass through. */
export function settle<Reply>(read: () => Reply): Reply | Trouble {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnsupportedPacking) return {kind: 'unsupported', what: error.message};
    if (error instanceof Error && error.constructor === Error) return {kind: 'damaged', what: error.message};
    throw error;
  }
}

/** What a Blob message holds. Never inflates beyond what the blob declares, nor beyond BLOB_LIMIT_BYTES. */
export function unpack(body: Uint8Array): Uint8Array {
  const blob = new PbfReader(body);
  let raw: Uint8Array | undefined;
  let deflated: Uint8Array | undefined;
  let size = 0;
  while (blob.pos < blob.length) {
    const tag = blob.readVarint();
    const field = tag >>> 3;
    if (field === 1) raw = blob.readBytes();
    else if (field === 2) size = blob.readVarint();
    else if (field === 3) deflated = blob.readBytes();
    else if (field in OTHER_PACKINGS) {
      throw new UnsupportedPacking(`is packed with ${OTHER_PACKINGS[field]}; rewrite the file with zlib`);
    } else blob.skip(tag);
  }
  checkEnd(blob);
  if (raw !== undefined) return raw;
  if (deflated === undefined) throw new Error('the blob holds no data');
  if (size > BLOB_LIMIT_BYTES) throw new Error(`the blob declares ${size} bytes of data`);
  const bytes = inflated(deflated, size);
  if (bytes.length !== size) throw new Error(`the blob inflates to ${bytes.length} bytes, it declares ${size}`);
  return bytes;
}

function inflated(deflated: Uint8Array, size: number): Uint8Array {
  try {
    return inflateSync(deflated, {maxOutputLength: Math.max(size, 1)});
  } catch {
    throw new Error(`the blob does not inflate to the ${size} bytes it declares`);
  }
}
