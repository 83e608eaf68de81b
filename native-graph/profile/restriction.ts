// What the car profile makes of a restriction relation. OpenStreetMap wiki, "Relation:restriction".

import type {Tags} from '../osm/elements.ts';
import {CAR} from './car.ts';
import {includes} from './way.ts';

/** `sense` tells where the turn leads: of several that fit the members, it chooses. */
export type Sense = 'left' | 'right' | 'straight' | 'back' | 'any';
export type Rule = {readonly only: boolean; readonly sense: Sense};

/** From the most to the least specific; the first that is set decides. */
const KEYS = ['restriction:motorcar', 'restriction:motor_vehicle', 'restriction:vehicle', 'restriction'];

const RULE = /^(no|only)_(?:(left|right|straight|u)(?:_turn|_on)|entry|exit)$/;

/**
 * Undefined for what is no turn restriction on cars. 'conditional': it holds at certain times or for certain loads
 * only. 'malformed': its kind is not known.
 */
export function turnRule(tags: Tags): Rule | 'conditional' | 'malformed' | undefined {
  if (tags.get('type') !== 'restriction') return undefined;
  const kind = KEYS.map((key) => tags.get(key)).find((value) => value !== undefined);
  if (kind === undefined) {
    return KEYS.some((key) => tags.get(`${key}:conditional`) !== undefined) ? 'conditional' : undefined;
  }
  const exempt = tags.get('except')?.split(';') ?? [];
  if (exempt.some((mode) => includes(CAR.accessKeys, mode.trim()))) return undefined;
  // The old way to say when a restriction holds, before `:conditional`.
  if (['day_on', 'day_off', 'hour_on', 'hour_off'].some((key) => tags.get(key) !== undefined)) return 'conditional';
  const rule = RULE.exec(kind);
  if (rule === null) return 'malformed';
  const sense = rule[2] === 'u' ? 'back' : ((rule[2] ?? 'any') as Sense);
  return {only: rule[1] === 'only', sense};
}
