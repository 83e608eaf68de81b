// A vector tile of the road graph: https://github.com/mapbox/vector-tile-spec, version 2.1.
//
// Layer `roads` has one feature a class, all its lines in one geometry, so that a client decodes few attributes and
// many points. Layer `names` has one a name and class, where the zoom is near enough to write them. What is drawn
// depends on the class alone: travel times do not change a tile.
//
// Lines are cut off a little outside the tile, so that a client's wide strokes meet without a seam. Points are put on a
// grid that is half a pixel wide, of a client that draws the tile 512 pixels wide; of lines that fall together there,
// nothing is left. Crossing the antimeridian, a line is drawn in the tiles of both its ends.

import Flatbush from 'flatbush';
import {PbfWriter} from 'pbf';
import {CIRCLE_E7, wrapE7} from '../geometry.ts';
import {nameText, type RoadGraph} from '../layout.ts';
import {ROAD_CLASSES, type RoadClass} from '../profile/car.ts';

/** Nearer than this a client enlarges tiles: a unit of them is 0.6 m there. */
export const TILE_ZOOM_LIMIT = 14;
/** Units of a tile's side. */
export const EXTENT = 4_096;
/** How far outside a line is cut off. */
const MARGIN = 64;
/** Half a pixel of 512, in units; at the last zoom, which clients enlarge, every unit counts. */
const GRID = 4;
const NAMES_FROM_ZOOM = 12;

/** What a tile calls a class, in the order of drawing, and the zoom from which it is in tiles. */
const KINDS = {
  service: {fromZoom: 13, classes: ['service', 'road', 'track', 'pedestrian']},
  minor: {fromZoom: 11, classes: ['unclassified', 'residential', 'living_street']},
  ferry: {fromZoom: 9, classes: ['ferry']},
  tertiary: {fromZoom: 11, classes: ['tertiary', 'tertiary_link']},
  secondary: {fromZoom: 9, classes: ['secondary', 'secondary_link']},
  primary: {fromZoom: 7, classes: ['primary', 'primary_link']},
  trunk: {fromZoom: 0, classes: ['trunk', 'trunk_link']},
  motorway: {fromZoom: 0, classes: ['motorway', 'motorway_link']},
} as const satisfies Record<string, {fromZoom: number; classes: readonly RoadClass[]}>;

export type RoadKind = keyof typeof KINDS;
export const ROAD_KINDS = Object.keys(KINDS) as RoadKind[];

/** By class of the profile: its index in ROAD_KINDS. */
const KIND_OF = ROAD_CLASSES.map((roadClass) =>
  ROAD_KINDS.findIndex((kind) => (KINDS[kind].classes as readonly RoadClass[]).includes(roadClass)),
);

export const roadKindOf = (g: RoadGraph, segment: number): RoadKind =>
  ROAD_KINDS[KIND_OF[g.edgeClass[g.drawn[segment] >>> 1]]];

/** Commands and zigzag steps of a geometry so far, and the point that the next step counts from. */
type Drawing = {readonly words: number[]; x: number; y: number};

const drawing = (): Drawing => ({words: [], x: 0, y: 0});

/** The tile's bytes, none where it has no road. Cost: that of the edges whose boxes touch it. */
export function roadTile(g: RoadGraph, z: number, x: number, y: number): Uint8Array {
  const scale = 2 ** z;
  const reach = MARGIN / EXTENT;
  const index = Flatbush.from(g.bytes, g.index.byteOffset);
  const north = latOf((y - reach) / scale) * 1e6 + 1;
  const south = latOf((y + 1 + reach) / scale) * 1e6 - 1;
  const west = ((x - reach) / scale) * 360e6 - 180e6 - 1;
  const east = ((x + 1 + reach) / scale) * 360e6 - 180e6 + 1;
  const isShown = (edge: number) => KINDS[ROAD_KINDS[KIND_OF[g.edgeClass[edge]]]].fromZoom <= z;

  const roads = ROAD_KINDS.map(drawing);
  const names = new Map<number, Drawing>();
  // Boxes may pass the antimeridian on either side.
  for (const turn of [-CIRCLE_E7 / 10, 0, CIRCLE_E7 / 10]) {
    if (east + turn < index.minX || west + turn > index.maxX) continue;
    for (const edge of index.search(west + turn, south, east + turn, north, isShown)) {
      const kind = KIND_OF[g.edgeClass[edge]];
      const lines = linesIn(g, edge, z, x, y, turn * 10);
      for (const line of lines) append(roads[kind], line);
      const name = g.edgeName[edge];
      if (name === 0 || z < NAMES_FROM_ZOOM) continue;
      const key = name * ROAD_KINDS.length + kind;
      const named = names.get(key) ?? drawing();
      names.set(key, named);
      for (const line of lines) append(named, line);
    }
  }
  return written(g, roads, names);
}

const latOf = (world: number): number => (Math.atan(Math.sinh((1 - 2 * world) * Math.PI)) * 180) / Math.PI;

/** x, y, x, y, … in units of the tile: what of an edge lies in it or in its margin, each piece at least two points. */
function linesIn(g: RoadGraph, edge: number, z: number, tileX: number, tileY: number, turnE7: number): number[][] {
  const {firstPoint, pointLonE7, pointLatE7} = g;
  const units = 2 ** z * EXTENT;
  const grid = z === TILE_ZOOM_LIMIT ? 1 : GRID;
  const lines: number[][] = [];
  let line: number[] = [];
  let [fromX, fromY] = [0, 0];
  const first = firstPoint[edge];
  let lonE7 = pointLonE7[first];
  for (let p = first; p < firstPoint[edge + 1]; p++) {
    if (p > first) lonE7 += wrapE7(pointLonE7[p] - pointLonE7[p - 1]);
    const toX = ((lonE7 - turnE7) / CIRCLE_E7 + 0.5) * units - tileX * EXTENT;
    const sine = Math.sin((pointLatE7[p] / 1e7) * (Math.PI / 180));
    const toY = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * units - tileY * EXTENT;
    if (p > first) {
      const cut = clipped(fromX, fromY, toX, toY);
      if (cut) {
        if (cut.entersLate || line.length === 0) line = begin(lines, cut.x0, cut.y0, grid);
        addPoint(line, cut.x1, cut.y1, grid);
        if (cut.leavesEarly) line = [];
      } else line = [];
    }
    [fromX, fromY] = [toX, toY];
  }
  return lines.filter(({length}) => length >= 4);
}

function begin(lines: number[][], x: number, y: number, grid: number): number[] {
  const line: number[] = [];
  lines.push(line);
  addPoint(line, x, y, grid);
  return line;
}

function addPoint(line: number[], x: number, y: number, grid: number): void {
  const [onX, onY] = [Math.round(x / grid) * grid, Math.round(y / grid) * grid];
  const end = line.length;
  if (end >= 2 && line[end - 2] === onX && line[end - 1] === onY) return;
  // A point on the straight line between its neighbours says nothing.
  if (end >= 4 && isBetween(line[end - 4], line[end - 3], line[end - 2], line[end - 1], onX, onY)) line.length -= 2;
  line.push(onX, onY);
}

const isBetween = (ax: number, ay: number, bx: number, by: number, cx: number, cy: number): boolean =>
  (bx - ax) * (cy - by) === (by - ay) * (cx - bx) && (bx - ax) * (cx - bx) + (by - ay) * (cy - by) > 0;

type Cut = {x0: number; y0: number; x1: number; y1: number; entersLate: boolean; leavesEarly: boolean};

/** Y.-D. Liang and B. A. Barsky, "A new concept and method for line clipping", ACM Trans. Graph. 3 (1984), 1-22. */
function clipped(x0: number, y0: number, x1: number, y1: number): Cut | undefined {
  const [low, high] = [-MARGIN, EXTENT + MARGIN];
  const [dx, dy] = [x1 - x0, y1 - y0];
  let [enter, leave] = [0, 1];
  for (const [step, room] of [
    [-dx, x0 - low],
    [dx, high - x0],
    [-dy, y0 - low],
    [dy, high - y0],
  ]) {
    if (step === 0) {
      if (room < 0) return undefined;
      continue;
    }
    const at = room / step;
    if (step < 0) enter = Math.max(enter, at);
    else leave = Math.min(leave, at);
    if (enter > leave) return undefined;
  }
  return {
    x0: x0 + enter * dx,
    y0: y0 + enter * dy,
    x1: x0 + leave * dx,
    y1: y0 + leave * dy,
    entersLate: enter > 0,
    leavesEarly: leave < 1,
  };
}

const MOVE_TO = 1;
const LINE_TO = 2;
const zigzag = (value: number): number => (value << 1) ^ (value >> 31);

function append(to: Drawing, line: readonly number[]): void {
  const {words} = to;
  for (let i = 0; i < line.length; i += 2) {
    if (i === 0) words.push(MOVE_TO | (1 << 3));
    if (i === 2) words.push(LINE_TO | ((line.length / 2 - 1) << 3));
    words.push(zigzag(line[i] - to.x), zigzag(line[i + 1] - to.y));
    to.x = line[i];
    to.y = line[i + 1];
  }
}

type Feature = {readonly tags: readonly number[]; readonly words: readonly number[]};

function written(g: RoadGraph, roads: readonly Drawing[], names: ReadonlyMap<number, Drawing>): Uint8Array {
  const pbf = new PbfWriter();
  const drawn = roads.flatMap(({words}, kind) => (words.length > 0 ? [{tags: [0, kind], words}] : []));
  if (drawn.length > 0)
    pbf.writeMessage(3, writeLayer, {name: 'roads', keys: ['kind'], values: ROAD_KINDS, features: drawn});
  const values: string[] = [...ROAD_KINDS];
  const valueBy = new Map<number, number>();
  const named: Feature[] = [];
  for (const [key, {words}] of names) {
    if (words.length === 0) continue;
    const [name, kind] = [Math.floor(key / ROAD_KINDS.length), key % ROAD_KINDS.length];
    const value = valueBy.get(name) ?? values.push(nameText(g, name)) - 1;
    valueBy.set(name, value);
    named.push({tags: [0, kind, 1, value], words});
  }
  if (named.length > 0)
    pbf.writeMessage(3, writeLayer, {name: 'names', keys: ['kind', 'name'], values, features: named});
  return pbf.finish();
}

type Layer = {
  readonly name: string;
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly features: readonly Feature[];
};

function writeLayer(layer: Layer, pbf: PbfWriter): void {
  pbf.writeVarintField(15, 2);
  pbf.writeStringField(1, layer.name);
  for (const feature of layer.features) pbf.writeMessage(2, writeFeature, feature);
  for (const key of layer.keys) pbf.writeStringField(3, key);
  for (const value of layer.values) pbf.writeMessage(4, writeValue, value);
  pbf.writeVarintField(5, EXTENT);
}

const LINES = 2;

function writeFeature({tags, words}: Feature, pbf: PbfWriter): void {
  pbf.writePackedVarint(2, tags as number[]);
  pbf.writeVarintField(3, LINES);
  pbf.writePackedVarint(4, words as number[]);
}

const writeValue = (value: string, pbf: PbfWriter): void => pbf.writeStringField(1, value);
