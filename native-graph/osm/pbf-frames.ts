// The outer layer of OSM PBF: a file is a row of blobs, each a length, a BlobHeader and a Blob message.
//
// Format and limits: OpenStreetMap wiki, "PBF Format" (fileformat.proto).

import {PbfReader} from 'pbf';
import {BLOB_LIMIT_BYTES} from './block-reader.ts';
import {damage} from './damage.ts';
import {checkEnd} from './pbf-cursor.ts';

/** "The length of the BlobHeader should be less than 32 KiB and must be less than 64 KiB." */
const BLOB_HEADER_LIMIT_BYTES = 65_536;

/** A blob as it stands in the file; `offset` is where it starts, to be named when its content is damaged. */
export type Frame = {readonly type: string; readonly offset: number; readonly body: Uint8Array};

/** Blobs in the order of the file. Throws InputFailure where one is cut off, or longer than the format allows. */
export async function* readFrames(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
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
      if (headerBytes > BLOB_HEADER_LIMIT_BYTES) throw new Error(`a blob header of ${headerBytes} bytes`);
      const {type, bodyBytes} = blobHeader(await take(headerBytes, 'a blob header'));
      if (!(bodyBytes <= BLOB_LIMIT_BYTES)) throw new Error(`a blob of ${bodyBytes} bytes`);
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

/** Damage is thrown as a plain Error (see block-reader.ts). */
function protobufDamage(error: unknown, path: string, offset: number): unknown {
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
