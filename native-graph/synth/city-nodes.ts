// Where the nodes of a city are, in the order of their ids, and what is said of them.

import {
  hasClose,
  hasEast,
  hasNorth,
  isArterial,
  isCurved,
  isDowntown,
  isFrontage,
  KIND,
  nodeId,
  SLOT,
} from './city-plan.ts';
import type {ObjectWriter, TagList} from './object-writer.ts';
import {type City, latE7, lonE7} from './world.ts';

const NO_TAGS: TagList = [];
const SIGNALS: TagList = [['highway', 'traffic_signals']];
const STOP: TagList = [['highway', 'stop']];
const CROSSING: TagList = [
  ['highway', 'crossing'],
  ['crossing', 'marked'],
];
const SHOPS = ['restaurant', 'fuel', 'school', 'place_of_worship', 'pharmacy'];
const STOP_SHARE = 0.2;
const CROSSING_SHARE = 0.3;
export const BUILDING_SHARE = 0.45;
const SHOP_SHARE = 0.05;
/** Crossings of residential streets lie off the grid by up to this share of a block. */
const SHIFT = 0.16;

export function writeCityNodes(city: City, out: ObjectWriter, onRow: () => void): void {
  for (let row = 0; row < city.rows; row++) {
    for (let column = 0; column < city.columns; column++) writeCell(city, row, column, out);
    onRow();
  }
}

/** A crossing's place, in blocks from the south-western corner. */
function placeOf(city: City, row: number, column: number): [x: number, y: number] {
  if (isArterial(row) || isFrontage(city, row) || isDowntown(city, row, column)) return [column, row];
  const isFixed = isArterial(column);
  return [
    column + (isFixed ? 0 : (city.chance(KIND.shift, row, column) - 0.5) * SHIFT),
    row + (city.chance(KIND.shift, column, row) - 0.5) * SHIFT,
  ];
}

function writeCell(city: City, row: number, column: number, out: ObjectWriter): void {
  const write = (slot: number, x: number, y: number, tags: TagList = NO_TAGS): void =>
    out.node(nodeId(city, row, column, slot), latE7(city, y), lonE7(city, x), tags);
  const {chance} = city;
  const [x, y] = placeOf(city, row, column);
  write(SLOT.crossing, x, y, signsAt(city, row, column));
  const east = hasEast(city, row, column);
  const bend = isCurved(city, row, column) ? (chance(KIND.curved, row, column) - 0.5) * 0.3 : 0;
  if (east && bend !== 0) {
    write(SLOT.eastOne, x + 0.25, y + bend * 0.75);
    write(SLOT.eastTwo, x + 0.75, y + bend * 0.75);
  }
  if (hasNorth(city, row, column) && bend !== 0) write(SLOT.north, x - bend, y + 0.5);
  if (hasClose(city, row, column)) {
    write(SLOT.closeMouth, x + 0.5, y + bend);
    write(SLOT.closeBend, x + 0.45, y + bend + 0.3);
    write(SLOT.closeEnd, x + 0.5, y + bend + 0.5);
  }
  if (chance(KIND.building, row, column) < BUILDING_SHARE) {
    write(SLOT.corner, x + 0.2, y + 0.6);
    write(SLOT.corner + 1, x + 0.4, y + 0.6);
    write(SLOT.corner + 2, x + 0.4, y + 0.8);
    write(SLOT.corner + 3, x + 0.2, y + 0.8);
  }
  const shop = chance(KIND.shop, row, column) / SHOP_SHARE;
  if (shop < 1)
    write(SLOT.shop, x + 0.3, y + 0.7, [
      ['amenity', SHOPS[Math.floor(shop * SHOPS.length)]],
      ['name', 'A place'],
    ]);
  if (row === city.motorwayRow) {
    write(SLOT.eastbound, x, y + 1 / 3);
    write(SLOT.westbound, x, y + 2 / 3);
  }
  if (column === city.riverColumn) write(SLOT.river, x + 0.5, y);
}

function signsAt(city: City, row: number, column: number): TagList {
  const arterials = Number(isArterial(row) || isFrontage(city, row)) + Number(isArterial(column));
  if (arterials === 2 || isDowntown(city, row, column)) return SIGNALS;
  if (arterials === 0) return NO_TAGS;
  const sign = city.chance(KIND.sign, row, column);
  return sign < STOP_SHARE ? STOP : sign < CROSSING_SHARE ? CROSSING : NO_TAGS;
}
