// The streets of one city: which there are, how they are cut into ways, and which numbers their nodes and ways have.
// Every function here is O(1) or a loop over one superblock.
//
// A cell (row, column) is a crossing with the stretch of street east of it and the one north of it. Every eighth row
// and column is an arterial and has no gaps but the river's, which keeps the city in one piece.

import {BLOCKS, type City, NODES_PER_CELL, PIECES} from './world.ts';

/** Places of a cell's nodes; those along the eastern stretch in the order from west to east. */
export const SLOT = {
  crossing: 0,
  eastOne: 1,
  eastTwo: 2,
  north: 3,
  closeMouth: 5,
  closeBend: 6,
  closeEnd: 7,
  corner: 8,
  shop: 12,
  eastbound: 13,
  westbound: 14,
  river: 15,
} as const;

/** Kinds of chance, so that two questions about one place are independent. */
export const KIND = {
  gap: 1,
  close: 2,
  curved: 3,
  building: 4,
  shop: 5,
  shift: 6,
  restriction: 7,
  sign: 8,
  tag: 9,
} as const;
const GAP_SHARE = 0.12;
const CLOSE_SHARE = 0.28;
const CURVED_SHARE = 0.5;
/** Every other arterial has a bridge. */
const BRIDGE_ROWS = 2 * BLOCKS;

export const nodeId = (city: City, row: number, column: number, slot: number): number =>
  city.firstNode + (row * city.columns + column) * NODES_PER_CELL + slot;

export const isArterial = (line: number): boolean => line % BLOCKS === 0;

export const isFrontage = (city: City, row: number): boolean =>
  city.motorwayRow >= 0 && (row === city.motorwayRow || row === city.motorwayRow + 1);

export function isDowntown({downtown}: City, row: number, column: number): boolean {
  const superRow = Math.floor(row / BLOCKS);
  const superColumn = Math.floor(column / BLOCKS);
  const isInRows = superRow >= downtown.fromRow && superRow < downtown.toRow;
  return isInRows && superColumn >= downtown.fromColumn && superColumn < downtown.toColumn;
}

const isBridge = (city: City, row: number): boolean => row % BRIDGE_ROWS === 0 || isFrontage(city, row);

export const hasEast = (city: City, row: number, column: number): boolean =>
  column < city.columns - 1 && (column !== city.riverColumn || isBridge(city, row));

export function hasNorth(city: City, row: number, column: number): boolean {
  if (row >= city.rows - 1) return false;
  if (isArterial(column)) return true;
  if (row === city.motorwayRow) return false;
  return isDowntown(city, row, column) || city.chance(KIND.gap, row, column) >= GAP_SHARE;
}

/** Streets that people live on may bend, and closes lead off them. */
const isResidential = (city: City, row: number, column: number): boolean =>
  !isArterial(row) && !isFrontage(city, row) && !isDowntown(city, row, column) && column !== city.riverColumn;

export const hasClose = (city: City, row: number, column: number): boolean =>
  column < city.columns - 1 && isResidential(city, row, column) && city.chance(KIND.close, row, column) < CLOSE_SHARE;

export const isCurved = (city: City, row: number, column: number): boolean =>
  isResidential(city, row, column) &&
  city.chance(KIND.curved, Math.floor(row / BLOCKS), Math.floor(column / BLOCKS)) < CURVED_SHARE;

/** A stretch of street that is one way: from one crossing to another along its row or column. */
export type Piece = {readonly from: number; readonly to: number; readonly bridge: boolean};

/** The pieces of a row within superblock `superColumn`, from west to east. */
export function eastPieces(city: City, row: number, superColumn: number): Piece[] {
  const first = superColumn * BLOCKS;
  const last = Math.min(first + BLOCKS, city.columns - 1);
  const {riverColumn} = city;
  if (riverColumn < first || riverColumn >= last) return [{from: first, to: last, bridge: false}];
  const pieces: Piece[] = [{from: first, to: riverColumn, bridge: false}];
  if (isBridge(city, row)) pieces.push({from: riverColumn, to: riverColumn + 1, bridge: true});
  if (riverColumn + 1 < last) pieces.push({from: riverColumn + 1, to: last, bridge: false});
  return pieces;
}

/** The pieces of a column within superblock `superRow`, from south to north; the one over a motorway by itself. */
export function northPieces(city: City, column: number, superRow: number): Piece[] {
  const first = superRow * BLOCKS;
  const last = Math.min(first + BLOCKS, city.rows - 1);
  const pieces: Piece[] = [];
  let from = first;
  for (let row = first; row < last; row++) {
    const cut = row === city.motorwayRow;
    if (hasNorth(city, row, column) && !cut) continue;
    if (row > from) pieces.push({from, to: row, bridge: false});
    if (hasNorth(city, row, column)) pieces.push({from: row, to: row + 1, bridge: true});
    from = row + 1;
  }
  if (last > from) pieces.push({from, to: last, bridge: false});
  return pieces;
}

export const superRows = (city: City): number => Math.ceil((city.rows - 1) / BLOCKS);
export const superColumns = (city: City): number => Math.ceil((city.columns - 1) / BLOCKS);

export const eastWay = (city: City, row: number, superColumn: number, piece: number): number =>
  city.firstWay + (row * superColumns(city) + superColumn) * PIECES + piece;

export const northWay = (city: City, column: number, superRow: number, piece: number): number =>
  city.firstWay + city.rows * city.columns * PIECES + (superRow * city.columns + column) * PIECES + piece;

/** Ids from here on: closes by cell, buildings by cell, then what belongs to the motorway and the river. */
export const otherWays = (city: City): number => city.firstWay + 2 * city.rows * city.columns * PIECES;

/** An arterial column that rural roads lead to, and a row of that kind. */
export const gateColumn = (city: City): number => Math.floor(superColumns(city) / 2) * BLOCKS;
export const gateRow = (city: City): number => (city.motorwayRow < 0 ? 0 : city.motorwayRow - BLOCKS);
