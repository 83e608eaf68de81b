// Opens a map file of any format that is read here; the format is told by the content, not by the name.

import {InputFailure} from '../failure.ts';
import type {BlockRunner} from './block-reader.ts';
import {type MapFile, openMapFile, readBytes} from './bytes.ts';
import type {MapVisitor} from './elements.ts';
import {readGeoJson} from './geojson.ts';
import {isPbf, readPbf} from './pbf.ts';
import {readXml} from './xml.ts';

type MapFormat = 'osm-pbf' | 'osm-xml' | 'geojson';

/** A map file that can be read again and again. */
export type MapSource = {
  readonly path: string;
  readonly format: MapFormat;
  readonly sizeBytes: number;
  /**
   * Shows every object to `visitor`, in the order of the file; `onRead` hears the bytes read so far, of `sizeBytes`.
   * Holds a few blocks of the file at a time; those of a PBF are read by `runner`, by default in this thread. Throws
   * InputFailure at the first thing that is damaged.
   */
  read(visitor: MapVisitor, onRead?: (bytes: number) => void, runner?: BlockRunner): Promise<void>;
};

/** Enough to tell a format: a PBF header's type, or the first character after blanks. */
const HEAD_BYTES = 1024;

const READERS = {'osm-pbf': readPbf, 'osm-xml': readXml, geojson: readGeoJson};

/** Throws InputFailure when there is no such file, it cannot be read, or it is no map. */
export async function openMap(path: string): Promise<MapSource> {
  const file = await openMapFile(path);
  const format = formatOf(await head(file));
  if (format === undefined) {
    const known =
      'OSM PBF, OSM XML or GeoJSON of OSM ways, the latter two also as .gz or .bz2; DIMACS with --coordinates';
    throw new InputFailure('MAP_FORMAT', `${path}: not a map in a format that is known here (${known})`);
  }
  return {
    path,
    format,
    sizeBytes: file.sizeBytes,
    read: (visitor, onRead, runner) => READERS[format](path, readBytes(file, onRead), visitor, runner),
  };
}

async function head(file: MapFile): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readBytes(file)) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES) break;
  }
  return Buffer.concat(parts);
}

function formatOf(bytes: Uint8Array): MapFormat | undefined {
  if (isPbf(bytes)) return 'osm-pbf';
  const first = new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES)).trimStart()[0];
  return first === '<' ? 'osm-xml' : first === '{' ? 'geojson' : undefined;
}
