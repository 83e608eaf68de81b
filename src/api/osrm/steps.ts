// A leg as steps: where each begins, what is told there, and the junctions passed until the next.

import {METRES_PER_E7, RADIANS_PER_E7, wrapE7} from '../../../native-graph/geometry.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import {bearingOut, type Modifier, modifierOf, turnDeg, wholeDegrees} from './junction.ts';
import type {Leg} from './legs.ts';
import type {Line} from './line.ts';
import {type ManeuverType, nameOf, type Passage, passageBetween, tell} from './passage.ts';
import type {Rings} from './ring.ts';

export type Maneuver = {
  readonly type: ManeuverType;
  readonly modifier: Modifier | undefined;
  readonly bearingBefore: number;
  readonly bearingAfter: number;
  readonly exit?: number;
};

/** A junction on the way. Where a leg begins and ends there is none, only the road. */
type Crossing = {
  /** In the line. */
  readonly point: number;
  readonly passage: Passage | undefined;
  /** The run that is driven next; at the end of the leg, the last. */
  readonly run: number;
};

export type Step = {
  maneuver: Maneuver;
  /** A name of the graph. */
  name: number;
  /** Of the leg, the first that belongs to this step; the number of runs for the step that arrives. */
  readonly firstRun: number;
  readonly point: number;
  readonly crossings: Crossing[];
};

/** What was asked for, before it was put on a road. */
export type Asked = {readonly lonE7: number; readonly latE7: number};

/** A run shorter than this at an end of the leg is a position on a junction, not a road to tell of. */
const TRIMMED_M = 1;
/** Turns nearer to each other than this are one: across the lanes of a divided road. */
const ONE_TURN_M = 20;
const JOINED: ReadonlySet<ManeuverType> = new Set(['turn', 'continue', 'new name', 'end of road']);
/** So far off the road, a place lies on one side of it. */
const BESIDE_M = {least: 5, most: 300} as const;
const AHEAD_DEG = 45;

/** Two or more: the first departs, the last arrives. */
export function stepsOf(g: RoadGraph, leg: Leg, line: Line, rings: Rings, from: Asked, to: Asked): Step[] {
  const {runs} = leg;
  const last = runs.length - 1;
  const first = last > 0 && metresBetween(line, 0, line.runEnd[0]) < TRIMMED_M ? 1 : 0;
  const isTrimmed = last > first && metresBetween(line, line.runEnd[last - 1], line.runEnd[last]) < TRIMMED_M;
  const end = isTrimmed ? last - 1 : last;
  const steps = [departure(g, leg, line, first, from)];
  const trip: Trip = {steps, exits: 0, entry: undefined};
  for (let run = first; run < end; run++) {
    const passage = passageBetween(g, runs[run], runs[run + 1]);
    const [wasOnRing, isOnRing] = [rings.has(runs[run].segment), rings.has(runs[run + 1].segment)];
    const told = wasOnRing || isOnRing ? tellRing(trip, passage, wasOnRing, isOnRing) : tellRoad(g, trip, passage);
    const crossing = {point: line.runEnd[run], passage, run: run + 1};
    if (told === undefined) {
      steps[steps.length - 1].crossings.push(crossing);
      continue;
    }
    const name = nameOf(g, runs[run + 1].segment);
    const step = {maneuver: told, name, firstRun: run + 1, point: crossing.point, crossings: [crossing]};
    if (told.type === 'exit roundabout' && trip.entry) {
      trip.entry.maneuver = {...trip.entry.maneuver, exit: trip.exits};
      trip.entry.name = name;
    }
    if (told.type === 'exit roundabout' || told.type === 'roundabout') {
      trip.entry = told.type === 'roundabout' ? step : undefined;
      trip.exits = 0;
    }
    steps.push(step);
    joinTurns(trip, line);
  }
  steps.push(arrival(g, leg, line, end, to));
  return steps;
}

type Trip = {
  readonly steps: Step[];
  /** Of the ring one is on, those passed since it was entered, and the step that entered it. */
  exits: number;
  entry: Step | undefined;
};

function tellRoad(g: RoadGraph, {steps}: Trip, passage: Passage): Maneuver | undefined {
  const told = tell(g, passage, steps[steps.length - 1].name);
  return told && {...told, bearingBefore: passage.bearingBefore, bearingAfter: passage.bearingAfter};
}

function tellRing(trip: Trip, passage: Passage, wasOn: boolean, isOn: boolean): Maneuver | undefined {
  const {arms, out, bearingBefore, bearingAfter} = passage;
  const modifier = modifierOf(turnDeg(bearingBefore, bearingAfter));
  if (!wasOn) return {type: 'roundabout', modifier, bearingBefore, bearingAfter};
  if (isOn) {
    if (arms.some(({canEnter}, i) => canEnter && i !== out)) trip.exits++;
    return undefined;
  }
  trip.exits++;
  return {type: 'exit roundabout', modifier, bearingBefore, bearingAfter, exit: trip.exits};
}

/** Makes one of the last two turns, or none, where nothing but the width of a road lies between them. */
function joinTurns({steps}: Trip, line: Line): void {
  const [before, first, second] = steps.slice(-3);
  if (second === undefined || !JOINED.has(first.maneuver.type) || !JOINED.has(second.maneuver.type)) return;
  if (metresBetween(line, first.point, second.point) > ONE_TURN_M) return;
  if (first.name !== 0 && first.name !== before.name && first.name !== second.name) return;
  const {bearingBefore} = first.maneuver;
  const {bearingAfter} = second.maneuver;
  const modifier = modifierOf(turnDeg(bearingBefore, bearingAfter));
  const isSameName = second.name !== 0 && second.name === before.name;
  const goesOn = modifier === 'straight' || modifier.startsWith('slight');
  steps.length -= 2;
  if (isSameName && goesOn) {
    before.crossings.push(...first.crossings, ...second.crossings);
    return;
  }
  const type = isSameName ? 'continue' : goesOn && second.name !== 0 ? 'new name' : 'turn';
  const crossings = [...first.crossings, ...second.crossings];
  steps.push({...first, maneuver: {type, modifier, bearingBefore, bearingAfter}, name: second.name, crossings});
}

function departure(g: RoadGraph, leg: Leg, line: Line, run: number, from: Asked): Step {
  const {segment} = leg.runs[run];
  const bearingAfter = headingAt(line, 0, 1) ?? bearingOut(g, g.drawn[segment]);
  const beside = besideRoad(leg.start, from);
  const modifier = beside === undefined ? undefined : sideOf(turnDeg((beside + 180) % 360, bearingAfter));
  const maneuver = {type: 'depart', modifier, bearingBefore: 0, bearingAfter} as const;
  return {maneuver, name: nameOf(g, segment), firstRun: 0, point: 0, crossings: [{point: 0, passage: undefined, run}]};
}

function arrival(g: RoadGraph, leg: Leg, line: Line, run: number, to: Asked): Step {
  const {segment} = leg.runs[run];
  const point = line.lonE6.length - 1;
  const back = headingAt(line, point, -1) ?? bearingOut(g, g.drawn[segment] ^ 1);
  const bearingBefore = (back + 180) % 360;
  const beside = besideRoad(leg.end, to);
  const modifier = beside === undefined ? undefined : sideOf(turnDeg(bearingBefore, beside));
  const maneuver = {type: 'arrive', modifier, bearingBefore, bearingAfter: 0} as const;
  const crossings = [{point, passage: undefined, run}];
  return {maneuver, name: nameOf(g, segment), firstRun: leg.runs.length, point, crossings};
}

const sideOf = (deg: number): Modifier => (Math.abs(deg) < AHEAD_DEG ? 'straight' : deg > 0 ? 'right' : 'left');

/** The direction from the place on the road to the one that was asked for; undefined where they are as good as one. */
function besideRoad(at: Asked, asked: Asked): number | undefined {
  const [north, east] = offsetM(at.latE7, at.lonE7, asked.latE7, asked.lonE7);
  const metres = Math.hypot(north, east);
  if (metres < BESIDE_M.least || metres > BESIDE_M.most) return undefined;
  return wholeDegrees((Math.atan2(east, north) * 180) / Math.PI);
}

/** Where the line leads from a point, forward (1) or back (-1), seen over a metre; undefined where it leads nowhere. */
function headingAt({lonE6, latE6}: Line, point: number, step: 1 | -1): number | undefined {
  for (let i = point + step; i >= 0 && i < lonE6.length; i += step) {
    const [north, east] = offsetM(latE6[point] * 10, lonE6[point] * 10, latE6[i] * 10, lonE6[i] * 10);
    if (Math.hypot(north, east) >= TRIMMED_M) return wholeDegrees((Math.atan2(east, north) * 180) / Math.PI);
  }
  return undefined;
}

/** Metres to the north and to the east. */
function offsetM(latA: number, lonA: number, latB: number, lonB: number): [number, number] {
  const shrink = Math.cos(latA * RADIANS_PER_E7);
  return [(latB - latA) * METRES_PER_E7, wrapE7(lonB - lonA) * shrink * METRES_PER_E7];
}

function metresBetween({metres}: Line, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += metres[i];
  return sum;
}
