// A junction as somebody sees it who arrives there: the arms that leave it, clockwise from north, and which of them may
// be entered.
//
// An arm is named by the directed drawing that leads out along it, 2 * edge + 1 if against, whether or not anybody may
// drive it that way; so a street that only leads here is an arm too. Arms are found through arcs: the segments that can
// be entered from here, those that can enter them, and so on, which all meet in this junction.

import {METRES_PER_E7, RADIANS_PER_E7, wrapE7} from '../../../native-graph/geometry.ts';
import {NONE, type RoadGraph} from '../../../native-graph/layout.ts';

export type Arm = {
  /** 2 * edge, plus 1 where it leaves against the drawing. */
  readonly drawn: number;
  /** Degrees clockwise from north, 0 .. 359, as it leaves the junction. */
  readonly bearing: number;
  /** May a driver who arrived on the given segment go this way. */
  readonly canEnter: boolean;
};

/** The drawing right at a junction is noise: a bearing is taken to the place this far along. */
const LOOK_AHEAD_M = 10;

/** The arms of the junction at the end of `segment`, by bearing; the one it came by is drawn[segment] ^ 1. */
export function armsAfter(g: RoadGraph, segment: number): Arm[] {
  const enterable = new Set<number>();
  for (let arc = g.firstArc[segment]; arc < g.firstArc[segment + 1]; arc++) enterable.add(g.drawn[g.head[arc]]);
  const arms = Array.from(drawingsOut(g, segment), (drawn) => ({
    drawn,
    bearing: bearingOut(g, drawn),
    canEnter: enterable.has(drawn),
  }));
  return arms.sort((a, b) => a.bearing - b.bearing || a.drawn - b.drawn);
}

function drawingsOut(g: RoadGraph, segment: number): Set<number> {
  const out = new Set<number>();
  const seen = new Set([segment]);
  const open = [segment];
  const meet = (other: number): void => {
    if (other === NONE || seen.has(other)) return;
    seen.add(other);
    open.push(other);
  };
  const junction = g.headJunction[segment];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    // A loop both leaves and enters.
    if (g.headJunction[at] === junction) {
      out.add(g.drawn[at] ^ 1);
      for (let arc = g.firstArc[at]; arc < g.firstArc[at + 1]; arc++) meet(g.head[arc]);
    }
    if (g.tailJunction[at] === junction) {
      out.add(g.drawn[at]);
      for (let arc = g.firstArcIn[at]; arc < g.firstArcIn[at + 1]; arc++) meet(g.tail[arc]);
    }
    meet(g.reverse[at]);
  }
  return out;
}

/** Where a directed drawing leads from its first point: whole degrees clockwise from north, 0 .. 359. */
export function bearingOut(g: RoadGraph, drawn: number): number {
  const edge = drawn >>> 1;
  const count = g.firstPoint[edge + 1] - g.firstPoint[edge];
  const pointAt = (i: number): number => ((drawn & 1) === 0 ? g.firstPoint[edge] + i : g.firstPoint[edge + 1] - 1 - i);
  const first = pointAt(0);
  const shrink = Math.cos(g.pointLatE7[first] * RADIANS_PER_E7);
  let [north, east, goneM] = [0, 0, 0];
  for (let i = 1; i < count && goneM < LOOK_AHEAD_M; i++) {
    const p = pointAt(i);
    const stepNorth = (g.pointLatE7[p] - g.pointLatE7[first]) * METRES_PER_E7 - north;
    const stepEast = wrapE7(g.pointLonE7[p] - g.pointLonE7[first]) * shrink * METRES_PER_E7 - east;
    const stepM = Math.hypot(stepNorth, stepEast);
    const share = stepM > 0 ? Math.min(1, (LOOK_AHEAD_M - goneM) / stepM) : 0;
    north += share * stepNorth;
    east += share * stepEast;
    goneM += stepM;
  }
  return wholeDegrees((Math.atan2(east, north) * 180) / Math.PI);
}

/** 0 .. 359. */
export const wholeDegrees = (deg: number): number => (Math.round(deg) + 720) % 360;

/** How far one turns from a heading into another: -179 .. 180, 0 straight on, positive to the right. */
export function turnDeg(headingBefore: number, headingAfter: number): number {
  const deg = (headingAfter - headingBefore + 720) % 360;
  return deg > 180 ? deg - 360 : deg;
}

export type Modifier =
  | 'uturn'
  | 'sharp right'
  | 'right'
  | 'slight right'
  | 'straight'
  | 'slight left'
  | 'left'
  | 'sharp left';

/** OSRM's sectors: within 20 degrees is straight, within 40 slight, beyond 120 sharp. */
export function modifierOf(deg: number): Modifier {
  const off = Math.abs(deg);
  if (off <= 20) return 'straight';
  if (off >= 180) return 'uturn';
  const side = deg > 0 ? 'right' : 'left';
  return off <= 40 ? `slight ${side}` : off <= 120 ? side : `sharp ${side}`;
}
