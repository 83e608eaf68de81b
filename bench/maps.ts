// The maps that routing benches run on: Gothenburg, which ships in a package, and where the folder of data is there,
// Porto with its turns and the New York of the DIMACS challenge. The smoke size has Gothenburg alone.

import {existsSync} from 'node:fs';
import {assemble} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import {importDimacs} from '../native-graph/dimacs/import.ts';
import type {RoadGraph} from '../native-graph/layout.ts';
import {type Positions, positionsOf} from '../native-graph/position.ts';
import {createSnapper, snap} from '../native-graph/snap.ts';
import {randomStream} from '../src/domain/random.ts';
import {cityRoads} from './city.ts';
import type {Size} from './harness.ts';

export const SEED = 1;

export type RoadMap = {readonly name: string; readonly graph: RoadGraph};

let read: Promise<RoadMap[]> | undefined;

/** The same maps for all suites of a run. `data` is the folder that the data's own README describes. */
export const roadMaps = (size: Size, data: string): Promise<RoadMap[]> => (read ??= readMaps(size, data));

async function readMaps(size: Size, data: string): Promise<RoadMap[]> {
  if (size === 'smoke') return [{name: 'Gothenburg', graph: await cityRoads()}];
  const porto = `${data}/osm/porto.osm.pbf`;
  const [arcs, coordinates] = [`${data}/dimacs/USA-road-t.NY.gr.gz`, `${data}/dimacs/USA-road-d.NY.co.gz`];
  const files = [porto, arcs, coordinates];
  if (!files.every(existsSync)) {
    process.stderr.write(`bench: Porto and New York are not in ${data}: Gothenburg instead\n`);
    return [{name: 'Gothenburg', graph: await cityRoads()}];
  }
  return [
    {name: 'Porto', graph: assemble(await importNetwork(porto)).graph},
    {name: 'New York', graph: assemble(await importDimacs(arcs, coordinates)).graph},
  ];
}

/** Places on roads, as if `count` points of the drawing had been snapped. */
export function roadPlaces(graph: RoadGraph, name: string, count: number): Positions {
  const random = randomStream(SEED, name);
  const snapper = createSnapper(graph);
  const places = Array.from({length: count}, () => {
    const point = Math.floor(random() * graph.pointCount);
    return snap(snapper, graph.pointLatE7[point], graph.pointLonE7[point], Infinity, 'unrestricted');
  });
  return positionsOf(places);
}
