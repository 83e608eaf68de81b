// A map file as a stream of plain bytes: opened, unpacked from gzip or bzip2 by its content, never held whole.

import {createReadStream} from 'node:fs';
import {open, stat} from 'node:fs/promises';
import {pipeline} from 'node:stream';
import {createGunzip} from 'node:zlib';
import unbzip2Stream from 'unbzip2-stream';
import {InputFailure} from '../failure.ts';

type Packing = 'plain' | 'gzip' | 'bzip2';

/** A file that can be read again and again, each time from its start. */
export type MapFile = {
  readonly path: string;
  /** Bytes on disk, packed. */
  readonly sizeBytes: number;
  readonly packing: Packing;
};

const READ_BYTES = 1 << 18;

/** Throws InputFailure when `path` is no regular file that can be read, or is empty. */
export async function openMapFile(path: string): Promise<MapFile> {
  try {
    const {size} = await statRegular(path);
    const handle = await open(path);
    try {
      const {bytesRead, buffer} = await handle.read(Buffer.alloc(4), 0, 4, 0);
      if (bytesRead === 0) throw new InputFailure('FILE_EMPTY', `${path}: the file is empty`);
      return {path, sizeBytes: size, packing: packingOf(buffer)};
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileFailure(path, error);
  }
}

async function statRegular(path: string): Promise<{size: number}> {
  const found = await stat(path);
  if (found.isFile()) return found;
  throw new InputFailure('FILE_NOT_REGULAR', `${path}: ${found.isDirectory() ? 'a folder' : 'a device'}, not a file`);
}

function packingOf(head: Buffer): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.subarray(0, 3).toString('latin1') === 'BZh' ? 'bzip2' : 'plain';
}

/** The unpacked bytes, chunk by chunk; `onRead` hears how many packed bytes were read so far. */
export async function* readBytes(file: MapFile, onRead?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file.path, {highWaterMark: READ_BYTES});
  try {
    for await (const chunk of unpacked(file, source)) {
      yield chunk;
      onRead?.(source.bytesRead);
    }
  } catch (error) {
    throw fileFailure(file.path, error, source.bytesRead);
  } finally {
    source.destroy();
  }
}

function unpacked(file: MapFile, source: NodeJS.ReadableStream): AsyncIterable<Uint8Array> {
  if (file.packing === 'bzip2') return bunzip(source as AsyncIterable<Uint8Array>);
  if (file.packing === 'plain') return source as AsyncIterable<Uint8Array>;
  const gunzip = createGunzip();
  // The error of either stream ends the iteration of `gunzip`, so there is nothing left for the callback to say.
  pipeline(source, gunzip, () => {});
  return gunzip;
}

class Bzip2Damage extends Error {}

/** The library is an old-style stream that answers each write at once; driven by hand, it cannot run ahead. */
async function* bunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = unbzip2Stream();
  let ready: Uint8Array[] = [];
  let damage: Error | undefined;
  const take = (): Uint8Array[] => {
    if (damage) throw new Bzip2Damage(damage.message);
    const taken = ready;
    ready = [];
    return taken;
  };
  stream.on('data', (chunk: Uint8Array) => ready.push(chunk));
  stream.on('error', (error: Error) => (damage ??= error));
  for await (const chunk of source) {
    stream.write(chunk);
    yield* take();
  }
  stream.end();
  yield* take();
}

/** What the system and the unpackers say, as InputFailure; anything else is a defect and passes through. */
function fileFailure(path: string, error: unknown, readBytes = 0): unknown {
  if (error instanceof Bzip2Damage) {
    return new InputFailure('BZIP2_DAMAGED', `${path}: damaged bzip2 data in the first ${readBytes} bytes`);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return new InputFailure('FILE_MISSING', `${path}: no such file`);
  if (code.startsWith('Z_')) {
    const what = code === 'Z_BUF_ERROR' ? 'the gzip data ends too soon' : 'damaged gzip data';
    return new InputFailure('GZIP_DAMAGED', `${path}: ${what} in the first ${readBytes} bytes`);
  }
  if (/^E[A-Z]+$/.test(code)) return new InputFailure('FILE_UNREADABLE', `${path}: cannot be read (${code})`);
  return error;
}
