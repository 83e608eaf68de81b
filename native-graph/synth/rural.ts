// Highways between cities: a motorway of two carriageways where it joins two cities' motorways, else a two-way road
// with county roads that lead off it and end at a farm.

import {gateColumn, gateRow, nodeId, SLOT} from './city-plan.ts';
import type {ObjectWriter, TagList} from './object-writer.ts';
import {
  FARM_POINTS,
  type Highway,
  latE7,
  lonE7,
  metresLatE7,
  metresLonE7,
  POINTS_PER_FARM,
  RURAL_POINT_M,
} from './world.ts';

const NODES_PER_POINT = 2 + FARM_POINTS;
const WAYS_PER_POINT = 3;
/** How far a highway may swing from the straight line, as a share of its length; carriageways lie this far apart. */
const SWING = 0.06;
const MEDIAN_M = 40;

const isMotorway = ({from, to, towards}: Highway): boolean =>
  towards === 'east' && from.motorwayRow >= 0 && to.motorwayRow >= 0;

const isFarmTurn = (highway: Highway, point: number): boolean =>
  !isMotorway(highway) && point > 0 && point % POINTS_PER_FARM === 0;

/** A point `side` metres to the left of where the highway runs; a parabola, exact on every machine. */
function pointAt(highway: Highway, point: number, side: number): [latE7: number, lonE7: number] {
  const {from, to, towards, points, chance} = highway;
  const t = (point + 1) / (points + 1);
  const swingM = (chance(0, 0, 0) - 0.5) * 2 * SWING * points * RURAL_POINT_M * 4 * t * (1 - t);
  const offM = swingM + side;
  const isEast = towards === 'east';
  const start = isEast
    ? [latE7(from, rowOf(highway, 'from')), lonE7(from, from.columns - 1)]
    : [latE7(from, from.rows - 1), lonE7(from, gateColumn(from))];
  const end = isEast ? [latE7(to, rowOf(highway, 'to')), lonE7(to, 0)] : [latE7(to, 0), lonE7(to, gateColumn(to))];
  const along = (i: number): number => start[i] + (end[i] - start[i]) * t;
  return [
    Math.round(along(0) + (isEast ? metresLatE7(offM) : 0)),
    Math.round(along(1) + (isEast ? 0 : metresLonE7(offM))),
  ];
}

const rowOf = (highway: Highway, end: 'from' | 'to'): number =>
  isMotorway(highway) ? highway[end].motorwayRow + 0.5 : gateRow(highway[end]);

export function writeRuralNodes(highway: Highway, out: ObjectWriter): void {
  const motorway = isMotorway(highway);
  for (let point = 0; point < highway.points; point++) {
    const id = highway.firstNode + point * NODES_PER_POINT;
    out.node(id, ...pointAt(highway, point, motorway ? -MEDIAN_M / 2 : 0), []);
    if (motorway) out.node(id + 1, ...pointAt(highway, point, MEDIAN_M / 2), []);
    if (!isFarmTurn(highway, point)) continue;
    const side = highway.chance(1, point, 0) < 0.5 ? -1 : 1;
    for (let i = 0; i < FARM_POINTS; i++) {
      out.node(id + 2 + i, ...pointAt(highway, point, side * (i + 1) * RURAL_POINT_M), []);
    }
  }
}

export function writeRuralWays(highway: Highway, out: ObjectWriter): void {
  const {from, to, towards, points, firstNode, firstWay} = highway;
  const node = (point: number, slot: number): number => firstNode + point * NODES_PER_POINT + slot;
  const motorway = isMotorway(highway);
  const name: TagList = [['ref', `${towards === 'east' ? 'US' : 'TX'} ${10 + from.index}`]];
  const tags: TagList = motorway
    ? [['highway', 'motorway'], ...name, ['oneway', 'yes'], ['maxspeed', '75 mph']]
    : [['highway', 'trunk'], ...name, ['maxspeed', '70 mph']];
  const [start, end] = gates(highway);
  for (let first = 0; first < points; first += POINTS_PER_FARM) {
    const last = Math.min(first + POINTS_PER_FARM, points);
    const id = firstWay + first * WAYS_PER_POINT;
    const reach = (slot: number, begin: number, finish: number): number[] => {
      const inner = Array.from({length: last - first}, (_, i) => node(first + i, slot));
      return [...(first === 0 ? [begin] : []), ...inner, last < points ? node(last, slot) : finish];
    };
    out.way(id, reach(0, start, end), tags);
    if (motorway) {
      const westStart = nodeId(from, from.motorwayRow, from.columns - 1, SLOT.westbound);
      const westEnd = nodeId(to, to.motorwayRow, 0, SLOT.westbound);
      out.way(id + 1, reach(1, westStart, westEnd).toReversed(), tags);
    }
    if (!isFarmTurn(highway, first)) continue;
    const farm = [node(first, 0), ...Array.from({length: FARM_POINTS}, (_, i) => node(first, 2 + i))];
    out.way(id + 2, farm, [
      ['highway', 'unclassified'],
      ['name', `County Road ${first}`],
      ['maxspeed', '40 mph'],
    ]);
  }
}

/** The cities' nodes that the highway (its eastbound carriageway) starts from and ends at. */
function gates(highway: Highway): [start: number, end: number] {
  const {from, to, towards} = highway;
  if (towards === 'north') {
    return [nodeId(from, from.rows - 1, gateColumn(from), SLOT.crossing), nodeId(to, 0, gateColumn(to), SLOT.crossing)];
  }
  const slot = isMotorway(highway) ? SLOT.eastbound : SLOT.crossing;
  const row = (end: 'from' | 'to'): number => (isMotorway(highway) ? highway[end].motorwayRow : gateRow(highway[end]));
  return [nodeId(from, row('from'), from.columns - 1, slot), nodeId(to, row('to'), 0, slot)];
}
