// Turn restrictions where arterials cross, and against turning back over the bridge of a motorway (with a via way).

import {eastPieces, eastWay, KIND, nodeId, northPieces, northWay, SLOT} from './city-plan.ts';
import type {MemberRef, ObjectWriter} from './object-writer.ts';
import {BLOCKS, type City} from './world.ts';

const NO_LEFT_SHARE = 0.2;
const NO_U_TURN_SHARE = 0.35;
const ONLY_STRAIGHT_SHARE = 0.4;
const BRIDGE_SHARE = 0.6;

export function writeCityRestrictions(city: City, out: ObjectWriter): void {
  for (let row = BLOCKS; row < city.rows - 1; row += BLOCKS) {
    for (let column = BLOCKS; column < city.columns - 1; column += BLOCKS) writeAt(city, row, column, out);
  }
}

function writeAt(city: City, row: number, column: number, out: ObjectWriter): void {
  const superRow = row / BLOCKS;
  const superColumn = column / BLOCKS;
  const lastEast = eastPieces(city, row, superColumn - 1).length - 1;
  const lastNorth = northPieces(city, column, superRow - 1).length - 1;
  const fromWest = eastWay(city, row, superColumn - 1, lastEast);
  const fromSouth = northWay(city, column, superRow - 1, lastNorth);
  const toNorth = northWay(city, column, superRow, 0);
  const toEast = eastWay(city, row, superColumn, 0);
  const via: MemberRef = {kind: 'node', id: nodeId(city, row, column, SLOT.crossing), role: 'via'};
  const write = (kind: string, from: number, across: MemberRef, to: number): void => {
    const members: MemberRef[] = [{kind: 'way', id: from, role: 'from'}, across, {kind: 'way', id: to, role: 'to'}];
    out.relation(city.firstRelation + row * city.columns + column, members, [
      ['type', 'restriction'],
      ['restriction', kind],
    ]);
  };
  const chance = city.chance(KIND.restriction, row, column);
  if (row === city.motorwayRow && chance < BRIDGE_SHARE) {
    const back = eastWay(city, row + 1, superColumn - 1, eastPieces(city, row + 1, superColumn - 1).length - 1);
    write('no_u_turn', fromWest, {kind: 'way', id: toNorth, role: 'via'}, back);
  } else if (chance < NO_LEFT_SHARE) write('no_left_turn', fromWest, via, toNorth);
  else if (chance < NO_U_TURN_SHARE) write('no_u_turn', fromSouth, via, fromSouth);
  else if (chance < ONLY_STRAIGHT_SHARE) write('only_straight_on', fromWest, via, toEast);
}
