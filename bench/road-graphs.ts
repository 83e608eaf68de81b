// The graphs that routing benches run on: in full size Porto and New York, where their data lies beside the checkout,
// and always Gothenburg; and seeded places on them.

import {assemble} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import {importDimacs} from '../native-graph/dimacs/import.ts';
import type {RoadGraph} from '../native-graph/layout.ts';
import {type Position, type Positions, positionsOf} from '../native-graph/position.ts';
import {randomStream} from '../src/domain/random.ts';
import {sharedFile} from '../test/support/shared.ts';
import {cityRoads} from './city.ts';
import type {Size} from './harness.ts';

export const SEED = 1;

export type NamedGraph = {readonly name: string; readonly graph: RoadGraph};

/** Smallest first. A suite that would take long on all of them takes the last. */
export async function roadGraphs(size: Size): Promise<NamedGraph[]> {
  const graphs: NamedGraph[] = [{name: 'Gothenburg', graph: await cityRoads()}];
  if (size === 'smoke') return graphs;
  const porto = sharedFile('data/osm/porto.osm.pbf');
  if (porto) graphs.push({name: 'Porto', graph: assemble(await importNetwork(porto)).graph});
  const [arcs, places] = ['USA-road-t.NY.gr.gz', 'USA-road-d.NY.co.gz'].map((name) =>
    sharedFile(`data/dimacs/${name}`),
  );
  if (arcs && places) graphs.push({name: 'New York', graph: assemble(await importDimacs(arcs, places)).graph});
  return graphs;
}

/** Places anywhere along the roads, on every direction that a road has. */
export function placesOn(g: RoadGraph, name: string, count: number): Positions {
  const random = randomStream(SEED, name);
  return positionsOf(
    Array.from({length: count}, (): Position => {
      const edge = Math.floor(random() * g.edgeCount);
      // NONE reads as -1.
      const [forward, backward] = [g.edgeForward[edge] | 0, g.edgeBackward[edge] | 0];
      return {forward, backward, fraction: random(), latE7: 0, lonE7: 0, distanceM: 0};
    }),
  );
}
