// Writes small OSM PBF files for the tests of the reader, right ones and, on request, wrong ones.

import {deflateSync} from 'node:zlib';
import {PbfWriter} from 'pbf';
import type {NodeData, ObjectData, RelationData, WayData} from './map-data.ts';

export type PbfOptions = {
  /** Objects per block; kinds are kept apart in groups, in the order given. */
  readonly blockSize?: number;
  readonly dense?: boolean;
  readonly raw?: boolean;
  /** Nanodegrees per unit, and the offsets of the block. */
  readonly granularity?: number;
  readonly latOffset?: number;
  readonly lonOffset?: number;
  readonly features?: readonly string[];
};

export function toPbf(objects: readonly ObjectData[], options: PbfOptions = {}): Buffer {
  const {blockSize = objects.length, features = ['OsmSchema-V0.6', 'DenseNodes'], raw = false} = options;
  const blobs = [blob('OSMHeader', headerBlock(features), raw)];
  for (let i = 0; i < objects.length; i += blockSize) {
    blobs.push(blob('OSMData', primitiveBlock(objects.slice(i, i + blockSize), options), raw));
  }
  return Buffer.concat(blobs);
}

export function headerBlock(features: readonly string[]): Uint8Array {
  const pbf = new PbfWriter();
  for (const feature of features) pbf.writeStringField(4, feature);
  return pbf.finish();
}

/** A blob with its header; `fields` writes the Blob message itself where a test wants a wrong one. */
export function blob(
  type: string,
  content: Uint8Array,
  raw = false,
  fields: (pbf: PbfWriter) => void = raw ? rawFields(content) : deflatedFields(content),
): Buffer {
  const body = new PbfWriter();
  fields(body);
  const bytes = body.finish();
  const header = new PbfWriter();
  header.writeStringField(1, type);
  header.writeVarintField(3, bytes.length);
  const headerBytes = header.finish();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(headerBytes.length);
  return Buffer.concat([length, headerBytes, bytes]);
}

const rawFields = (content: Uint8Array) => (pbf: PbfWriter) => pbf.writeBytesField(1, content);

export const deflatedFields =
  (content: Uint8Array, declaredSize = content.length) =>
  (pbf: PbfWriter) => {
    pbf.writeVarintField(2, declaredSize);
    pbf.writeBytesField(3, deflateSync(content));
  };

export function primitiveBlock(objects: readonly ObjectData[], options: PbfOptions = {}): Uint8Array {
  const strings = new Strings();
  const groups = sameKindRuns(objects).map((run) => primitiveGroup(run, strings, options));
  const pbf = new PbfWriter();
  const writeStrings = (texts: readonly string[], table: PbfWriter): void => {
    for (const text of texts) table.writeBytesField(1, Buffer.from(text));
  };
  pbf.writeMessage(1, writeStrings, strings.texts);
  for (const group of groups) pbf.writeBytesField(2, group);
  if (options.granularity !== undefined) pbf.writeVarintField(17, options.granularity);
  if (options.latOffset !== undefined) pbf.writeVarintField(19, options.latOffset);
  if (options.lonOffset !== undefined) pbf.writeVarintField(20, options.lonOffset);
  return pbf.finish();
}

class Strings {
  readonly texts = [''];

  index(text: string): number {
    const known = this.texts.indexOf(text, 1);
    return known > 0 ? known : this.texts.push(text) - 1;
  }
}

function sameKindRuns(objects: readonly ObjectData[]): ObjectData[][] {
  const runs: ObjectData[][] = [];
  for (const o of objects) {
    if (runs.at(-1)?.[0].kind === o.kind) runs.at(-1)?.push(o);
    else runs.push([o]);
  }
  return runs;
}

function primitiveGroup(run: readonly ObjectData[], strings: Strings, options: PbfOptions): Uint8Array {
  const pbf = new PbfWriter();
  if (run[0].kind === 'node' && options.dense !== false) {
    pbf.writeMessage(
      2,
      (nodes: readonly NodeData[], out) => denseNodes(nodes, out, strings, options),
      run as NodeData[],
    );
    return pbf.finish();
  }
  for (const o of run) {
    if (o.kind === 'node') pbf.writeMessage(1, (n: NodeData, out) => plainNode(n, out, strings, options), o);
    else if (o.kind === 'way') pbf.writeMessage(3, (w: WayData, out) => wayMessage(w, out, strings), o);
    else pbf.writeMessage(4, (r: RelationData, out) => relationMessage(r, out, strings), o);
  }
  return pbf.finish();
}

const units = (e7: number, offset = 0, granularity = 100): number => Math.round((e7 * 100 - offset) / granularity);
const deltas = (values: readonly number[]): number[] => values.map((value, i) => value - (i > 0 ? values[i - 1] : 0));

function denseNodes(nodes: readonly NodeData[], pbf: PbfWriter, strings: Strings, o: PbfOptions): void {
  pbf.writePackedSVarint(1, deltas(nodes.map((n) => n.id)));
  pbf.writePackedSVarint(8, deltas(nodes.map((n) => units(n.latE7, o.latOffset, o.granularity))));
  pbf.writePackedSVarint(9, deltas(nodes.map((n) => units(n.lonE7, o.lonOffset, o.granularity))));
  if (nodes.every((n) => Object.keys(n.tags).length === 0)) return;
  const pairs = nodes.flatMap((n) => [
    ...Object.entries(n.tags)
      .flat()
      .map((text) => strings.index(text)),
    0,
  ]);
  pbf.writePackedVarint(10, pairs);
}

function plainNode(n: NodeData, pbf: PbfWriter, strings: Strings, o: PbfOptions): void {
  pbf.writeTag(1, 0);
  pbf.writeSVarint(n.id);
  writeTags(n, pbf, strings);
  pbf.writeSVarintField(8, units(n.latE7, o.latOffset, o.granularity));
  pbf.writeSVarintField(9, units(n.lonE7, o.lonOffset, o.granularity));
}

function wayMessage(w: WayData, pbf: PbfWriter, strings: Strings): void {
  pbf.writeVarintField(1, w.id);
  writeTags(w, pbf, strings);
  pbf.writePackedSVarint(8, deltas(w.refs));
}

function relationMessage(r: RelationData, pbf: PbfWriter, strings: Strings): void {
  const kinds = ['node', 'way', 'relation'];
  pbf.writeVarintField(1, r.id);
  writeTags(r, pbf, strings);
  pbf.writePackedVarint(
    8,
    r.members.map((m) => strings.index(m.role)),
  );
  pbf.writePackedSVarint(9, deltas(r.members.map((m) => m.id)));
  pbf.writePackedVarint(
    10,
    r.members.map((m) => kinds.indexOf(m.kind)),
  );
}

function writeTags({tags}: ObjectData, pbf: PbfWriter, strings: Strings): void {
  pbf.writePackedVarint(
    2,
    Object.keys(tags).map((key) => strings.index(key)),
  );
  pbf.writePackedVarint(
    3,
    Object.values(tags).map((value) => strings.index(value)),
  );
}
