// Writes OSM PBF as a stream: blocks of a few thousand objects of one kind, dense nodes, each block deflated and
// written before the next is begun. Memory is one block, whatever the file's size.
//
// Format: OpenStreetMap wiki, "PBF Format"; the field numbers are from there. Blobs are deflated with Huffman codes
// alone: the search for matches differs between builds of zlib (by the processor's instructions), and the same objects
// shall give the same bytes on every machine.

import {writeSync} from 'node:fs';
import {constants, deflateSync} from 'node:zlib';
import {PbfWriter} from 'pbf';

/** Tags in the order in which they are written. */
export type TagList = readonly (readonly [key: string, value: string])[];
export type MemberRef = {readonly kind: 'node' | 'way'; readonly id: number; readonly role: string};
export type Box = {
  readonly westE7: number;
  readonly southE7: number;
  readonly eastE7: number;
  readonly northE7: number;
};

type Kind = 'node' | 'way' | 'relation';
const OBJECTS_PER_BLOCK = 8_000;
/** A block is closed early once it holds so many node references or members: far below the 32 MiB of the format. */
const PARTS_PER_BLOCK = 200_000;
const FEATURES = ['OsmSchema-V0.6', 'DenseNodes'];
const MEMBER_TYPE = {node: 0, way: 1};

export class ObjectWriter {
  writtenBytes = 0;
  readonly #file: number;
  #kind: Kind = 'node';
  #count = 0;
  #parts = 0;
  #strings = new Map<string, number>([['', 0]]);
  /** Of nodes: differences of ids and coordinates, and tags as key, value, ..., 0. */
  #ids: number[] = [];
  #lats: number[] = [];
  #lons: number[] = [];
  #pairs: number[] = [];
  #tagged = false;
  #last = {id: 0, latE7: 0, lonE7: 0};
  #group = new PbfWriter();

  /** Writes to a file that is open for writing, from where it stands. */
  constructor(file: number, box: Box) {
    this.#file = file;
    const header = new PbfWriter();
    header.writeMessage(
      1,
      (_: null, bbox) => {
        bbox.writeSVarintField(1, box.westE7 * 100);
        bbox.writeSVarintField(2, box.eastE7 * 100);
        bbox.writeSVarintField(3, box.northE7 * 100);
        bbox.writeSVarintField(4, box.southE7 * 100);
      },
      null,
    );
    for (const feature of FEATURES) header.writeStringField(4, feature);
    header.writeStringField(5, 'Sort.Type_then_ID');
    header.writeStringField(16, 'cloudrun graph synth');
    this.#writeBlob('OSMHeader', header.finish());
  }

  /** Ids rise from call to call, within each kind; nodes come first, then ways, then relations. */
  node(id: number, latE7: number, lonE7: number, tags: TagList): void {
    this.#begin('node', 0);
    this.#ids.push(id - this.#last.id);
    this.#lats.push(latE7 - this.#last.latE7);
    this.#lons.push(lonE7 - this.#last.lonE7);
    this.#last = {id, latE7, lonE7};
    for (const [key, value] of tags) {
      this.#pairs.push(this.#indexOf(key), this.#indexOf(value));
      this.#tagged = true;
    }
    this.#pairs.push(0);
  }

  way(id: number, refs: readonly number[], tags: TagList): void {
    this.#begin('way', refs.length);
    this.#group.writeMessage(
      3,
      (_: null, way) => {
        this.#writeIdentity(way, id, tags);
        way.writePackedSVarint(8, differences(refs));
      },
      null,
    );
  }

  relation(id: number, members: readonly MemberRef[], tags: TagList): void {
    this.#begin('relation', members.length);
    const roles = members.map(({role}) => this.#indexOf(role));
    this.#group.writeMessage(
      4,
      (_: null, relation) => {
        this.#writeIdentity(relation, id, tags);
        relation.writePackedVarint(8, roles);
        relation.writePackedSVarint(9, differences(members.map((member) => member.id)));
        relation.writePackedVarint(
          10,
          members.map(({kind}) => MEMBER_TYPE[kind]),
        );
      },
      null,
    );
  }

  /** Writes what is still in hand. */
  end(): void {
    this.#flush();
  }

  #writeIdentity(object: PbfWriter, id: number, tags: TagList): void {
    object.writeVarintField(1, id);
    object.writePackedVarint(
      2,
      tags.map(([key]) => this.#indexOf(key)),
    );
    object.writePackedVarint(
      3,
      tags.map(([, value]) => this.#indexOf(value)),
    );
  }

  #begin(kind: Kind, parts: number): void {
    const isFull = this.#count === OBJECTS_PER_BLOCK || this.#parts + parts > PARTS_PER_BLOCK;
    if (kind !== this.#kind || isFull) this.#flush();
    this.#kind = kind;
    this.#count++;
    this.#parts += parts;
  }

  #flush(): void {
    if (this.#count === 0) return;
    const group = this.#kind === 'node' ? this.#denseGroup() : this.#group;
    const block = new PbfWriter();
    block.writeMessage(
      1,
      (texts: Iterable<string>, table) => {
        for (const text of texts) table.writeBytesField(1, Buffer.from(text));
      },
      this.#strings.keys(),
    );
    block.writeBytesField(2, group.finish());
    this.#writeBlob('OSMData', block.finish());
    this.#count = this.#parts = 0;
    this.#strings = new Map([['', 0]]);
    this.#group = new PbfWriter();
    this.#ids = [];
    this.#lats = [];
    this.#lons = [];
    this.#pairs = [];
    this.#tagged = false;
    this.#last = {id: 0, latE7: 0, lonE7: 0};
  }

  #denseGroup(): PbfWriter {
    const group = new PbfWriter();
    group.writeMessage(
      2,
      (_: null, dense) => {
        dense.writePackedSVarint(1, this.#ids);
        dense.writePackedSVarint(8, this.#lats);
        dense.writePackedSVarint(9, this.#lons);
        if (this.#tagged) dense.writePackedVarint(10, this.#pairs);
      },
      null,
    );
    return group;
  }

  #writeBlob(type: string, content: Uint8Array): void {
    const body = new PbfWriter();
    body.writeVarintField(2, content.length);
    body.writeBytesField(3, deflateSync(content, {strategy: constants.Z_HUFFMAN_ONLY}));
    const bytes = body.finish();
    const header = new PbfWriter();
    header.writeStringField(1, type);
    header.writeVarintField(3, bytes.length);
    const headerBytes = header.finish();
    const length = Buffer.alloc(4);
    length.writeUInt32BE(headerBytes.length);
    for (const part of [length, headerBytes, bytes]) {
      for (let done = 0; done < part.length; ) done += writeSync(this.#file, part, done);
      this.writtenBytes += part.length;
    }
  }

  #indexOf(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    this.#strings.set(text, this.#strings.size);
    return this.#strings.size - 1;
  }
}

const differences = (values: readonly number[]): number[] =>
  values.map((value, i) => (i === 0 ? value : value - values[i - 1]));
