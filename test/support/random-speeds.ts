// Road networks and live speeds by chance, with all that a map may hold: ids that several junctions share, loops, rows
// that repeat, rows of no road.

import type {RoadNetwork} from '../../native-graph/build/network.ts';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {pointIds} from '../../native-graph/point-ids.ts';
import type {Random} from '../../src/domain/random.ts';
import {below, randomNetwork} from './random-network.ts';
import {randomRestrictions} from './restriction-oracle.ts';

/** A network whose junctions share few ids, as at barriers, and whose points share some with them. */
export function networkOf(random: Random): RoadNetwork {
  const drawn = randomNetwork(random);
  const junctionOsmId = drawn.junctionOsmId.map((id) => (below(random, 6) === 0 ? 1_000 : id));
  const pointOsmId = Float64Array.from(drawn.pointLatE7, (_, p) => (below(random, 6) === 0 ? 1_001 : 5_000 + p));
  return {...drawn, junctionOsmId, pointOsmId, restrictions: randomRestrictions(drawn, random)};
}

/** Rows for some pieces of some edges in either direction, repeated at times, and some that name no road. */
export function rowsFor(g: RoadGraph, random: Random, slowest: number): number[][] {
  const rows: number[][] = [];
  for (let edge = 0; edge < g.edgeCount; edge++) {
    const ids = pointIds(g, edge);
    for (let i = 0; i + 1 < ids.length; i++) {
      for (const [from, to] of [
        [ids[i], ids[i + 1]],
        [ids[i + 1], ids[i]],
      ]) {
        for (let times = below(random, 3); times > 0; times--) rows.push([from, to, slowest + below(random, 90)]);
      }
    }
  }
  rows.push([1, 2, 30], [1_000, 99, 30]);
  return rows.sort(() => random() - 0.5);
}
