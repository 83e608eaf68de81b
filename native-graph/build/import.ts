// A map file becomes a road network, in two passes over the file: the first gathers the roads and the ids of their
// nodes, the second the coordinates of those nodes. Memory is in proportion to the roads, not to the file.

import {InputFailure} from '../failure.ts';
import type {BlockRunner} from '../osm/block-reader.ts';
import {type MapSource, openMap} from '../osm/map.ts';
import {createNodeTable, NodePlacer} from '../osm/node-table.ts';
import {readSourceState} from '../osm/source-state.ts';
import {PROFILE_ID} from '../profile/car.ts';
import {type DrivingSide, drivingSideAt} from '../profile/driving-side.ts';
import {blocksCars} from '../profile/node.ts';
import {controlOf} from '../profile/turns.ts';
import {compress} from './compress.ts';
import type {RoadNetwork} from './network.ts';
import {RoadCollector} from './roads.ts';

/** ODbL 1.0, section 4.3, as OpenStreetMap asks for it on openstreetmap.org/copyright. */
const OSM_ATTRIBUTION = '© OpenStreetMap contributors, ODbL 1.0';

export type ImportOptions = {
  /** Hears each phase as it begins. */
  readonly onPhase?: (phase: 'reading ways' | 'reading nodes' | 'compressing') => void;
  /** Reads the blocks of a PBF, on threads say; by default this thread does. The network is the same. */
  readonly runner?: BlockRunner;
  /** Hears how many bytes are read, of how many in all; both passes count. Called once per block or chunk. */
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
  /** The side that cars drive on. `auto`, the default, takes that of the country. */
  readonly drivingSide?: DrivingSide | 'auto';
};

/**
 * Reads OSM PBF, OSM XML or GeoJSON. The same objects give the same network, in whatever order the file holds them.
 * Throws InputFailure when the file is missing, damaged, of another format, or holds no drivable road.
 */
export async function importNetwork(
  path: string,
  {onProgress, onPhase, runner, drivingSide = 'auto'}: ImportOptions = {},
): Promise<RoadNetwork> {
  const source = await openMap(path);
  const totalBytes = 2 * source.sizeBytes;
  const collector = new RoadCollector();
  onPhase?.('reading ways');
  await source.read(collector, (bytes) => onProgress?.(bytes, totalBytes), runner);
  const roads = collector.roads();
  const nodes = createNodeTable(roads.refs);
  const placer = new NodePlacer(nodes, blocksCars, controlOf);
  onPhase?.('reading nodes');
  await source.read(placer, (bytes) => onProgress?.(source.sizeBytes + bytes, totalBytes), runner);
  if (source.format === 'geojson' && placer.moved > 0) throw clash(source);

  onPhase?.('compressing');
  const {edgeWay, control, ...bare} = compress(roads, nodes, collector.drops);
  const side = drivingSide === 'auto' ? drivingSideAt(bare.junctionLatE7, bare.junctionLonE7) : drivingSide;
  const restrictions = collector.relations.restrictions(bare, edgeWay, collector.drops);
  const dropped = Object.fromEntries(Object.entries(collector.drops).sort());
  if (bare.edgeTail.length === 0) {
    const counts = `${placer.nodes} nodes, ${collector.ways} ways, dropped: ${JSON.stringify(dropped)}`;
    throw new InputFailure('MAP_WITHOUT_ROADS', `${path}: no road that cars may drive (${counts})`);
  }
  return {
    ...bare,
    restrictions,
    delays: {drivingSide: side, control},
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
      drivingSide: side,
      restrictions: restrictions.length,
    },
  };
}

/** Node ids of GeoJSON are made from places; a node at two places is two that share an id, which would join roads. */
const clash = ({path}: MapSource): InputFailure =>
  new InputFailure('GEOJSON_CLASH', `${path}: two places get the same node id; use an OSM PBF or XML file instead`);
