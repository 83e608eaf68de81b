// Epochs against graphs assembled from nothing with the times that the speeds should give, and closed roads against the
// slow truth over the arcs that are left.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import type {RoadNetwork} from '../../../native-graph/build/network.ts';
import {pointFractions} from '../../../native-graph/geometry.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {pointIds} from '../../../native-graph/point-ids.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {
  endOfCopies,
  everyPick,
  NO_LIMIT_MS,
  restOf,
  segmentAt,
  timesFrom,
  timesTo,
} from '../../../native-graph/route/dijkstra.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {live} from '../../support/live-graph.ts';
import {below, unevenTurns} from '../../support/random-network.ts';
import {networkOf, rowsFor} from '../../support/random-speeds.ts';
import {runs} from '../../support/runs.ts';

/** What the segments along (0) and against (1) the drawing should take, by edge of the network. */
function timesByHand(network: RoadNetwork, g: RoadGraph, rows: readonly number[][]): [Uint32Array, Uint32Array] {
  const speeds = new Map(rows.map(([from, to, kmh]) => [`${from} ${to}`, kmh]));
  const times: [Uint32Array, Uint32Array] = [network.edgeForwardMs.slice(), network.edgeBackwardMs.slice()];
  for (let edge = 0; edge < g.edgeCount; edge++) {
    const old = g.edgeName[edge] - 1;
    const ids = pointIds(g, edge);
    const fractions = pointFractions(g, edge);
    const metres36 = network.edgeLengthCm[old] * 36; // rounds as the weights do
    for (const against of [0, 1]) {
      const fileMs = times[against][old];
      let ms = 0;
      let isLive = false;
      for (let i = 0; i + 1 < ids.length; i++) {
        const part = fractions[i + 1] - fractions[i];
        const kmh = speeds.get(against === 0 ? `${ids[i]} ${ids[i + 1]}` : `${ids[i + 1]} ${ids[i]}`);
        const known = kmh !== undefined && ids[i] !== ids[i + 1];
        isLive ||= known;
        ms += part * (known ? metres36 / kmh : fileMs);
      }
      if (fileMs > 0 && isLive) times[against][old] = Math.max(1, Math.round(ms));
    }
  }
  return times;
}

test('the weights are those of a graph assembled from nothing with these times, whatever the roads and rows', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = randomStream(seed, 'epoch');
      const network = networkOf(random);
      const options = {minComponentSegments: 1 + below(random, 3), turnCostMs: unevenTurns};
      const {graph: g} = assemble(network, options);
      const rows = rowsFor(g, random, 1);
      const {graph, block, made} = live(g, rows);
      const [edgeForwardMs, edgeBackwardMs] = timesByHand(network, g, rows);
      const {graph: anew} = assemble({...network, edgeForwardMs, edgeBackwardMs}, options);
      expect(graph.travelMs).toEqual(anew.travelMs);
      expect(graph.arcMs).toEqual(anew.arcMs);
      expect(graph.arcInMs).toEqual(anew.arcInMs);
      const {rowsApplied, rowsUnknown, rowsRepeated, rowsBad} = made.report;
      expect(rowsApplied + rowsUnknown + rowsRepeated + rowsBad).toBe(rows.length);
      expect(made.rowsInUse).toBe(rowsApplied);
      const changed = graph.travelMs.filter((ms, s) => ms !== g.travelMs[s]).length;
      expect(made.report).toMatchObject({segmentsChanged: changed, segmentsClosed: 0});
      const positions = positionsOf(placesOn(g, random));
      expect(table(graph, positions, false)).toEqual(table(anew, positions, false));
      expect(new Int32Array(live(g, [], made.kept).block)).toEqual(new Int32Array(block));
    }),
    {numRuns: runs(2_000)},
  );
});

test('on closed roads too, searches forward and backward find the truth over the arcs that are left', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = randomStream(seed, 'closed');
      const {graph: g} = assemble(networkOf(random), {minComponentSegments: 1, turnCostMs: unevenTurns});
      const rows = rowsFor(g, random, 0).map(([from, to, kmh]) => [from, to, kmh < 40 ? 0 : kmh]);
      const {graph, made} = live(g, rows);
      const positions = positionsOf(placesOn(g, random));
      const truth = tableByHand(graph, positions);
      expect(table(graph, positions, false)).toEqual(truth);
      expect(table(graph, positions, true)).toEqual(truth);
      expect(new Int32Array(live(g, [], made.kept).block)).toEqual(new Int32Array(live(g, rows).block));
    }),
    {numRuns: runs(2_000)},
  );
});

/** The end of each segment, and places anywhere. */
function placesOn(g: RoadGraph, random: Random): Position[] {
  const nowhere = {forward: -1, backward: -1, latE7: 0, lonE7: 0, distanceM: 0};
  const ends = Array.from({length: Math.min(12, g.segmentCount)}, (_, segment): Position => {
    const named = (g.drawn[segment] & 1) === 0 ? g.edgeForward : g.edgeBackward;
    const key = (g.drawn[segment] & 1) === 0 ? 'forward' : 'backward';
    return {...nowhere, [key]: named[g.drawn[segment] >>> 1], fraction: key === 'forward' ? 1 : 0};
  });
  const anywhere = Array.from({length: 5}, (): Position => {
    const edge = below(random, g.edgeCount);
    return {...nowhere, forward: g.edgeForward[edge] | 0, backward: g.edgeBackward[edge] | 0, fraction: random()};
  });
  return [...ends, ...anywhere];
}

type Places = ReturnType<typeof positionsOf>;

function table(g: RoadGraph, places: Places, backward: boolean): number[][] {
  const scratch = createScratch(g);
  const every = everyPick(places);
  const out = new Int32Array(places.count);
  const rows = Array.from(every, (i) => {
    if (backward) timesTo(g, scratch, places, every, places, i, NO_LIMIT_MS, out);
    else timesFrom(g, scratch, places, i, places, every, NO_LIMIT_MS, out);
    return Array.from(out);
  });
  return backward ? rows.map((_, i) => rows.map((row) => row[i])) : rows;
}

/** Floyd and Warshall over segments, from end to end, without the arcs that take UNREACHABLE_MS. */
function tableByHand(g: RoadGraph, places: Places): number[][] {
  const n = g.segmentCount;
  const ms = Array.from({length: n}, () => new Float64Array(n).fill(Infinity));
  for (let tail = 0; tail < n; tail++) {
    for (let arc = g.firstArc[tail]; arc < g.firstArc[tail + 1]; arc++) {
      if (g.arcMs[arc] < UNREACHABLE_MS) ms[tail][g.head[arc]] = g.arcMs[arc];
    }
  }
  for (let via = 0; via < n; via++) {
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) ms[a][b] = Math.min(ms[a][b], ms[a][via] + ms[via][b]);
    }
  }
  const sidesOf = (i: number) =>
    [0, 1].flatMap((against) => {
      const segment = segmentAt(places, i, against);
      return segment < 0 ? [] : [{segment, restMs: restOf(g, true, places, i, against)}];
    });
  const time = (i: number, j: number): number => {
    let best = Infinity;
    for (const from of sidesOf(i)) {
      for (const to of sidesOf(j)) {
        if (from.segment === to.segment && from.restMs >= to.restMs) best = Math.min(best, from.restMs - to.restMs);
        for (let copy = to.segment; copy < endOfCopies(g, to.segment); copy++) {
          best = Math.min(best, from.restMs + ms[from.segment][copy] - to.restMs);
        }
      }
    }
    return best === Infinity ? UNREACHABLE_MS : best;
  };
  const all = Array.from({length: places.count}, (_, i) => i);
  return all.map((i) => all.map((j) => time(i, j)));
}
