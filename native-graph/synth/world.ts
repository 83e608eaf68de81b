// The plan of a drawn state: how many cities, how large, where, and which numbers their objects get. Everything else is
// a function of this plan and of `Chance`.
//
// Cities stand in the cells of a square lattice, one each, and are joined to the neighbours east and north of them by
// rural highways. Sizes fall off as a power of their rank, as sizes of real cities do (F. Auerbach, "Das Gesetz der
// Bevoelkerungskonzentration", Petermanns Mitteilungen 59 (1913), 74-76).
//
// Ids are reckoned from places, with gaps, so that a street can name its nodes and a restriction its ways without any
// table: memory does not grow with the world.

import {InputFailure} from '../failure.ts';
import {type Chance, createChance} from './chance.ts';
import type {Box} from './object-writer.ts';

/** Below it there is no room for a motorway and a river; above it the lattice would leave the continent. */
export const SYNTH_JUNCTIONS_LIMIT = 20_000_000;
const LEAST_JUNCTIONS = 500;

/** Streets from arterial to arterial: a superblock. */
export const BLOCKS = 8;
export const NODES_PER_CELL = 16;
/** Ways and pieces of ways that a street may be cut into within one superblock. */
export const PIECES = 9;
const STREET_SPACING_M = 110;
/** Open land around a city, as a share of the largest city's width and in metres. */
const LAND_SHARE = 0.25;
const LAND_M = 20_000;
/** Of the lattice's middle: Texas. Its latitude also gives the length of a degree of longitude, everywhere. */
const MIDDLE_LAT_E7 = 311_000_000;
const MIDDLE_LON_E7 = -995_000_000;
const E7_PER_M_LAT = 1e7 / 111_320;
/** 1 / cos(31.1 degrees), as a literal: Math.cos may differ in its last bit between engines. */
const E7_PER_M_LON = E7_PER_M_LAT * 1.16785;
/** Beyond 2^32, where ids of the real map are. */
const FIRST_ID = 5_000_000_000;
/**
 * Measured: a city of g crossings has this many junctions per crossing (closes bring some, missing streets take some),
 * less this many per crossing of one side, where streets only end.
 */
const JUNCTIONS_PER_CROSSING = 1.475;
const LOST_PER_SIDE = 1.87;
const SIZE_EXPONENT = 0.7;
const JUNCTIONS_PER_CITY = 20_000;

/** Distances of rural highways, in metres. */
export const RURAL_POINT_M = 400;
/** Points of a highway from one county road to the next, and of a county road. */
export const POINTS_PER_FARM = 12;
export const FARM_POINTS = 6;

export type City = {
  readonly index: number;
  readonly column: number;
  readonly row: number;
  readonly chance: Chance;
  /** Crossings: streets run along rows (west to east) and columns (south to north). */
  readonly rows: number;
  readonly columns: number;
  readonly southLatE7: number;
  readonly westLonE7: number;
  /** The south frontage road's row, the north one's is next; -1 in a town without motorway. */
  readonly motorwayRow: number;
  /** The river runs between this column and the next; -1 without. */
  readonly riverColumn: number;
  /** Superblocks of one-way pairs: [from, to) in each direction; none where they are equal. */
  readonly downtown: {
    readonly fromRow: number;
    readonly toRow: number;
    readonly fromColumn: number;
    readonly toColumn: number;
  };
  readonly firstNode: number;
  readonly firstWay: number;
  readonly firstRelation: number;
};

/** A highway from one city to its neighbour. */
export type Highway = {
  readonly from: City;
  readonly to: City;
  readonly towards: 'east' | 'north';
  readonly chance: Chance;
  /** Points of each carriageway between the cities. */
  readonly points: number;
  readonly firstNode: number;
  readonly firstWay: number;
};

export type World = {readonly cities: readonly City[]; readonly highways: readonly Highway[]; readonly box: Box};

export const latE7 = (city: City, y: number): number =>
  city.southLatE7 + Math.round(y * STREET_SPACING_M * E7_PER_M_LAT);
export const lonE7 = (city: City, x: number): number =>
  city.westLonE7 + Math.round(x * STREET_SPACING_M * E7_PER_M_LON);
export const metresLatE7 = (metres: number): number => Math.round(metres * E7_PER_M_LAT);
export const metresLonE7 = (metres: number): number => Math.round(metres * E7_PER_M_LON);

/** Throws InputFailure `SYNTH_SIZE` for a world that cannot be drawn. O(cities). */
export function planWorld(junctions: number, seed: number): World {
  if (!Number.isInteger(junctions) || junctions < LEAST_JUNCTIONS || junctions > SYNTH_JUNCTIONS_LIMIT) {
    const bounds = `a whole number from ${LEAST_JUNCTIONS} to ${SYNTH_JUNCTIONS_LIMIT}`;
    throw new InputFailure('SYNTH_SIZE', `a world of ${junctions} junctions: give ${bounds}`);
  }
  const cityCount = Math.max(1, Math.min(100, Math.round(junctions / JUNCTIONS_PER_CITY)));
  const side = Math.ceil(Math.sqrt(cityCount));
  const shares = Array.from({length: cityCount}, (_, rank) => (rank + 2) ** -SIZE_EXPONENT);
  const allShares = shares.reduce((sum, share) => sum + share, 0);
  const crossings = (rank: number): number => crossingsFor((junctions * shares[rank]) / allShares);
  const cellM = Math.sqrt(crossings(0)) * STREET_SPACING_M * (1 + LAND_SHARE) + LAND_M;

  const places = shuffled(cityCount, createChance(seed, 0));
  const cities: City[] = [];
  let ids = {node: FIRST_ID, way: FIRST_ID, relation: FIRST_ID};
  for (let index = 0; index < cityCount; index++) {
    const column = index % side;
    const row = Math.floor(index / side);
    const city = planCity(index, column, row, crossings(places[index]), seed, ids);
    const southLatE7 = MIDDLE_LAT_E7 + metresLatE7((row - side / 2 + 0.5) * cellM - (city.rows / 2) * STREET_SPACING_M);
    const westLonE7 =
      MIDDLE_LON_E7 + metresLonE7((column - side / 2 + 0.5) * cellM - (city.columns / 2) * STREET_SPACING_M);
    cities.push({...city, southLatE7, westLonE7});
    ids = idsAfter(city, ids);
  }
  const highways: Highway[] = [];
  for (const from of cities) {
    const east = from.column + 1 < side ? cities[from.index + 1] : undefined;
    const north = cities[from.index + side];
    for (const [to, towards] of [
      [east, 'east'],
      [north, 'north'],
    ] as const) {
      if (to === undefined) continue;
      const gapM =
        cellM - ((towards === 'east' ? from.columns + to.columns : from.rows + to.rows) / 2) * STREET_SPACING_M;
      const points = Math.max(2, Math.floor(gapM / RURAL_POINT_M));
      const stream = 1_000 + highways.length;
      highways.push({
        from,
        to,
        towards,
        chance: createChance(seed, stream),
        points,
        firstNode: ids.node,
        firstWay: ids.way,
      });
      ids = {...ids, node: ids.node + points * (2 + FARM_POINTS), way: ids.way + points * 3};
    }
  }
  const halfM = (side * cellM) / 2;
  const box = {
    westE7: MIDDLE_LON_E7 - metresLonE7(halfM),
    southE7: MIDDLE_LAT_E7 - metresLatE7(halfM),
    eastE7: MIDDLE_LON_E7 + metresLonE7(halfM),
    northE7: MIDDLE_LAT_E7 + metresLatE7(halfM),
  };
  return {cities, highways, box};
}

/** The root of JUNCTIONS_PER_CROSSING * side ** 2 - LOST_PER_SIDE * side = junctions, squared. */
function crossingsFor(junctions: number): number {
  const discriminant = LOST_PER_SIDE ** 2 + 4 * JUNCTIONS_PER_CROSSING * junctions;
  return ((LOST_PER_SIDE + Math.sqrt(discriminant)) / (2 * JUNCTIONS_PER_CROSSING)) ** 2;
}

type NextIds = {readonly node: number; readonly way: number; readonly relation: number};

function planCity(index: number, column: number, row: number, crossings: number, seed: number, ids: NextIds): City {
  const rows = Math.max(BLOCKS + 1, Math.round(Math.sqrt(crossings)));
  const columns = Math.max(BLOCKS + 1, Math.round(crossings / rows));
  const superRows = Math.floor((rows - 1) / BLOCKS);
  const superColumns = Math.floor((columns - 1) / BLOCKS);
  const isCity = superRows >= 2 && superColumns >= 2;
  const middleRow = Math.floor(superRows / 2);
  const middleColumn = Math.floor(superColumns / 2);
  // A tenth of the city, north of its motorway and west of its river.
  const wide = isCity ? Math.max(1, Math.floor(Math.min(superRows, superColumns) / 10)) : 0;
  return {
    index,
    column,
    row,
    chance: createChance(seed, 1 + index),
    rows,
    columns,
    southLatE7: 0,
    westLonE7: 0,
    motorwayRow: isCity ? middleRow * BLOCKS : -1,
    riverColumn: isCity ? Math.min(superColumns - 1, middleColumn + wide) * BLOCKS + BLOCKS / 2 : -1,
    downtown: {
      fromRow: middleRow + 1,
      toRow: Math.min(superRows, middleRow + 1 + wide),
      fromColumn: middleColumn - wide,
      toColumn: middleColumn,
    },
    firstNode: ids.node,
    firstWay: ids.way,
    firstRelation: ids.relation,
  };
}

/** What a city's objects may take, gaps included. Streets of both directions, closes, buildings, motorway and ramps. */
function idsAfter({rows, columns}: City, ids: NextIds): NextIds {
  const crossings = rows * columns;
  return {
    node: ids.node + crossings * NODES_PER_CELL,
    way: ids.way + 2 * crossings * PIECES + 2 * crossings + 8 * columns,
    relation: ids.relation + crossings,
  };
}

/** 0 .. count - 1, each once. */
function shuffled(count: number, chance: Chance): number[] {
  const order = Array.from({length: count}, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(chance(0, i, 0) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
