// The ways of a city in the order of their ids: streets along rows, streets along columns, closes, buildings, the
// motorway with its ramps, the river.

import {BUILDING_SHARE} from './city-nodes.ts';
import {
  eastPieces,
  eastWay,
  hasClose,
  isArterial,
  isCurved,
  isDowntown,
  isFrontage,
  KIND,
  nodeId,
  northPieces,
  northWay,
  otherWays,
  type Piece,
  SLOT,
  superColumns,
  superRows,
} from './city-plan.ts';
import type {ObjectWriter, TagList} from './object-writer.ts';
import {BLOCKS, type City} from './world.ts';

const TREES = ['Oak', 'Pecan', 'Cedar', 'Elm', 'Mesquite', 'Juniper', 'Magnolia', 'Cypress', 'Willow', 'Laurel'];
/** Ramps leave and join the motorway three blocks from an arterial, and the frontage road two blocks from it. */
const RAMP_ON_MOTORWAY = 3;
const RAMP_ON_FRONTAGE = 2;
const MAPPED_SPEED_SHARE = 0.6;
type Tag = readonly [string, string];

export function writeCityWays(city: City, out: ObjectWriter, onRow: () => void): void {
  for (let row = 0; row < city.rows; row++) {
    for (let superColumn = 0; superColumn < superColumns(city); superColumn++) {
      eastPieces(city, row, superColumn).forEach((piece, i) => {
        const refs = eastRefs(city, row, piece);
        if (city.motorwayRow >= 0 && row === city.motorwayRow + 1) refs.reverse();
        out.way(eastWay(city, row, superColumn, i), refs, eastTags(city, row, piece));
      });
    }
    onRow();
  }
  for (let superRow = 0; superRow < superRows(city); superRow++) {
    for (let column = 0; column < city.columns; column++) {
      northPieces(city, column, superRow).forEach((piece, i) => {
        out.way(northWay(city, column, superRow, i), northRefs(city, column, piece), northTags(city, column, piece));
      });
    }
  }
  writeCloses(city, out);
  writeBuildings(city, out);
  if (city.motorwayRow >= 0) writeMotorway(city, out);
}

function eastRefs(city: City, row: number, {from, to}: Piece): number[] {
  const refs = [nodeId(city, row, from, SLOT.crossing)];
  for (let column = from; column < to; column++) {
    const curved = isCurved(city, row, column);
    if (curved) refs.push(nodeId(city, row, column, SLOT.eastOne));
    if (hasClose(city, row, column)) refs.push(nodeId(city, row, column, SLOT.closeMouth));
    if (curved) refs.push(nodeId(city, row, column, SLOT.eastTwo));
    refs.push(nodeId(city, row, column + 1, SLOT.crossing));
  }
  return refs;
}

function northRefs(city: City, column: number, {from, to}: Piece): number[] {
  const refs = [nodeId(city, from, column, SLOT.crossing)];
  for (let row = from; row < to; row++) {
    if (isCurved(city, row, column)) refs.push(nodeId(city, row, column, SLOT.north));
    refs.push(nodeId(city, row + 1, column, SLOT.crossing));
  }
  return refs;
}

function eastTags(city: City, row: number, piece: Piece): TagList {
  if (isFrontage(city, row)) return frontageTags(city, piece.bridge);
  const name = `${row + 1}${ordinal(row + 1)} Street`;
  return streetTags(city, row, piece.from, isDowntown(city, row, piece.from), piece.bridge, name);
}

function northTags(city: City, column: number, piece: Piece): TagList {
  const name = `${TREES[column % TREES.length]} Avenue ${Math.floor(column / TREES.length) + 1}`;
  return streetTags(city, column, piece.from, isDowntown(city, piece.from, column), piece.bridge, name);
}

function streetTags(city: City, line: number, at: number, downtown: boolean, bridge: boolean, name: string): TagList {
  const span: Tag[] = bridge
    ? [
        ['bridge', 'yes'],
        ['layer', '1'],
      ]
    : [];
  if (isArterial(line)) {
    const highway = line % (2 * BLOCKS) === 0 ? 'primary' : 'secondary';
    return [
      ['highway', highway],
      ['name', name],
      ['maxspeed', '45 mph'],
      ['lanes', '4'],
      ['surface', 'asphalt'],
      ...span,
    ];
  }
  if (downtown) {
    const oneway = line % 2 === 0 ? 'yes' : '-1';
    return [
      ['highway', 'tertiary'],
      ['name', name],
      ['oneway', oneway],
      ['maxspeed', '30 mph'],
      ['lanes', '3'],
      ...span,
    ];
  }
  const isMapped = city.chance(KIND.tag, line, at) < MAPPED_SPEED_SHARE;
  const speed: Tag[] = isMapped ? [['maxspeed', '25 mph']] : [];
  return [['highway', 'residential'], ['name', name], ...speed, ['surface', 'asphalt'], ...span];
}

const motorwayName = (city: City): string => `Interstate ${10 + city.row}`;

function frontageTags(city: City, bridge: boolean): TagList {
  const name = `${motorwayName(city)} Frontage Road`;
  const span: Tag[] = bridge ? [['bridge', 'yes']] : [];
  return [['highway', 'secondary'], ['name', name], ['oneway', 'yes'], ['maxspeed', '50 mph'], ['lanes', '2'], ...span];
}

function writeCloses(city: City, out: ObjectWriter): void {
  forCells(city, (row, column, cell) => {
    if (!hasClose(city, row, column)) return;
    const refs = [SLOT.closeMouth, SLOT.closeBend, SLOT.closeEnd].map((slot) => nodeId(city, row, column, slot));
    out.way(otherWays(city) + cell, refs, [
      ['highway', 'residential'],
      ['name', `${TREES[cell % TREES.length]} Court`],
    ]);
  });
}

function writeBuildings(city: City, out: ObjectWriter): void {
  const first = otherWays(city) + city.rows * city.columns;
  forCells(city, (row, column, cell) => {
    if (city.chance(KIND.building, row, column) >= BUILDING_SHARE) return;
    const refs = [0, 1, 2, 3, 0].map((corner) => nodeId(city, row, column, SLOT.corner + corner));
    out.way(first + cell, refs, [
      ['building', 'yes'],
      ['addr:housenumber', String(1 + (cell % 999))],
    ]);
  });
}

function forCells(city: City, visit: (row: number, column: number, cell: number) => void): void {
  for (let row = 0; row < city.rows; row++) {
    for (let column = 0; column < city.columns; column++) visit(row, column, row * city.columns + column);
  }
}

/** Ramps before and after each arterial; at the city's ends the motorway meets its frontage roads. */
function writeMotorway(city: City, out: ObjectWriter): void {
  const {columns, motorwayRow: south} = city;
  const north = south + 1;
  const east = (column: number): number => nodeId(city, south, column, SLOT.eastbound);
  const west = (column: number): number => nodeId(city, south, column, SLOT.westbound);
  const onSouth = (column: number): number => nodeId(city, south, column, SLOT.crossing);
  const onNorth = (column: number): number => nodeId(city, north, column, SLOT.crossing);
  let id = otherWays(city) + 2 * city.rows * columns;

  for (let first = 0; first < columns - 1; first += BLOCKS) {
    const last = Math.min(first + BLOCKS, columns - 1);
    const reach = Array.from({length: last - first + 1}, (_, i) => first + i);
    const tags: TagList = [
      ['highway', 'motorway'],
      ['ref', motorwayName(city)],
      ['oneway', 'yes'],
      ['maxspeed', '65 mph'],
    ];
    out.way(id++, reach.map(east), tags);
    out.way(id++, reach.toReversed().map(west), tags);
  }
  const link: TagList = [
    ['highway', 'motorway_link'],
    ['oneway', 'yes'],
    ['maxspeed', '45 mph'],
  ];
  for (let arterial = 0; arterial < columns; arterial += BLOCKS) {
    const before = arterial - RAMP_ON_MOTORWAY;
    const after = arterial + RAMP_ON_MOTORWAY;
    if (before >= 0) {
      out.way(id++, [east(before), onSouth(arterial - RAMP_ON_FRONTAGE)], link);
      out.way(id++, [onNorth(arterial - RAMP_ON_FRONTAGE), west(before)], link);
    }
    if (after < columns) {
      out.way(id++, [onSouth(arterial + RAMP_ON_FRONTAGE), east(after)], link);
      out.way(id++, [west(after), onNorth(arterial + RAMP_ON_FRONTAGE)], link);
    }
  }
  out.way(id++, [onSouth(0), east(0)], link);
  out.way(id++, [west(0), onNorth(0)], link);
  out.way(id++, [east(columns - 1), onSouth(columns - 1)], link);
  out.way(id++, [onNorth(columns - 1), west(columns - 1)], link);
  const river = Array.from({length: city.rows}, (_, row) => nodeId(city, row, city.riverColumn, SLOT.river));
  for (let i = 0; i + 1 < river.length; i += 1_000) {
    out.way(id++, river.slice(i, i + 1_001), [
      ['waterway', 'river'],
      ['name', 'Rio Hondo'],
    ]);
  }
}

function ordinal(number: number): string {
  const tens = number % 100;
  if (tens >= 11 && tens <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][number % 10] ?? 'th';
}
