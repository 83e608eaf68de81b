// The OSM XML reader: <node>, <way> and <relation> with their <tag>, <nd> and <member>, as the OSM API, Overpass and
// editors write it. Objects that an editor has marked as deleted are left out.

import {SaxesParser} from 'saxes';
import {damage} from './damage.ts';
import {isId, type MapVisitor, type Member, onEarth, PARTS_LIMIT} from './elements.ts';

/** A tag, comment or text longer than this is no part of a map, and the parser would hold it in memory whole. */
const SILENCE_LIMIT = 16 << 20;
/** <osm>, <way>, <nd>: OSM XML is three deep. */
const DEPTH_LIMIT = 8;
const MEMBER_KINDS: readonly string[] = ['node', 'way', 'relation'];

type Attributes = Record<string, string>;

/** Throws InputFailure with the line at which the document stops being OSM XML. */
export async function readXml(path: string, chunks: AsyncIterable<Uint8Array>, visitor: MapVisitor): Promise<void> {
  const parser = new SaxesParser();
  const fail = (what: string): never => {
    throw damage('XML_DAMAGED', path, `OSM XML at line ${parser.line}`, what);
  };
  const reader = new ElementReader(visitor, fail);
  let read = 0;
  let heardAt = 0;
  parser.on('error', (error) => fail(error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')));
  parser.on('opentag', ({name, attributes}) => {
    heardAt = read;
    reader.open(name, attributes);
  });
  parser.on('closetag', () => reader.close());
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    parser.write(decoder.decode(chunk, {stream: true}));
    read += chunk.length;
    if (read - heardAt > SILENCE_LIMIT) fail(`no element within ${SILENCE_LIMIT} bytes`);
  }
  parser.write(decoder.decode()).close();
}

/** Gathers one object at a time, from its opening to its closing tag. */
class ElementReader {
  readonly #visitor: MapVisitor;
  readonly #fail: (what: string) => never;
  readonly #tags = new Map<string, string>();
  #depth = 0;
  /** What the element in hand is; empty where it is none of ours, or deleted. */
  #kind = '';
  #attributes: Attributes = {};
  #refs: number[] = [];
  #members: Member[] = [];

  constructor(visitor: MapVisitor, fail: (what: string) => never) {
    this.#visitor = visitor;
    this.#fail = fail;
  }

  open(name: string, attributes: Attributes): void {
    this.#depth++;
    if (this.#depth === 1 && name !== 'osm') this.#fail(`the document is <${name}>, not <osm>`);
    if (this.#depth > DEPTH_LIMIT) this.#fail(`elements are nested more than ${DEPTH_LIMIT} deep`);
    if (this.#depth === 2) this.#begin(name, attributes);
    else if (this.#depth === 3 && this.#kind !== '') this.#addPart(name, attributes);
  }

  close(): void {
    if (this.#depth-- !== 2) return;
    if (this.#kind === 'node') this.#showNode();
    else if (this.#kind === 'way') this.#visitor.way?.(this.#id('id'), this.#refs, this.#tags);
    else if (this.#kind === 'relation') this.#visitor.relation?.(this.#id('id'), this.#members, this.#tags);
    this.#kind = '';
  }

  #begin(name: string, attributes: Attributes): void {
    const deleted = attributes.visible === 'false' || attributes.action === 'delete';
    this.#kind = MEMBER_KINDS.includes(name) && !deleted ? name : '';
    this.#attributes = attributes;
    this.#tags.clear();
    this.#refs = [];
    this.#members = [];
  }

  #addPart(name: string, attributes: Attributes): void {
    if (name === 'tag') this.#tags.set(attributes.k ?? '', attributes.v ?? '');
    else if (name === 'nd') this.#refs.push(this.#id('ref', attributes));
    else if (name === 'member') {
      const kind = attributes.type as Member['kind'];
      if (!MEMBER_KINDS.includes(kind)) this.#fail(`a member of type "${kind}"`);
      this.#members.push({kind, id: this.#id('ref', attributes), role: attributes.role ?? ''});
    }
    if (this.#refs.length + this.#members.length + this.#tags.size > PARTS_LIMIT) {
      this.#fail(`a ${this.#kind} of more than ${PARTS_LIMIT} parts`);
    }
  }

  #showNode(): void {
    const {lat = '', lon = ''} = this.#attributes;
    const latE7 = lat === '' ? Number.NaN : Math.round(Number(lat) * 1e7);
    const lonE7 = lon === '' ? Number.NaN : Math.round(Number(lon) * 1e7);
    if (!onEarth(latE7, lonE7)) this.#fail(`a node at lat="${lat}" lon="${lon}"`);
    this.#visitor.node?.(this.#id('id'), latE7, lonE7, this.#tags);
  }

  #id(name: string, attributes = this.#attributes): number {
    const text = attributes[name] ?? '';
    const id = text === '' ? Number.NaN : Number(text);
    return isId(id) ? id : this.#fail(`${name}="${text}" is not an id`);
  }
}
