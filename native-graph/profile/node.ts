// What the car profile makes of a node on a road: whether a car is stopped there.

import type {Tags} from '../osm/elements.ts';
import {CAR} from './car.ts';
import {includes, isForbidden} from './way.ts';

/** What is said of access counts before the kind of barrier. */
export function blocksCars(tags: Tags): boolean {
  for (const key of CAR.accessKeys) {
    const value = tags.get(key);
    if (value !== undefined) return isForbidden(value) && !includes(CAR.openAtNode, value);
  }
  const barrier = tags.get('barrier');
  if (barrier === undefined || includes(CAR.passableBarriers, barrier)) return false;
  return !includes(CAR.passableBollards, tags.get('bollard'));
}
