// What turning costs a car, as one table and the one formula over it.
//
// Sources. [OSRM]: process_turn in profiles/car.lua, and profiles/lib/obstacles.lua, of osrm-backend v6.0.0; its
// sigmoid was fitted to samples from real driving. [wiki]: the OpenStreetMap wiki page of the tag. [own]: our choice,
// reasoned.

import type {Tags} from '../osm/elements.ts';

/** What a driver meets on a node. A directed edge stores the index of what stands at its end in a byte. */
export const CONTROLS = ['none', 'traffic_signals', 'stop', 'stop_minor', 'give_way'] as const;
export type Control = (typeof CONTROLS)[number];

export const TURNS = {
  /** Seconds that a turn costs at most, and how much dearer one across the oncoming lane is. [OSRM] */
  turnS: 7.5,
  bias: 1.075,
  /** The sigmoid's slope per 180 degrees; its half is the shift that puts the middle near 90 degrees. [OSRM] */
  slope: 13,
  /** On top of a turn by 180 degrees. [OSRM] u_turn_penalty. */
  backS: 20,
  /** [OSRM]; its stop_minor holds for whoever enters from a slower road than another that meets there. */
  controlS: {none: 0, traffic_signals: 2, stop: 2, stop_minor: 2, give_way: 1} satisfies Record<Control, number>,
  /**
   * Where nothing is mapped, entering or crossing a larger road that runs through is giving way. [own], as give_way.
   */
  largerRoadS: 1,
  /** The classes that others give way to without a sign being mapped. [own] */
  largerRoads: ['trunk', 'primary', 'secondary', 'tertiary'],
} as const;

/** Seconds for a turn by an angle: 0 straight on, positive to the right. */
export function angleS(angleDeg: number, drivingSide: 'right' | 'left'): number {
  const bias = drivingSide === 'right' ? TURNS.bias : 1 / TURNS.bias;
  const half = TURNS.slope / 2;
  const towards = angleDeg >= 0 ? bias : 1 / bias;
  return TURNS.turnS / (1 + Math.exp(-(((TURNS.slope / towards) * Math.abs(angleDeg)) / 180 - half * towards)));
}

/**
 * The direction that a sign faces, in the order of the nodes of its way; a byte holds 8 * it + the index in CONTROLS.
 */
const DIRECTIONS = ['both', 'forward', 'backward'] as const;
type Direction = (typeof DIRECTIONS)[number];

/** What stands on a node, as a byte. */
export function controlOf(tags: Tags): number {
  const highway = tags.get('highway');
  if (highway === undefined) return 0;
  const isMinor = highway === 'stop' && tags.get('stop') === 'minor';
  const control = (CONTROLS as readonly string[]).indexOf(isMinor ? 'stop_minor' : highway);
  if (control <= 0) return 0;
  const faces = tags.get(`${highway}:direction`) ?? tags.get('direction');
  return control + 8 * Math.max(0, (DIRECTIONS as readonly string[]).indexOf(faces ?? 'both'));
}

/** The control in a node's byte for those who come along its way, or against it; an index into CONTROLS. */
export function controlTowards(byte: number, along: boolean): number {
  const faces: Direction = DIRECTIONS[byte >> 3];
  return faces === 'both' || (faces === 'forward') === along ? byte & 7 : 0;
}

export const isDirected = (byte: number): boolean => byte >> 3 > 0;
