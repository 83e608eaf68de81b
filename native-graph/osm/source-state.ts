// What a map file says of its own age, read from its first bytes alone: when its data were taken, and where updates go
// on from there. A file that says nothing, or nothing readable, has no such state; reading its map tells of damage.

import {promisify} from 'node:util';
import {inflate} from 'node:zlib';
import {PbfReader} from 'pbf';
import {openMapFile, readBytes} from './bytes.ts';

export type SourceState = {
  /** ISO 8601, UTC: the state of the map that the file holds. */
  readonly timestamp?: string;
  /** The last replication diff that is in the file, and where diffs are found. */
  readonly replicationSequence?: number;
  readonly replicationUrl?: string;
};

/** A header that says more is not looked at further. */
const HEAD_BYTES = 1 << 16;
const inflateBytes = promisify<Uint8Array, object, Buffer>(inflate);

/** Throws InputFailure where the file is missing or cannot be read. */
export async function readSourceState(path: string, format: 'osm-pbf' | 'osm-xml' | 'geojson'): Promise<SourceState> {
  const head = await headOf(path);
  if (format === 'osm-pbf') return pbfState(head).catch(() => ({}));
  const text = Buffer.from(head).toString('utf8');
  return format === 'osm-xml' ? xmlState(text) : geoJsonState(text);
}

async function headOf(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readBytes(await openMapFile(path))) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, HEAD_BYTES);
}

/** HeaderBlock, fields 32 to 34 of osmformat.proto; fileformat.proto has the frame around it. */
async function pbfState(head: Uint8Array): Promise<SourceState> {
  const headerLength = new DataView(head.buffer, head.byteOffset).getUint32(0);
  let bodyBytes = 0;
  forEachField(head.subarray(4, 4 + headerLength), (field, pbf) => {
    if (field === 3) bodyBytes = pbf.readVarint();
  });
  let block: Uint8Array = new Uint8Array(0);
  let deflated: Uint8Array | undefined;
  forEachField(head.subarray(4 + headerLength, 4 + headerLength + bodyBytes), (field, pbf) => {
    if (field === 1) block = pbf.readBytes();
    else if (field === 3) deflated = pbf.readBytes();
  });
  if (deflated) block = await inflateBytes(deflated, {maxOutputLength: HEAD_BYTES});
  let seconds = 0;
  let sequence = 0;
  let url = '';
  forEachField(block, (field, pbf) => {
    if (field === 32) seconds = pbf.readVarint(true);
    else if (field === 33) sequence = pbf.readVarint(true);
    else if (field === 34) url = pbf.readString();
  });
  return {
    ...(seconds > 0 ? {timestamp: new Date(seconds * 1_000).toISOString()} : {}),
    ...(sequence > 0 ? {replicationSequence: sequence} : {}),
    ...(url === '' ? {} : {replicationUrl: url.slice(0, 300)}),
  };
}

/** Fields that `read` leaves are skipped. */
function forEachField(bytes: Uint8Array, read: (field: number, pbf: PbfReader) => void): void {
  const pbf = new PbfReader(bytes);
  while (pbf.pos < pbf.length) {
    const tag = pbf.readVarint();
    const before = pbf.pos;
    read(tag >>> 3, pbf);
    if (pbf.pos === before) pbf.skip(tag);
  }
}

/** <osm timestamp="…">, as planet files have it, or Overpass's <meta osm_base="…"/>. */
const xmlState = (text: string): SourceState =>
  stated(
    /<osm\b[^>]*\stimestamp=["']([^"']+)["']/.exec(text)?.[1] ?? /<meta\s+osm_base=["']([^"']+)["']/.exec(text)?.[1],
  );

/** A member of the document, as Overpass turbo writes it before the features. */
const geoJsonState = (text: string): SourceState =>
  stated(/"timestamp"\s*:\s*"([^"]+)"/.exec(text.slice(0, Math.max(0, text.indexOf('"features"'))))?.[1]);

function stated(text: string | undefined): SourceState {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? {} : {timestamp: new Date(ms).toISOString()};
}
