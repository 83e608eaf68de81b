// Small random maps: few nodes and many ways, so that everything that can happen to a road happens.

import fc from 'fast-check';
import {node, type ObjectData, way} from './map-data.ts';

const highway = fc.constantFrom('motorway', 'primary', 'residential', 'service', 'footway', 'track');
const oneway = fc.constantFrom('yes', 'no', '-1', 'reversible', 'alternating');
const street = fc.record({highway, oneway, name: fc.constantFrom('', 'A', 'B & C')}, {requiredKeys: ['highway']});

/** Nodes 1 to 12 at different places, some with bollards, and ways through them and through absent ones. */
export const randomMaps = fc
  .record({
    places: fc.uniqueArray(fc.integer({min: 0, max: 999}), {minLength: 12, maxLength: 12}),
    bollards: fc.array(fc.integer({min: 1, max: 12}), {maxLength: 3}),
    ways: fc.uniqueArray(fc.tuple(fc.integer({min: -9, max: 99}), fc.array(fc.integer({min: 1, max: 14})), street), {
      selector: ([id]) => id,
      minLength: 1,
      maxLength: 12,
    }),
  })
  .map(({places, bollards, ways}): ObjectData[] => [
    ...places.map((place, i) =>
      node(
        i + 1,
        1_000 * Math.floor(place / 30),
        1_000 * (place % 30),
        bollards.includes(i + 1) ? {barrier: 'bollard'} : {},
      ),
    ),
    ...ways.map(([id, refs, tags]) => way(id, refs, tags)),
  ]);
