// Map files for a test, in a folder that is removed when the test file ends, and what a reader shows of them.

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll} from 'vitest';
import type {MapVisitor, Tags} from '../../native-graph/osm/elements.ts';
import {openMap} from '../../native-graph/osm/map.ts';
import type {ObjectData, Tagging} from './map-data.ts';

/** A function that writes a file, over the one it wrote before under the same name, and returns its path. */
export function mapFiles(): (content: string | Uint8Array, name?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'cloudrun-map-'));
  afterAll(() => rmSync(folder, {recursive: true}));
  return (content, name = 'map') => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
}

/** The keys that the tests use; a reader answers for a key, it does not list them. */
const KEYS = [
  'highway',
  'name',
  'maxspeed',
  'oneway',
  'ref',
  'building',
  'type',
  'restriction',
  'barrier',
  'area',
  'note',
];

const tagging = (tags: Tags): Tagging =>
  Object.fromEntries(KEYS.map((key) => [key, tags.get(key)]).filter(([, value]) => value !== undefined));

/** Every object in the order shown, and the last progress heard. */
export async function readAll(path: string): Promise<{objects: ObjectData[]; readBytes: number}> {
  const objects: ObjectData[] = [];
  const visitor: MapVisitor = {
    node: (id, latE7, lonE7, tags) => objects.push({kind: 'node', id, latE7, lonE7, tags: tagging(tags)}),
    way: (id, refs, tags) => objects.push({kind: 'way', id, refs: Array.from(refs), tags: tagging(tags)}),
    relation: (id, members, tags) => objects.push({kind: 'relation', id, members: [...members], tags: tagging(tags)}),
  };
  let readBytes = 0;
  await (await openMap(path)).read(visitor, (bytes) => {
    readBytes = bytes;
  });
  return {objects, readBytes};
}

/** A file's bytes in chunks of an awkward size. */
export async function* chunksOf(content: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
