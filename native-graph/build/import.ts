// A map file becomes a road network, in two passes over the file: the first gathers the roads and the ids of their
// nodes, the second the coordinates of those nodes. Memory is in proportion to the roads, not to the file.

import {InputFailure} from '../failure.ts';
import {type MapSource, openMap} from '../osm/map.ts';
import {createNodeTable, NodePlacer} from '../osm/node-table.ts';
import {readSourceState} from '../osm/source-state.ts';
import {PROFILE_ID} from '../profile/car.ts';
import {blocksCars} from '../profile/node.ts';
import {compress} from './compress.ts';
import type {RoadNetwork} from './network.ts';
import {RoadCollector} from './roads.ts';

/** ODbL 1.0, section 4.3, as OpenStreetMap asks for it on openstreetmap.org/copyright. */
const OSM_ATTRIBUTION = '© OpenStreetMap contributors, ODbL 1.0';

export type ImportOptions = {
  /** Hears how many bytes are read, of how many in all; both passes count. Called once per block or chunk. */
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
};

/**
 * Reads OSM PBF, OSM XML or GeoJSON. The same objects give the same network, in whatever order the file holds them.
 * Throws InputFailure when the file is missing, damaged, of another format, or holds no drivable road.
 */
export async function importNetwork(path: string, {onProgress}: ImportOptions = {}): Promise<RoadNetwork> {
  const source = await openMap(path);
  const totalBytes = 2 * source.sizeBytes;
  const collector = new RoadCollector();
  await source.read(collector, (bytes) => onProgress?.(bytes, totalBytes));
  const roads = collector.roads();
  const nodes = createNodeTable(roads.refs);
  const placer = new NodePlacer(nodes, blocksCars);
  await source.read(placer, (bytes) => onProgress?.(source.sizeBytes + bytes, totalBytes));
  if (source.format === 'geojson' && placer.moved > 0) throw clash(source);

  const network = compress(roads, nodes, collector.drops);
  const dropped = Object.fromEntries(Object.entries(collector.drops).sort());
  if (network.edgeTail.length === 0) {
    const counts = `${placer.nodes} nodes, ${collector.ways} ways, dropped: ${JSON.stringify(dropped)}`;
    throw new InputFailure('MAP_WITHOUT_ROADS', `${path}: no road that cars may drive (${counts})`);
  }
  return {
    ...network,
    source: {
      file: path,
      format: source.format,
      state: await readSourceState(path, source.format),
      attribution: OSM_ATTRIBUTION,
      profile: PROFILE_ID,
      nodes: placer.nodes,
      ways: collector.ways,
      drivableWays: roads.wayId.length,
      dropped,
    },
  };
}

/** Node ids of GeoJSON are made from places; a node at two places is two that share an id, which would join roads. */
const clash = ({path}: MapSource): InputFailure =>
  new InputFailure('GEOJSON_CLASH', `${path}: two places get the same node id; use an OSM PBF or XML file instead`);
