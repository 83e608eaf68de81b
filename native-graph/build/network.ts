// What the readers hand to the builder: junctions and the drivable edges between them, shape points already compressed
// away. Free of tags and of file formats; drawn towns in the tests make the same thing.

import type {SourceState} from '../osm/source-state.ts';
import type {DrivingSide} from '../profile/driving-side.ts';

/**
 * An edge is one stretch of way between two junctions, drawn from its tail to its head; it may be drivable both ways. A
 * junction is where roads meet, cross or end; each has an edge. Two edges may join the same junctions.
 */
export type RoadNetwork = {
  /** By junction: WGS84 degrees times 1e7. */
  readonly junctionLatE7: Int32Array;
  readonly junctionLonE7: Int32Array;
  /**
   * By junction: the OSM node id (exact below 2^53), or a stable one made from coordinates where the source has none.
   * At a barrier that stops cars each road that ends there has a junction of its own, so an id may occur again.
   */
  readonly junctionOsmId: Float64Array;
  /** By edge: junction ids. A loop has tail = head, and a shape point at least. */
  readonly edgeTail: Uint32Array;
  readonly edgeHead: Uint32Array;
  /** By edge: free-flow milliseconds along and against the drawing; 0 = not drivable that way; below 2^30 - 1. */
  readonly edgeForwardMs: Uint32Array;
  readonly edgeBackwardMs: Uint32Array;
  /** By edge: along all its points; 0 where tail and head are at one place. */
  readonly edgeLengthCm: Uint32Array;
  /** edgeCount + 1 entries: the points of edge e between tail and head are [firstPoint[e], firstPoint[e + 1]). */
  readonly firstPoint: Uint32Array;
  readonly pointLatE7: Int32Array;
  readonly pointLonE7: Int32Array;
  /** By point: its node id, as junctionOsmId; left out where the source has none. */
  readonly pointOsmId?: Float64Array;
  /** By edge: index into ROAD_CLASSES of the profile. */
  readonly edgeClass: Uint8Array;
  /** By edge: index into `names`; names[0] is the empty string. */
  readonly edgeName: Uint32Array;
  readonly names: readonly string[];
  /** Left out where the source knows of none. */
  readonly restrictions?: readonly Restriction[];
  /** What delays a driver at junctions; without it every turn is free. */
  readonly delays?: Delays;
  /** Set where the source knows no turns: at its junctions every way on is open, the way back too. */
  readonly turnsBack?: boolean;
  readonly source: SourceReport;
};

/** A network that does not yet tell where it comes from. */
export type NetworkArrays = Omit<RoadNetwork, 'source'>;

/**
 * Directed edges, two or more, each starting where the one before ends; a directed edge is 2 * edge, plus 1 against the
 * drawing. Whoever has driven all but the last in this order must not drive the last, or may (`only`) drive nothing
 * else.
 */
export type Restriction = {readonly only: boolean; readonly path: readonly number[]};

export type Delays = {
  readonly drivingSide: DrivingSide;
  /** By directed edge: the CONTROLS of the profile that a driver meets at its end. */
  readonly control: Uint8Array;
};

/** What was read and what was left out, with reasons; part of the graph file and of `graph info`. */
export type SourceReport = {
  readonly file: string;
  readonly format: 'osm-pbf' | 'osm-xml' | 'geojson' | 'dimacs' | 'drawn';
  /** When the map was taken and where its updates go on, as far as the file says. */
  readonly state?: SourceState;
  readonly attribution: string;
  /** PROFILE_ID of the profile that chose the roads and their speeds. */
  readonly profile: string;
  /** Nodes and ways in the source, of any kind; of the ways, those that cars may drive. */
  readonly nodes: number;
  readonly ways: number;
  readonly drivableWays: number;
  /** Reason → how many highways, or gaps and barriers on them, it kept out or apart. Ordered by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** The side that traffic keeps to; right where nothing is said. And the turn restrictions that are kept. */
  readonly drivingSide?: DrivingSide;
  readonly restrictions?: number;
};
