// A road graph file (.crg): written whole or not at all, and read only when every byte is what was written.

import {createHash} from 'node:crypto';
import {closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {threadId} from 'node:worker_threads';
import {crc32} from 'node:zlib';
import {InputFailure} from './failure.ts';
import type {GraphMeta, RoadGraph} from './layout.ts';
import * as layout from './layout.ts';
import {PROFILE_ID} from './profile/car.ts';
import {isIndex} from './spatial-index.ts';

/** Reads and writes go in pieces, because one call cannot move more than 2 GiB. */
const PIECE_BYTES = 1 << 28;

/**
 * Writes the graph to `path` by way of a temporary file in the same folder, so that `path` holds the old file, the new
 * one, or nothing, never a part. Throws InputFailure `GRAPH_UNWRITABLE`, leaving no temporary file.
 */
export function saveGraph(g: RoadGraph, path: string): void {
  seal(g.bytes);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${threadId}.tmp`);
  try {
    const file = openSync(temporary, 'w');
    try {
      transfer(writeSync, file, g.bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, {force: true});
    throw new InputFailure('GRAPH_UNWRITABLE', `${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Writes the checksums of every section, then of the header and the table. */
export function seal(bytes: SharedArrayBuffer): void {
  const view = new DataView(bytes);
  layout.readTable(bytes).forEach((entry, i) => {
    const at = layout.HEADER_BYTES + i * layout.ENTRY_BYTES + layout.ENTRY_CHECKSUM_AT;
    view.setUint32(at, checksum(bytes, entry.offset, layout.align8(entry.bytes)), true);
  });
  view.setUint32(layout.HEADER_CHECKSUM_AT, headerChecksum(bytes), true);
}

/**
 * Reads a graph into one SharedArrayBuffer, checking magic, version, lengths and every checksum. What it returns
 * satisfies `verify` unless the file was made by something else than this builder. Throws InputFailure:
 * `GRAPH_MISSING`, `GRAPH_UNREADABLE`, `GRAPH_FOREIGN`, `GRAPH_VERSION`, `GRAPH_PROFILE`, `GRAPH_TRUNCATED`,
 * `GRAPH_DAMAGED`.
 */
export function openGraph(path: string): RoadGraph {
  const bytes = readFile(path);
  if (headerChecksum(bytes) !== new DataView(bytes).getUint32(layout.HEADER_CHECKSUM_AT, true))
    throw damaged(path, 'header');
  const table = layout.readTable(bytes);
  const counts = layout.countsOf(table);
  if (!Object.values(counts).every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw damaged(path, 'section table');
  }
  const {sections, fileBytes} = layout.plan(counts);
  if (fileBytes !== bytes.byteLength) throw damaged(path, 'section table');
  sections.forEach(({name, offset, bytes: length}, i) => {
    const entry = table[i];
    if (entry.name !== name || entry.offset !== offset || entry.bytes !== length) throw damaged(path, 'section table');
    if (entry.checksum !== checksum(bytes, offset, layout.align8(length))) throw damaged(path, `section ${name}`);
  });
  const g = layout.overlay(bytes);
  if (!isIndex(g.index, g.edgeCount)) throw damaged(path, 'section index');
  const meta = parsedMeta(g);
  if (!isMeta(meta)) throw damaged(path, 'section meta');
  checkProfile(path, meta);
  return g;
}

/** sha256 of header and table, which hold the checksums of every section: the same exactly for files of equal bytes. */
export const graphHash = (g: RoadGraph): string =>
  createHash('sha256')
    .update(Buffer.from(Buffer.from(g.bytes, 0, layout.TABLE_END)))
    .digest('hex');

function readFile(path: string): SharedArrayBuffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new InputFailure('GRAPH_MISSING', `${path}: no such file`);
    throw new InputFailure('GRAPH_UNREADABLE', `${path}: cannot be opened (${code})`);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new InputFailure('GRAPH_UNREADABLE', `${path}: is not a regular file`);
    checkHeader(path, file, stat.size);
    const bytes = new SharedArrayBuffer(stat.size);
    if (transfer(readSync, file, bytes) !== stat.size) {
      throw new InputFailure('GRAPH_TRUNCATED', `${path}: became shorter while it was read`);
    }
    return bytes;
  } catch (error) {
    if (error instanceof InputFailure) throw error;
    throw new InputFailure('GRAPH_UNREADABLE', `${path}: cannot be read (${(error as Error).message})`);
  } finally {
    closeSync(file);
  }
}

/** What can be told from the first bytes, before memory is taken for the rest. */
function checkHeader(path: string, file: number, size: number): void {
  const head = Buffer.alloc(layout.HEADER_BYTES);
  const got = readSync(file, head, 0, head.length, 0);
  const magic = head.toString('latin1', 0, Math.min(got, layout.MAGIC.length));
  if (!layout.MAGIC.startsWith(magic)) throw new InputFailure('GRAPH_FOREIGN', `${path}: is not a road graph file`);
  if (got < layout.HEADER_BYTES) throw new InputFailure('GRAPH_TRUNCATED', `${path}: ends inside its header`);
  const version = head.readUInt32LE(8);
  if (version !== layout.VERSION) {
    const remedy = 'build it again: npx cloudrun graph build';
    throw new InputFailure('GRAPH_VERSION', `${path}: has version ${version}, this needs ${layout.VERSION}; ${remedy}`);
  }
  const fileBytes = head.readDoubleLE(16);
  if (size < fileBytes) {
    throw new InputFailure('GRAPH_TRUNCATED', `${path}: has ${size} of ${fileBytes} bytes`);
  }
  if (size !== fileBytes || size < layout.TABLE_END || head.readUInt32LE(12) !== layout.SECTIONS.length) {
    throw damaged(path, 'header');
  }
}

function parsedMeta(g: RoadGraph): unknown {
  try {
    return layout.readMeta(g);
  } catch {
    return undefined; // Damage is the caller's to report: it knows the file's name.
  }
}

function isMeta(meta: unknown): meta is GraphMeta {
  const {source, assembly} = (meta ?? {}) as Partial<GraphMeta>;
  return typeof source?.file === 'string' && Array.isArray(assembly?.componentSegments);
}

/** Roads and speeds that another profile chose would be searched without a word. Benchmarks and drawings have none. */
function checkProfile(path: string, {source}: GraphMeta): void {
  const isFromMap = source.format === 'osm-pbf' || source.format === 'osm-xml' || source.format === 'geojson';
  if (!isFromMap || source.profile === PROFILE_ID) return;
  const what = `has profile ${source.profile}, this needs ${PROFILE_ID}`;
  const remedy = `build it again: npx cloudrun graph build ${source.file} ${path}`;
  throw new InputFailure('GRAPH_PROFILE', `${path}: ${what}; ${remedy}`);
}

const damaged = (path: string, part: string) => new InputFailure('GRAPH_DAMAGED', `${path}: its ${part} is damaged`);

const checksum = (bytes: SharedArrayBuffer, offset: number, length: number): number => {
  let value = 0;
  for (let done = 0; done < length; done += PIECE_BYTES) {
    value = crc32(Buffer.from(bytes, offset + done, Math.min(PIECE_BYTES, length - done)), value);
  }
  return value;
};

/** Over header and table, with the checksum itself read as zero. */
function headerChecksum(bytes: SharedArrayBuffer): number {
  const copy = Buffer.from(Buffer.from(bytes, 0, layout.TABLE_END));
  copy.writeUInt32LE(0, layout.HEADER_CHECKSUM_AT);
  return crc32(copy);
}

/** Moves the whole buffer to or from the file; returns the bytes moved, fewer only at the end of the file. */
function transfer(
  call: (file: number, buffer: Buffer, offset: number, length: number, position: number) => number,
  file: number,
  bytes: SharedArrayBuffer,
): number {
  let done = 0;
  while (done < bytes.byteLength) {
    const piece = Buffer.from(bytes, done, Math.min(PIECE_BYTES, bytes.byteLength - done));
    const moved = call(file, piece, 0, piece.length, done);
    if (moved === 0) break;
    done += moved;
  }
  return done;
}

/** A rename survives a power cut only once its folder is on disk. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
