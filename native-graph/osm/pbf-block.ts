// The inner layer of OSM PBF: one PrimitiveBlock, decoded by cursors that run over its columns side by side, so that
// nothing is allocated per node or way. Synchronous and without state: a block can be decoded on any thread.
//
// Format: OpenStreetMap wiki, "PBF Format" (osmformat.proto); the field numbers below are from there.
//
// A cursor may read past its end, but within the block, before checkEnd refuses it; the whole file is refused then.

import {PbfReader} from 'pbf';
import {isId, type MapVisitor, type Member, onEarth} from './elements.ts';
import {checkEnd, enter} from './pbf-cursor.ts';
import {PbfTags, StringTable} from './pbf-tags.ts';

const MEMBER_KINDS = ['node', 'way', 'relation'] as const;

/** A block in hand. Cursors read [pos, length) and are set anew for each message and each column. */
type Block = {
  readonly strings: StringTable;
  readonly tags: PbfTags;
  /** A coordinate in nanodegrees is offset + granularity * value. */
  readonly granularity: number;
  readonly latOffset: number;
  readonly lonOffset: number;
  readonly message: PbfReader;
  readonly columns: readonly [PbfReader, PbfReader, PbfReader, PbfReader, PbfReader];
  /** Node ids of the way in hand. */
  refs: Float64Array;
};

/** Shows every object of the block to `visitor`. Throws a plain Error that says what is damaged. */
export function decodeBlock(bytes: Uint8Array, visitor: MapVisitor): void {
  const groups: PbfReader[] = [];
  const strings = new StringTable(bytes);
  const nested = new PbfReader(bytes);
  let granularity = 100;
  let latOffset = 0;
  let lonOffset = 0;
  const whole = new PbfReader(bytes);
  while (whole.pos < whole.length) {
    const tag = whole.readVarint();
    const field = tag >>> 3;
    if (field === 1) readStrings(enter(nested, whole, tag), strings);
    else if (field === 2) groups.push(enter(new PbfReader(bytes), whole, tag));
    else if (field === 17) granularity = whole.readVarint(true);
    else if (field === 19) latOffset = whole.readVarint(true);
    else if (field === 20) lonOffset = whole.readVarint(true);
    else whole.skip(tag);
  }
  checkEnd(whole);
  const cursor = (): PbfReader => new PbfReader(bytes);
  const block: Block = {
    strings,
    tags: new PbfTags(strings),
    granularity,
    latOffset,
    lonOffset,
    message: cursor(),
    columns: [cursor(), cursor(), cursor(), cursor(), cursor()],
    refs: new Float64Array(256),
  };
  for (const group of groups) decodeGroup(block, group, visitor);
}

function decodeGroup(block: Block, group: PbfReader, visitor: MapVisitor): void {
  while (group.pos < group.length) {
    const tag = group.readVarint();
    const field = tag >>> 3;
    if (field === 1 && visitor.node) decodeNode(block, enter(block.message, group, tag), visitor);
    else if (field === 2 && visitor.node) decodeDense(block, enter(block.message, group, tag), visitor);
    else if (field === 3 && visitor.way) decodeWay(block, enter(block.message, group, tag), visitor);
    else if (field === 4 && visitor.relation) decodeRelation(block, enter(block.message, group, tag), visitor);
    else group.skip(tag);
  }
  checkEnd(group);
}

/** Names of the features a reader must know (HeaderBlock, field 4). Throws like decodeBlock. */
export function requiredFeatures(bytes: Uint8Array): string[] {
  const features: string[] = [];
  const header = new PbfReader(bytes);
  while (header.pos < header.length) {
    const tag = header.readVarint();
    if (tag >>> 3 === 4) features.push(header.readString());
    else header.skip(tag);
  }
  checkEnd(header);
  return features;
}

function readStrings(table: PbfReader, strings: StringTable): void {
  const text = new PbfReader(table.buf);
  while (table.pos < table.length) {
    const tag = table.readVarint();
    if (tag >>> 3 !== 1) table.skip(tag);
    else {
      enter(text, table, tag);
      strings.add(text.pos, text.length);
    }
  }
  checkEnd(table);
}

function decodeNode(block: Block, message: PbfReader, visitor: MapVisitor): void {
  const [keys, values] = emptied(block.columns);
  let id = Number.NaN;
  let lat = Number.NaN;
  let lon = Number.NaN;
  while (message.pos < message.length) {
    const tag = message.readVarint();
    const field = tag >>> 3;
    if (field === 1) id = message.readSVarint();
    else if (field === 2) enter(keys, message, tag);
    else if (field === 3) enter(values, message, tag);
    else if (field === 8) lat = message.readSVarint();
    else if (field === 9) lon = message.readSVarint();
    else message.skip(tag);
  }
  checkEnd(message);
  readTags(block, keys, values);
  showNode(block, visitor, id, lat, lon);
}

/** Ids and coordinates are three columns of differences; tags are one column of key, value, ..., 0 by node. */
function decodeDense(block: Block, message: PbfReader, visitor: MapVisitor): void {
  const {strings, tags} = block;
  const [ids, lats, lons, pairs] = emptied(block.columns);
  while (message.pos < message.length) {
    const tag = message.readVarint();
    const field = tag >>> 3;
    if (field === 1) enter(ids, message, tag);
    else if (field === 8) enter(lats, message, tag);
    else if (field === 9) enter(lons, message, tag);
    else if (field === 10) enter(pairs, message, tag);
    else message.skip(tag);
  }
  checkEnd(message);
  let id = 0;
  let lat = 0;
  let lon = 0;
  while (ids.pos < ids.length) {
    id += ids.readSVarint();
    lat += lats.readSVarint();
    lon += lons.readSVarint();
    tags.clear();
    while (pairs.pos < pairs.length) {
      const key = pairs.readVarint();
      if (key === 0) break;
      tags.add(strings.checked(key), strings.checked(pairs.readVarint()));
    }
    showNode(block, visitor, id, lat, lon);
  }
  for (const column of [ids, lats, lons, pairs]) checkEnd(column);
}

function showNode(block: Block, visitor: MapVisitor, id: number, lat: number, lon: number): void {
  const latE7 = Math.round((block.latOffset + block.granularity * lat) / 100);
  const lonE7 = Math.round((block.lonOffset + block.granularity * lon) / 100);
  if (!isId(id)) throw new Error('a node without a proper id');
  if (!onEarth(latE7, lonE7)) throw new Error(`node ${id} is not on Earth`);
  visitor.node?.(id, latE7, lonE7, block.tags);
}

function decodeWay(block: Block, message: PbfReader, visitor: MapVisitor): void {
  const [keys, values, refs] = emptied(block.columns);
  let id = Number.NaN;
  while (message.pos < message.length) {
    const tag = message.readVarint();
    const field = tag >>> 3;
    if (field === 1) id = message.readVarint(true);
    else if (field === 2) enter(keys, message, tag);
    else if (field === 3) enter(values, message, tag);
    else if (field === 8) enter(refs, message, tag);
    else message.skip(tag);
  }
  checkEnd(message);
  if (!isId(id)) throw new Error('a way without a proper id');
  readTags(block, keys, values);
  const most = refs.length - refs.pos;
  if (block.refs.length < most) block.refs = new Float64Array(2 * most);
  let count = 0;
  let ref = 0;
  while (refs.pos < refs.length) {
    ref += refs.readSVarint();
    if (!isId(ref)) throw new Error(`way ${id} refers to a node without a proper id`);
    block.refs[count++] = ref;
  }
  checkEnd(refs);
  visitor.way?.(id, block.refs.subarray(0, count), block.tags);
}

function decodeRelation(block: Block, message: PbfReader, visitor: MapVisitor): void {
  const [keys, values, roles, ids, kinds] = emptied(block.columns);
  let id = Number.NaN;
  while (message.pos < message.length) {
    const tag = message.readVarint();
    const field = tag >>> 3;
    if (field === 1) id = message.readVarint(true);
    else if (field === 2) enter(keys, message, tag);
    else if (field === 3) enter(values, message, tag);
    else if (field === 8) enter(roles, message, tag);
    else if (field === 9) enter(ids, message, tag);
    else if (field === 10) enter(kinds, message, tag);
    else message.skip(tag);
  }
  checkEnd(message);
  if (!isId(id)) throw new Error('a relation without a proper id');
  readTags(block, keys, values);
  const members: Member[] = [];
  let member = 0;
  while (ids.pos < ids.length) {
    member += ids.readSVarint();
    const kind = MEMBER_KINDS[kinds.readVarint()];
    const role = block.strings.text(block.strings.checked(roles.readVarint()));
    if (!isId(member) || kind === undefined) throw new Error(`relation ${id} has a member without a proper id or kind`);
    members.push({kind, id: member, role});
  }
  for (const column of [roles, ids, kinds]) checkEnd(column);
  visitor.relation?.(id, members, block.tags);
}

function readTags({strings, tags}: Block, keys: PbfReader, values: PbfReader): void {
  tags.clear();
  while (keys.pos < keys.length) tags.add(strings.checked(keys.readVarint()), strings.checked(values.readVarint()));
  checkEnd(keys);
  checkEnd(values);
}

/** A column that its message leaves out is empty. */
function emptied(columns: Block['columns']): Block['columns'] {
  for (const column of columns) column.pos = column.length = 0;
  return columns;
}
