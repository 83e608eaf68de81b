// The road graph as bytes: one SharedArrayBuffer with a header, a section table, and the sections below in order, each
// starting on an 8-byte boundary. README.md has the vocabulary and the byte table.
//
// Every id is dense and starts at 0, so an id is an index. A *segment* is one drivable direction of an edge and the
// node of every search; an *arc* is a permitted turn from a segment to one that leaves the junction where it ends.

import assert from 'node:assert/strict';
import type {AssemblyReport} from './build/assemble.ts';
import type {SourceReport} from './build/network.ts';

/** The first eight bytes of every graph file. The newline shows a file that a text transfer has rewritten. */
export const MAGIC = 'crgraph\n';
/** Raised whenever SECTIONS changes. */
export const VERSION = 3;
/** Magic, version u32, section count u32, file bytes f64, checksum of header and table u32, zero u32. */
export const HEADER_BYTES = 32;
export const HEADER_CHECKSUM_AT = 24;
/** Name (24 ASCII bytes, padded with zeros), offset f64, bytes f64, checksum u32, zero u32. */
export const ENTRY_BYTES = 48;
const NAME_BYTES = 24;
const ENTRY_OFFSET_AT = 24;
const ENTRY_LENGTH_AT = 32;
export const ENTRY_CHECKSUM_AT = 40;

/** A time that no route reaches. The sum of two still fits an int32. */
export const UNREACHABLE_MS = 0x3fff_ffff;
/** In an array of ids: there is none. */
export const NONE = 0xffff_ffff;

export type Views = {
  /** segmentCount + 1 entries: the arcs out of segment s are [firstArc[s], firstArc[s + 1]). */
  readonly firstArc: Uint32Array;
  /** By arc: the segment it enters; strictly ascending within one tail. */
  readonly head: Uint32Array;
  /** By arc: travelMs of its head plus the cost of the turn, 1 .. UNREACHABLE_MS - 1. */
  readonly arcMs: Int32Array;
  /** segmentCount + 1 entries: the same arcs by head; those into s are [firstArcIn[s], firstArcIn[s + 1]). */
  readonly firstArcIn: Uint32Array;
  /** By incoming arc: the segment it leaves; strictly ascending within one head. */
  readonly tail: Uint32Array;
  /** By incoming arc: travelMs of its TAIL plus the turn's cost, so that a backward search mirrors a forward one. */
  readonly arcInMs: Int32Array;
  /** By segment: time from its tail junction to its head junction, 1 .. UNREACHABLE_MS - 1. */
  readonly travelMs: Int32Array;
  /** By segment: junctions. A loop has the same at both ends. */
  readonly tailJunction: Uint32Array;
  readonly headJunction: Uint32Array;
  /** By segment: the other direction of its edge, or NONE. */
  readonly reverse: Uint32Array;
  /** By segment: its strongly connected component, 0 being the largest. Arcs never join two components. */
  readonly component: Uint32Array;
  /**
   * By segment: 2 * edge, plus 1 when it is driven against the edge's drawing. Segments drawn the same way are
   * neighbours: first the one that the edge names, then its copies, on which drivers are whom a turn restriction still
   * concerns.
   */
  readonly drawn: Uint32Array;
  /** By segment: when it is contracted, 0 first. A permutation; the segments of an edge follow one another. */
  readonly rank: Uint32Array;
  /** By edge: the segment along its drawing, and the one against it; NONE where there is none, never for both. */
  readonly edgeForward: Uint32Array;
  readonly edgeBackward: Uint32Array;
  readonly edgeLengthCm: Uint32Array;
  /** By edge: index into ROAD_CLASSES of the profile. */
  readonly edgeClass: Uint8Array;
  /** By edge: a name; name 0 is the empty one. */
  readonly edgeName: Uint32Array;
  /** edgeCount + 1 entries: edge e runs through [firstPoint[e], firstPoint[e + 1]), both junctions included. */
  readonly firstPoint: Uint32Array;
  /** By point: WGS84 degrees times 1e7. */
  readonly pointLatE7: Int32Array;
  readonly pointLonE7: Int32Array;
  /** edgeCount + 1 entries: the node ids of edge e's points between its junctions, as point-ids.ts codes them. */
  readonly firstPointIdByte: Uint32Array;
  readonly pointIdByte: Uint8Array;
  /** By junction: WGS84 degrees times 1e7. */
  readonly junctionLatE7: Int32Array;
  readonly junctionLonE7: Int32Array;
  /** By junction: OSM node id, exact below 2^53, or a stable substitute. */
  readonly junctionOsmId: Float64Array;
  /** nameCount + 1 entries: name i is the UTF-8 in nameUtf8 [firstNameByte[i], firstNameByte[i + 1]). */
  readonly firstNameByte: Uint32Array;
  readonly nameUtf8: Uint8Array;
  /** A flatbush of the edges' boxes in microdegrees (spatial-index.ts). */
  readonly index: Uint8Array;
  /** UTF-8 JSON of a GraphMeta. */
  readonly meta: Uint8Array;
};

export type Counts = {
  readonly segmentCount: number;
  readonly arcCount: number;
  readonly edgeCount: number;
  readonly pointCount: number;
  readonly pointIdByteCount: number;
  readonly junctionCount: number;
  readonly nameCount: number;
  readonly nameByteCount: number;
  readonly indexByteCount: number;
  readonly metaByteCount: number;
};

export type RoadGraph = Views & Counts & {readonly bytes: SharedArrayBuffer};

/** What the file says of itself. It holds no clock reading, so the same input gives the same bytes. */
export type GraphMeta = {readonly source: SourceReport; readonly assembly: AssemblyReport};

type View = Uint8Array | Uint32Array | Int32Array | Float64Array;
// One constructor type: TypeScript refuses to `new` a union of typed-array constructors on a SharedArrayBuffer.
type ViewType = {
  new (bytes: SharedArrayBuffer, byteOffset: number, length: number): View;
  readonly BYTES_PER_ELEMENT: number;
};
type SectionType = {
  readonly name: keyof Views;
  readonly type: ViewType;
  readonly per: keyof Counts;
  readonly plus: 0 | 1;
};

const section = (name: keyof Views, type: ViewType, per: keyof Counts, plus: 0 | 1 = 0): SectionType => ({
  name,
  type,
  per,
  plus,
});

/**
 * What searches walk comes first, by segment and arc; from DRAWING on lies what places, draws and names the roads, by
 * edge, point and junction.
 */
export const SECTIONS: readonly SectionType[] = [
  section('firstArc', Uint32Array, 'segmentCount', 1),
  section('head', Uint32Array, 'arcCount'),
  section('arcMs', Int32Array, 'arcCount'),
  section('firstArcIn', Uint32Array, 'segmentCount', 1),
  section('tail', Uint32Array, 'arcCount'),
  section('arcInMs', Int32Array, 'arcCount'),
  section('travelMs', Int32Array, 'segmentCount'),
  section('tailJunction', Uint32Array, 'segmentCount'),
  section('headJunction', Uint32Array, 'segmentCount'),
  section('reverse', Uint32Array, 'segmentCount'),
  section('component', Uint32Array, 'segmentCount'),
  section('drawn', Uint32Array, 'segmentCount'),
  section('rank', Uint32Array, 'segmentCount'),
  section('edgeForward', Uint32Array, 'edgeCount'),
  section('edgeBackward', Uint32Array, 'edgeCount'),
  section('edgeLengthCm', Uint32Array, 'edgeCount'),
  section('edgeClass', Uint8Array, 'edgeCount'),
  section('edgeName', Uint32Array, 'edgeCount'),
  section('firstPoint', Uint32Array, 'edgeCount', 1),
  section('pointLatE7', Int32Array, 'pointCount'),
  section('pointLonE7', Int32Array, 'pointCount'),
  section('firstPointIdByte', Uint32Array, 'edgeCount', 1),
  section('pointIdByte', Uint8Array, 'pointIdByteCount'),
  section('junctionLatE7', Int32Array, 'junctionCount'),
  section('junctionLonE7', Int32Array, 'junctionCount'),
  section('junctionOsmId', Float64Array, 'junctionCount'),
  section('firstNameByte', Uint32Array, 'nameCount', 1),
  section('nameUtf8', Uint8Array, 'nameByteCount'),
  section('index', Uint8Array, 'indexByteCount'),
  section('meta', Uint8Array, 'metaByteCount'),
];

const DRAWING: keyof Views = 'edgeForward';

export const TABLE_END = HEADER_BYTES + SECTIONS.length * ENTRY_BYTES;

/** Where a section lies. Its checksum covers its padding too, up to the next multiple of 8. */
export type Section = {readonly name: keyof Views; readonly offset: number; readonly bytes: number};

// Rounding by bits (& ~7) would wrap at 2 GiB.
export const align8 = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Where each section of a graph of this size lies, and the length of the file. */
export function plan(counts: Counts): {sections: Section[]; fileBytes: number} {
  let offset = TABLE_END;
  const sections = SECTIONS.map(({name, type, per, plus}) => {
    const bytes = (counts[per] + plus) * type.BYTES_PER_ELEMENT;
    const placed = {name, offset, bytes};
    offset = align8(offset + bytes);
    return placed;
  });
  return {sections, fileBytes: offset};
}

/** How many bytes of a graph of this size, from its first, hold all that searches walk. */
export const kernelBytes = (counts: Counts): number => plan(counts).sections.find(({name}) => name === DRAWING)!.offset;

/** The section table as it stands in the bytes; a name is whatever is written there. */
export function readTable(bytes: SharedArrayBuffer): {name: string; offset: number; bytes: number; checksum: number}[] {
  const table = new DataView(bytes);
  return SECTIONS.map((_, i) => {
    const at = HEADER_BYTES + i * ENTRY_BYTES;
    return {
      name: Buffer.from(bytes, at, NAME_BYTES).toString('latin1').replace(/\0+$/, ''),
      offset: table.getFloat64(at + ENTRY_OFFSET_AT, true),
      bytes: table.getFloat64(at + ENTRY_LENGTH_AT, true),
      checksum: table.getUint32(at + ENTRY_CHECKSUM_AT, true),
    };
  });
}

/** The sizes that a section table tells; meaningless (fractions, NaN) where the table is damaged. */
export function countsOf(table: readonly {bytes: number}[]): Counts {
  const counts: Partial<Record<keyof Counts, number>> = {};
  SECTIONS.forEach(({type, per, plus}, i) => {
    counts[per] ??= table[i].bytes / type.BYTES_PER_ELEMENT - plus;
  });
  return counts as Counts;
}

/** Named views over bytes that `openGraph` or another thread has checked. Copies nothing, checks nothing. O(1). */
export function overlay(bytes: SharedArrayBuffer): RoadGraph {
  const table = readTable(bytes);
  const views: Partial<Record<keyof Views, View>> = {};
  SECTIONS.forEach(({name, type}, i) => {
    views[name] = new type(bytes, table[i].offset, table[i].bytes / type.BYTES_PER_ELEMENT);
  });
  return {...(views as Views), ...countsOf(table), bytes};
}

/** A graph of zeros for the builder to fill; `seal` of file.ts adds the checksums. */
export function allocate(counts: Counts): RoadGraph {
  assert(counts.segmentCount < 0x7fff_ffff, `${counts.segmentCount} segments are more than an int32 can number`);
  const {sections, fileBytes} = plan(counts);
  const bytes = new SharedArrayBuffer(fileBytes);
  const view = new DataView(bytes);
  Buffer.from(bytes).write(MAGIC, 0, 'latin1');
  view.setUint32(8, VERSION, true);
  view.setUint32(12, SECTIONS.length, true);
  view.setFloat64(16, fileBytes, true);
  sections.forEach((placed, i) => {
    const at = HEADER_BYTES + i * ENTRY_BYTES;
    Buffer.from(bytes).write(placed.name, at, NAME_BYTES, 'latin1');
    view.setFloat64(at + ENTRY_OFFSET_AT, placed.offset, true);
    view.setFloat64(at + ENTRY_LENGTH_AT, placed.bytes, true);
  });
  return overlay(bytes);
}

/** Throws a SyntaxError where the JSON is damaged; openGraph has checked it. */
export function readMeta(g: RoadGraph): GraphMeta {
  return JSON.parse(Buffer.from(g.bytes, g.meta.byteOffset, g.meta.byteLength).toString('utf8'));
}

/** The text of a name id. */
export function nameText(g: RoadGraph, name: number): string {
  const first = g.firstNameByte[name];
  return Buffer.from(g.bytes, g.nameUtf8.byteOffset + first, g.firstNameByte[name + 1] - first).toString('utf8');
}
