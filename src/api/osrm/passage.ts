// Passing a junction on the way, and whether a driver has to be told of it.
//
// Nothing is told where the way is obvious: it goes on fairly straight and no other road of its kind leads nearly as
// straight, or it keeps its name and does not turn. What is told carries OSRM's type and modifier.

import type {RoadGraph} from '../../../native-graph/layout.ts';
import {ROAD_CLASSES, type RoadClass} from '../../../native-graph/profile/car.ts';
import {type Arm, armsAfter, bearingOut, type Modifier, modifierOf, turnDeg} from './junction.ts';
import type {Run} from './legs.ts';

export type Passage = {
  readonly arms: readonly Arm[];
  /** The arm one comes by and the arm one leaves by. */
  readonly in: number;
  readonly out: number;
  /** Headings in degrees clockwise from north. */
  readonly bearingBefore: number;
  readonly bearingAfter: number;
};

export type ManeuverType =
  | 'turn'
  | 'new name'
  | 'continue'
  | 'merge'
  | 'on ramp'
  | 'off ramp'
  | 'fork'
  | 'end of road'
  | 'notification'
  | 'roundabout'
  | 'exit roundabout'
  | 'depart'
  | 'arrive';

export type Told = {readonly type: ManeuverType; readonly modifier: Modifier};

/** Up to here a road goes straight on as far as a driver cares. */
const STRAIGHT_DEG = 40;
/** A road that turns so much less than another is the obvious one. */
const CLEARLY_DEG = 30;
/** Two roads within this of straight on make a fork. */
const FORK_DEG = 45;

const classSet = (...classes: RoadClass[]): ReadonlySet<RoadClass> => new Set(classes);
const HIGHWAYS = classSet('motorway', 'trunk');
const RAMPS = classSet('motorway_link', 'trunk_link');
const MINOR = classSet('service', 'living_street', 'track', 'pedestrian');

export const classOf = (g: RoadGraph, drawn: number): RoadClass => ROAD_CLASSES[g.edgeClass[drawn >>> 1]];
export const nameOf = (g: RoadGraph, segment: number): number => g.edgeName[g.drawn[segment] >>> 1];

/** From one run of a leg to the next. */
export function passageBetween(g: RoadGraph, before: Run, after: Run): Passage {
  const [from, to] = [g.drawn[before.segment], g.drawn[after.segment]];
  const arms = before.to < 1 ? armsMidway(g, from) : armsAfter(g, before.segment);
  const [into, out] = [arms.findIndex(({drawn}) => drawn === (from ^ 1)), arms.findIndex(({drawn}) => drawn === to)];
  return {
    arms,
    in: into,
    out,
    bearingBefore: (arms[into].bearing + 180) % 360,
    bearingAfter: arms[out].bearing,
  };
}

/** Where a driver turns back at a place in the middle of a street. */
function armsMidway(g: RoadGraph, drawn: number): Arm[] {
  const ahead = bearingOut(g, drawn);
  return [
    {drawn, bearing: ahead, canEnter: true},
    {drawn: drawn ^ 1, bearing: (ahead + 180) % 360, canEnter: true},
  ].sort((a, b) => a.bearing - b.bearing);
}

type Way = {readonly drawn: number; readonly deg: number};

/** What a driver who is on the road `name` has to be told, if anything. Rings are none of its business. */
export function tell(g: RoadGraph, passage: Passage, name: number): Told | undefined {
  const {arms, bearingBefore, bearingAfter} = passage;
  const [back, to] = [arms[passage.in].drawn, arms[passage.out].drawn];
  const [classBefore, classAfter] = [classOf(g, back), classOf(g, to)];
  const nameAfter = g.edgeName[to >>> 1];
  const isSameName = nameAfter !== 0 && nameAfter === name;
  if (to === back) return {type: isSameName ? 'continue' : 'turn', modifier: 'uturn'};
  const deg = turnDeg(bearingBefore, bearingAfter);
  const modifier = modifierOf(deg === 180 ? 179 : deg);
  if ((classBefore === 'ferry') !== (classAfter === 'ferry')) return {type: 'notification', modifier};
  const others = arms
    .filter((arm) => arm.canEnter && arm.drawn !== to && arm.drawn !== back)
    .map(({drawn, bearing}): Way => ({drawn, deg: turnDeg(bearingBefore, bearing)}));
  const ramp = tellRamp(classBefore, classAfter, passage, deg, others);
  if (ramp) return ramp;
  const isStraight = Math.abs(deg) <= STRAIGHT_DEG;
  const newName: Told | undefined = isSameName || nameAfter === 0 ? undefined : {type: 'new name', modifier};
  if (arms.length === 2) return newName;
  if (others.length === 0 && isStraight) return newName;
  // A driveway is no rival of a street.
  const rivals = others.filter(({drawn}) => MINOR.has(classAfter) || !MINOR.has(classOf(g, drawn)));
  if (isSameName) {
    const isTempted = rivals.some((way) => !isStraight || g.edgeName[way.drawn >>> 1] === name);
    const strays = !isStraight || rivals.some((way) => isStraighter(way, deg) && g.edgeName[way.drawn >>> 1] === name);
    return isTempted && strays ? {type: 'continue', modifier} : undefined;
  }
  if (isStraight && rivals.every((way) => Math.abs(way.deg) >= Math.abs(deg) + CLEARLY_DEG)) return newName;
  const goesOn = rivals.some(({drawn}) => name !== 0 && g.edgeName[drawn >>> 1] === name);
  const tines = rivals.filter((way) => Math.abs(way.deg) <= FORK_DEG);
  if (Math.abs(deg) <= FORK_DEG && tines.length > 0 && !goesOn) return {type: 'fork', modifier: sideOf(deg, tines)};
  return {type: isEndOfRoad(passage, deg) ? 'end of road' : 'turn', modifier};
}

const isStraighter = (way: Way, deg: number): boolean => Math.abs(way.deg) < Math.abs(deg);

function tellRamp(
  before: RoadClass,
  after: RoadClass,
  passage: Passage,
  deg: number,
  others: readonly Way[],
): Told | undefined {
  const modifier = modifierOf(deg);
  if (RAMPS.has(before) && HIGHWAYS.has(after)) {
    return {type: 'merge', modifier: modifier === 'straight' ? mergingSide(passage) : modifier};
  }
  if (RAMPS.has(before) || !RAMPS.has(after) || others.length === 0) return undefined;
  // Ramps part from a road at a narrow angle.
  const side = modifier === 'straight' ? sideOf(deg, others) : modifier;
  return {type: HIGHWAYS.has(before) ? 'off ramp' : 'on ramp', modifier: side};
}

/** A driver merges away from where no other road comes in. */
function mergingSide({arms, in: into, out, bearingBefore}: Passage): Modifier {
  const traffic = arms.find(({canEnter}, i) => !canEnter && i !== into && i !== out);
  if (traffic === undefined) return 'straight';
  return turnDeg(bearingBefore, (traffic.bearing + 180) % 360) > 0 ? 'slight left' : 'slight right';
}

function sideOf(deg: number, tines: readonly Way[]): Modifier {
  if (tines.every((tine) => tine.deg > deg)) return 'slight left';
  return tines.every((tine) => tine.deg < deg) ? 'slight right' : 'straight';
}

/** Three arms, none of which goes straight on. */
function isEndOfRoad({arms, in: into, bearingBefore}: Passage, deg: number): boolean {
  const ahead = arms.filter((_, i) => i !== into).map(({bearing}) => turnDeg(bearingBefore, bearing));
  return arms.length === 3 && Math.abs(deg) > STRAIGHT_DEG && ahead.every((each) => Math.abs(each) > STRAIGHT_DEG);
}
