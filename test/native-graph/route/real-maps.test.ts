// A hierarchy and Dijkstra say the same on real roads, to the millisecond: all ways to make a table, ways, and the
// nearest drivers.

import {beforeAll, describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {NO_LIMIT_MS} from '../../../native-graph/route/dijkstra.ts';
import {table, tableWithLengths} from '../../../native-graph/route/many-to-many.ts';
import {createDriverIndex, moveDrivers, nearestDrivers} from '../../../native-graph/route/nearest.ts';
import {routeOver} from '../../../native-graph/route/point-to-point.ts';
import type {Workspace} from '../../../native-graph/route/workspace.ts';
import {gothenburg} from '../../../src/cli/city-graph.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {dijkstraTable, inRandomEpoch, workspaceOf} from '../../support/random-hierarchy.ts';
import {below, placeOn} from '../../support/random-network.ts';
import {sharedFile} from '../../support/shared.ts';

const PLACES = 60;
const SEED = 2026;

/** Anywhere on the roads; among small components some of every kind, two places on each of a few edges. */
function somePlaces(g: RoadGraph, random: Random): Position[] {
  const place = (edge: number): Position => {
    const ways = below(random, 3);
    return placeOn(g, edge, random(), ways !== 1, ways !== 0);
  };
  const anywhere = Array.from({length: PLACES - 12}, () => place(below(random, g.edgeCount)));
  const neighbours = anywhere.slice(0, 6).map((at) => place(edgeOf(g, at)));
  const isSmall = Array.from(g.component.keys()).filter((segment) => g.component[segment] > 0);
  const islanders = Array.from({length: 6}, () =>
    place(isSmall.length > 0 ? g.drawn[isSmall[below(random, isSmall.length)]] >>> 1 : below(random, g.edgeCount)),
  );
  return [...anywhere, ...neighbours, ...islanders];
}

const edgeOf = (g: RoadGraph, at: Position): number => g.drawn[Math.max(at.forward, at.backward)] >>> 1;

function expectTruth(ws: Workspace, places: readonly Position[], truth: readonly number[]): void {
  const at = positionsOf(places);
  const shape = {from: at, firstRow: 0, endRow: at.count, to: at};
  const [times, lengthsCm] = [new Int32Array(truth.length), new Int32Array(truth.length)];
  for (const method of ['buckets', 'sweep'] as const) {
    table(ws, shape, NO_LIMIT_MS, times, method);
    expect(Array.from(times)).toEqual(truth);
  }
  tableWithLengths(ws, shape, NO_LIMIT_MS, times, lengthsCm);
  expect(Array.from(times)).toEqual(truth);
  for (let i = 0; i < truth.length; i += 7) {
    const way = routeOver(ws, places[Math.floor(i / at.count)], places[i % at.count]);
    const found = [way?.durationMs ?? UNREACHABLE_MS, Math.round((way?.lengthM ?? 0) * 100)];
    expect(found).toEqual([truth[i], lengthsCm[i]]);
  }
}

function expectNearest(ws: Workspace, places: readonly Position[], truth: readonly number[]): void {
  const at = positionsOf(places);
  const index = createDriverIndex(ws, at.count, NO_LIMIT_MS);
  moveDrivers(index, Int32Array.from(places.keys()), at);
  const k = 5;
  const shape = {drivers: at, tasks: at, firstTask: 0, endTask: at.count, limitMs: NO_LIMIT_MS, k};
  const {first, driver, ms} = nearestDrivers(ws, index.buckets, shape);
  for (let task = 0; task < at.count; task++) {
    const wanted = places
      .map((_, d) => [truth[d * at.count + task], d])
      .filter(([time]) => time < UNREACHABLE_MS)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .slice(0, k);
    const found = Array.from({length: first[task + 1] - first[task]}, (_, i) => first[task] + i);
    expect(found.map((i) => [ms[i], driver[i]])).toEqual(wanted);
  }
}

const MAPS = [
  'austin_ut_downtown.osm',
  'monaco.osm.pbf',
  'columbus.osm.pbf',
  'isle-of-man.osm.pbf',
  'edge-cases/r5-fiji-ferry.osm.pbf',
].map((name) => ({name, file: sharedFile(`data/osm/${name}`)}));

describe.each([{name: 'Gothenburg', file: gothenburg()}, ...MAPS])('on $name', ({file}) => {
  let g: RoadGraph;
  beforeAll(async () => {
    if (file !== undefined) g = assemble(await importNetwork(file), {minComponentSegments: 4}).graph;
  });

  test.skipIf(!file)('every time and length is the same over a hierarchy', () => {
    const random = randomStream(SEED, 'real roads');
    const places = somePlaces(g, random);
    const truth = dijkstraTable(g, positionsOf(places));
    const ws = workspaceOf(g);
    expectTruth(ws, places, truth);
    expectNearest(ws, places, truth);
  });

  test.skipIf(!file)('every time is the same in an epoch of ties and closed turns', () => {
    const random = randomStream(SEED, 'real epoch');
    const epoch = inRandomEpoch(g, random);
    const places = somePlaces(epoch, random);
    expectTruth(workspaceOf(epoch), places, dijkstraTable(epoch, positionsOf(places)));
  });
});
