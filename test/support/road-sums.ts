// What a road network holds, in the sums that another program can make of the same file.

import type {RoadNetwork} from '../../native-graph/build/network.ts';
import {openMap} from '../../native-graph/osm/map.ts';
import {ROAD_CLASSES} from '../../native-graph/profile/car.ts';

/** Columns of docs/FIXTURES.md, and the classes that each takes together, links included. */
export const GROUPS = {
  'motorway, trunk': ['motorway', 'trunk'],
  primary: ['primary'],
  secondary: ['secondary'],
  tertiary: ['tertiary'],
  local: ['unclassified', 'residential', 'living_street'],
  service: ['service'],
} as const;

export type RoadSums = {
  readonly km: Readonly<Record<keyof typeof GROUPS, number>>;
  /** Share of that length that may be driven one way only. */
  readonly onewayShare: number;
};

export function roadSums(network: RoadNetwork): RoadSums {
  const km = {'motorway, trunk': 0, primary: 0, secondary: 0, tertiary: 0, local: 0, service: 0};
  let onewayKm = 0;
  for (let edge = 0; edge < network.edgeTail.length; edge++) {
    const roadClass = ROAD_CLASSES[network.edgeClass[edge]].replace('_link', '');
    const group = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).find((name) =>
      (GROUPS[name] as readonly string[]).includes(roadClass),
    );
    if (group === undefined) continue;
    const edgeKm = network.edgeLengthCm[edge] / 100_000;
    km[group] += edgeKm;
    if (network.edgeForwardMs[edge] === 0 || network.edgeBackwardMs[edge] === 0) onewayKm += edgeKm;
  }
  const allKm = Object.values(km).reduce((sum, groupKm) => sum + groupKm, 0);
  return {km, onewayShare: allKm > 0 ? onewayKm / allKm : 0};
}

/** Relations with type=restriction in the file. */
export async function countRestrictions(path: string): Promise<number> {
  let count = 0;
  const relation = (_id: number, _members: unknown, tags: {get(key: string): string | undefined}): void => {
    if (tags.get('type') === 'restriction') count++;
  };
  await (await openMap(path)).read({relation});
  return count;
}
