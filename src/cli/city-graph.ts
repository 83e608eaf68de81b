// The road graph of the demo's city: a graph file as given, or one built from a map file and kept in the data folder, so
// that the next start only opens it.

import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {basename, join} from 'node:path';
import {assemble} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import {openGraph, saveGraph} from '../../native-graph/file.ts';
import {type RoadGraph, VERSION} from '../../native-graph/layout.ts';
import {PROFILE_ID} from '../../native-graph/profile/car.ts';
import {InputFailure} from '../domain/failure.ts';
import type {Terminal} from './terminal.ts';

export type CityGraph = {
  /** A slug made from the file's name: the region's id and the graph's name. */
  readonly name: string;
  readonly path: string;
  readonly graph: RoadGraph;
};

/** All of Gothenburg's OSM ways, as shipped inside a registry package, so that the demo needs no network. */
export function gothenburg(): string {
  return join(createRequire(import.meta.url).resolve('geojson-path-finder/package.json'), '../test/large-network.json');
}

export async function cityGraph(
  given: {readonly osm?: string; readonly graph?: string},
  dataDir: string,
  terminal: Terminal,
): Promise<CityGraph> {
  if (given.graph) {
    return {name: slug(basename(given.graph)), path: given.graph, graph: openGraph(given.graph)};
  }
  const source = given.osm ?? gothenburg();
  const name = given.osm ? slug(basename(given.osm)) : 'gothenburg';
  const path = join(dataDir, 'graphs', `${name}-${fingerprint(source)}.crg`);
  if (existsSync(path)) return {name, path, graph: openGraph(path)};

  mkdirSync(join(dataDir, 'graphs'), {recursive: true});
  const progress = terminal.progress(`Building the graph of ${name}`);
  const network = await importNetwork(source, {onProgress: progress.at});
  const {graph} = assemble(network);
  saveGraph(graph, path);
  progress.end(`${graph.segmentCount} drivable segments, ${graph.arcCount} turns`);
  return {name, path, graph};
}

/** Changes with the file, its size or time, with the profile that reads it, and with the format of graph files. */
function fingerprint(path: string): string {
  const stat = statSync(path, {throwIfNoEntry: false});
  if (!stat?.isFile()) throw new InputFailure('MAP_NOT_FOUND', `${path} is not a file`);
  return createHash('sha256')
    .update(`${stat.size} ${stat.mtimeMs} ${PROFILE_ID} ${VERSION}`)
    .digest('hex')
    .slice(0, 12);
}

/** `porto.osm.pbf` → `porto`: what a region id may hold. */
function slug(fileName: string): string {
  const stem = fileName.toLowerCase().replace(/(\.(osm|pbf|xml|gz|bz2|geojson|json|crg))+$/, '');
  return (
    stem
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 40) || 'city'
  );
}
