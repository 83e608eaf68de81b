// The outer layer of OSM PBF: a file is a row of blobs, each a length, a BlobHeader and a Blob, mostly deflated.
//
// Format and limits: OpenStreetMap wiki, "PBF Format" (fileformat.proto, osmformat.proto).
//
// Blobs are inflated ahead of their reader by the thread pool of node:zlib, in a window of INFLATE_AHEAD, so memory is
// bounded by the window whatever the file claims; a blob that inflates beyond what it declares is refused.

import {promisify} from 'node:util';
import {inflate} from 'node:zlib';
import {PbfReader} from 'pbf';
import {InputFailure} from '../failure.ts';
import {damage} from './damage.ts';
import {checkEnd} from './pbf-cursor.ts';

/** "The length of the BlobHeader should be less than 32 KiB and must be less than 64 KiB." */
const BLOB_HEADER_BYTES_LIMIT = 64 * 1024;
/** "The uncompressed length of a Blob should be less than 16 MiB and must be less than 32 MiB." */
const BLOB_BYTES_LIMIT = 32 * 1024 * 1024;
const INFLATE_AHEAD = 4;
/** Fields of a Blob that hold it packed in a way that is not read here. */
const OTHER_PACKINGS: Readonly<Record<number, string>> = {4: 'lzma', 5: 'bzip2', 6: 'lz4', 7: 'zstd'};

/** An unpacked blob; `offset` is where it starts in the file, to be named when its content is damaged. */
export type Blob = {readonly type: string; readonly offset: number; readonly bytes: Uint8Array};
type Frame = {readonly type: string; readonly offset: number; readonly body: Uint8Array};

const inflateBytes = promisify<Uint8Array, object, Buffer>(inflate);

/** Blobs in the order of the file. Throws InputFailure where one is damaged. */
export async function* readBlobs(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Blob> {
  const ahead: Promise<Blob>[] = [];
  for await (const frame of readFrames(path, chunks)) {
    const blob = unpack(path, frame);
    blob.catch(() => {}); // Reported when its turn comes; until then it must not count as unhandled.
    ahead.push(blob);
    if (ahead.length === INFLATE_AHEAD) yield await (ahead.shift() as Promise<Blob>);
  }
  for (const blob of ahead) yield await blob;
}

async function* readFrames(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const queue = new ByteQueue(chunks);
  const take = async (count: number, what: string): Promise<Uint8Array> => {
    const bytes = await queue.take(count);
    if (bytes.length === count) return bytes;
    throw new Error(`the file ends within ${what}`);
  };
  let offset = 0;
  try {
    while (!(await queue.atEnd())) {
      offset = queue.taken;
      const lengthBytes = await take(4, 'a length');
      const headerBytes = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getUint32(0);
      if (headerBytes > BLOB_HEADER_BYTES_LIMIT) throw new Error(`a blob header of ${headerBytes} bytes`);
      const {type, bodyBytes} = blobHeader(await take(headerBytes, 'a blob header'));
      if (!(bodyBytes <= BLOB_BYTES_LIMIT)) throw new Error(`a blob of ${bodyBytes} bytes`);
      yield {type, offset, body: await take(bodyBytes, 'a blob')};
    }
  } catch (error) {
    throw protobufDamage(error, path, offset);
  } finally {
    await queue.close();
  }
}

function blobHeader(bytes: Uint8Array): {type: string; bodyBytes: number} {
  const header = new PbfReader(bytes);
  let type = '';
  let bodyBytes = Number.NaN;
  while (header.pos < header.length) {
    const tag = header.readVarint();
    const field = tag >>> 3;
    if (field === 1) type = header.readString();
    else if (field === 3) bodyBytes = header.readVarint();
    else header.skip(tag);
  }
  checkEnd(header);
  return {type, bodyBytes};
}

async function unpack(path: string, {type, offset, body}: Frame): Promise<Blob> {
  try {
    const {raw, deflated, size} = blobContent(path, offset, body);
    if (raw !== undefined) return {type, offset, bytes: raw};
    if (deflated === undefined) throw new Error('the blob holds no data');
    if (size > BLOB_BYTES_LIMIT) throw new Error(`the blob declares ${size} bytes of data`);
    const bytes = await inflateBytes(deflated, {maxOutputLength: Math.max(size, 1)}).catch(() => {
      throw new Error(`the blob does not inflate to the ${size} bytes it declares`);
    });
    if (bytes.length !== size) throw new Error(`the blob inflates to ${bytes.length} bytes, it declares ${size}`);
    return {type, offset, bytes};
  } catch (error) {
    throw protobufDamage(error, path, offset);
  }
}

type Content = {readonly raw: Uint8Array | undefined; readonly deflated: Uint8Array | undefined; readonly size: number};

function blobContent(path: string, offset: number, body: Uint8Array): Content {
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
      const what = `the blob at byte ${offset} is packed with ${OTHER_PACKINGS[field]}; rewrite the file with zlib`;
      throw new InputFailure('PBF_UNSUPPORTED', `${path}: ${what}`);
    } else blob.skip(tag);
  }
  checkEnd(blob);
  return {raw, deflated, size};
}

/** Damage is thrown as a plain Error, by the protobuf library too; defects are of a subclass and pass through. */
export function protobufDamage(error: unknown, path: string, offset: number): unknown {
  const isDamage = error instanceof Error && error.constructor === Error;
  return isDamage ? damage('PBF_DAMAGED', path, `OSM PBF at byte ${offset}`, error.message) : error;
}

/** Takes runs of bytes of any length from a stream of chunks, copying only where a run crosses chunks. */
class ByteQueue {
  /** How many bytes were taken: the offset of the next one. */
  taken = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #front: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async atEnd(): Promise<boolean> {
    while (this.#front.length === 0) {
      const {done, value} = await this.#chunks.next();
      if (done) return true;
      this.#front = value;
    }
    return false;
  }

  /** The next `count` bytes, or fewer when the stream ends before. */
  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0 && !(await this.atEnd())) {
      const part = this.#front.subarray(0, missing);
      this.#front = this.#front.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    this.taken += count - missing;
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
