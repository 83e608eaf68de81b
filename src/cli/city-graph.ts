// The road graph of the demo's city: a graph file as given, or one built from a map file and kept in the data folder,
// so that the next start only opens it.

import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {basename, join} from 'node:path';
import {openGraph, saveGraph} from '../../native-graph/file.ts';
import {type RoadGraph, VERSION} from '../../native-graph/layout.ts';
import {PROFILE_ID} from '../../native-graph/profile/car.ts';
import {InputFailure} from '../domain/failure.ts';
import {buildGraph} from './building.ts';
import type {Terminal} from './terminal.ts';

export type CitySource = {
  /** A slug made from the file's name: the region's id. */
  readonly region: string;
  /** The slug and a fingerprint of the file: the graph's name, so that no other file passes for it. */
  readonly name: string;
  readonly file: string;
  readonly isGraph: boolean;
};

export type CityGraph = CitySource & {readonly path: string; readonly graph: RoadGraph};

/** All of Gothenburg's OSM ways, as shipped inside a registry package, so that the demo needs no network. */
export function gothenburg(): string {
  return join(createRequire(import.meta.url).resolve('geojson-path-finder/package.json'), '../test/large-network.json');
}

/** Finds the city without reading it. InputFailure: MAP_NOT_FOUND. */
export function citySource(given: {readonly osm?: string; readonly graph?: string}): CitySource {
  const file = given.graph ?? given.osm ?? gothenburg();
  const region = file === gothenburg() ? 'gothenburg' : slug(basename(file));
  return {region, name: `${region}-${fingerprint(file)}`, file, isGraph: given.graph !== undefined};
}

export async function cityGraph(city: CitySource, dataDir: string, terminal: Terminal): Promise<CityGraph> {
  if (city.isGraph) return {...city, path: city.file, graph: openGraph(city.file)};
  const path = join(dataDir, 'graphs', `${city.name}.crg`);
  if (existsSync(path)) return {...city, path, graph: openGraph(path)};

  mkdirSync(join(dataDir, 'graphs'), {recursive: true});
  terminal.line(`Building the road graph of ${city.region}`);
  const {graph} = await buildGraph(city.file, terminal);
  saveGraph(graph, path);
  terminal.line(`${graph.segmentCount} drivable segments, ${graph.arcCount} turns`);
  return {...city, path, graph};
}

/** Changes with the file's size or time, with the profile that reads it, and with the format of graph files. */
function fingerprint(path: string): string {
  const stat = statSync(path, {throwIfNoEntry: false});
  if (!stat?.isFile()) throw new InputFailure('MAP_NOT_FOUND', `${path} is not a file`);
  return createHash('sha256').update(`${stat.size} ${stat.mtimeMs} ${PROFILE_ID} ${VERSION}`).digest('hex').slice(0, 8);
}

/** With its fingerprint a slug still fits a region id's 40 characters. */
const SLUG_LIMIT = 31;

/** `porto.osm.pbf` → `porto`: what a region id may hold. */
function slug(fileName: string): string {
  const stem = fileName.toLowerCase().replace(/(\.(osm|pbf|xml|gz|bz2|geojson|json|crg))+$/, '');
  return (
    stem
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, SLUG_LIMIT)
      .replace(/-+$/, '') || 'city'
  );
}
