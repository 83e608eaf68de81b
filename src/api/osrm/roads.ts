// What the OSRM services and isochrones need of an engine: places on roads, ways between them, tables, areas. The
// composition root supplies it; which search stands behind it is its business, as long as a table holds the times and
// lengths of the ways.

import type {WrittenAreas} from '../../../native-graph/isochrone/areas.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import type {Position} from '../../../native-graph/position.ts';
import type {Way} from '../../../native-graph/route/path.ts';
import type {NearestPlaces} from './nearest.ts';

export type Table = {
  /** sources * destinations, by row: milliseconds, UNREACHABLE_MS where there is no way. */
  readonly timesMs: Int32Array;
  /** The same, where wanted: metres of those ways, anything where there is none. */
  readonly lengthsM?: Float64Array;
};

export type Roads = {
  readonly graph: RoadGraph;
  /** Of live speeds; left out where they have none. */
  readonly epoch?: number;
  readonly nearest: NearestPlaces;
  /** By pair: the fastest way between exactly the segments that the positions name. Throws where it has no room. */
  ways(pairs: readonly (readonly [Position, Position])[]): Promise<readonly (Way | null)[]>;
  table(from: readonly Position[], to: readonly Position[], want: {readonly lengths: boolean}): Promise<Table>;
  /** Within limits, which ascend, of ways from a place or to it. */
  areas(at: Position, direction: 'from' | 'to', limitsMs: readonly number[]): Promise<WrittenAreas>;
  /** The vector tile of the roads; the same for every epoch. */
  tile(z: number, x: number, y: number): Promise<{readonly plain: Uint8Array; readonly gzipped: Uint8Array}>;
};

/** Lends roads for a whole answer: of one epoch, whatever stands by its end. */
export type WithRoads = <T>(use: (roads: Roads) => Promise<T>) => Promise<T>;
