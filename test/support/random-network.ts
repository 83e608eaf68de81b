// Small road networks that no town would build: loops, parallel edges, one-way streets, islands, dead ends, times from
// 1 ms. And the slow truth about them: turns, components and times worked out from the network itself, by Floyd and
// Warshall.
import {assemble} from '../../native-graph/build/assemble.ts';
import type {RoadNetwork} from '../../native-graph/build/network.ts';
import type {TurnCost} from '../../native-graph/build/turns.ts';
import {pointBetween, pointFractions} from '../../native-graph/geometry.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {DRAWN} from './town.ts';

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** Edge e has the name e + 1, so that it can be found again in the graph. */
export function randomNetwork(random: Random, place = {latE7: 411_500_000, lonE7: -86_100_000}): RoadNetwork {
  const junctionCount = 2 + below(random, 7);
  const edgeCount = 1 + below(random, 14);
  const longestMs = [3, 20, 100_000][below(random, 3)];
  const near = (middle: number): number => wrapped(middle + below(random, 40_001) - 20_000);
  const junctionLatE7 = Int32Array.from({length: junctionCount}, () => place.latE7 + below(random, 40_001) - 20_000);
  const junctionLonE7 = Int32Array.from({length: junctionCount}, () => near(place.lonE7));
  const firstPoint = new Uint32Array(edgeCount + 1);
  for (let e = 0; e < edgeCount; e++) firstPoint[e + 1] = firstPoint[e] + below(random, 4);
  const oneway = Array.from({length: edgeCount}, () => below(random, 5));
  const ms = (): number => 1 + below(random, longestMs);
  return {
    junctionLatE7,
    junctionLonE7,
    junctionOsmId: Float64Array.from({length: junctionCount}, (_, j) => 1_000 + j),
    edgeTail: Uint32Array.from({length: edgeCount}, () => below(random, junctionCount)),
    edgeHead: Uint32Array.from({length: edgeCount}, () => below(random, junctionCount)),
    edgeForwardMs: Uint32Array.from(oneway, (way) => (way === 1 ? 0 : ms())),
    edgeBackwardMs: Uint32Array.from(oneway, (way) => (way === 0 ? 0 : ms())),
    edgeLengthCm: Uint32Array.from({length: edgeCount}, () => below(random, 50_000)),
    firstPoint,
    pointLatE7: Int32Array.from({length: firstPoint[edgeCount]}, () => place.latE7 + below(random, 40_001) - 20_000),
    pointLonE7: Int32Array.from({length: firstPoint[edgeCount]}, () => near(place.lonE7)),
    edgeClass: new Uint8Array(edgeCount),
    edgeName: Uint32Array.from({length: edgeCount}, (_, e) => e + 1),
    names: ['', ...Array.from({length: edgeCount}, (_, e) => `street ${e}`)],
    source: DRAWN,
  };
}

const wrapped = (lonE7: number): number =>
  lonE7 > 1_800_000_000 ? lonE7 - 3_600_000_000 : lonE7 < -1_800_000_000 ? lonE7 + 3_600_000_000 : lonE7;

/** A cost that differs from turn to turn and is the same whenever it is asked. */
export const unevenTurns: TurnCost = (from, to) => (from * 7 + to * 3) % 11;

/** Square tables over directed edges (2 * edge + against). */
export type Truth = {
  readonly size: number;
  readonly drivable: boolean[];
  /** 1 where a turn is permitted within a component. */
  readonly joined: Uint8Array;
  /** From the end of one to the end of another by at least one turn; UNREACHABLE_MS where there is no way. */
  readonly endToEndMs: Int32Array;
  /**
   * By directed edge: the lowest directed edge that reaches it and is reached from it; itself where there is none
   * other.
   */
  readonly component: Int32Array;
};

export function truthOf(network: RoadNetwork, turnCostMs: TurnCost): Truth {
  const size = network.edgeTail.length * 2;
  const ms = (d: number): number => (d % 2 === 0 ? network.edgeForwardMs : network.edgeBackwardMs)[d >> 1];
  const tail = (d: number): number => (d % 2 === 0 ? network.edgeTail : network.edgeHead)[d >> 1];
  const head = (d: number): number => tail(d ^ 1);
  const all = Array.from({length: size}, (_, d) => d).filter((d) => ms(d) > 0);
  const reach = closure(
    network.junctionLatE7.length,
    all.map((d) => [tail(d), head(d)]),
  );
  const returns = (d: number): boolean => tail(d) === head(d) || reach(head(d), tail(d));

  const table = new Int32Array(size * size).fill(UNREACHABLE_MS);
  for (const a of all) {
    const wayOn = all.some((b) => tail(b) === head(a) && b !== (a ^ 1) && returns(b));
    for (const b of all) {
      if (tail(b) !== head(a) || (b === (a ^ 1) && wayOn && !network.turnsBack)) continue;
      table[a * size + b] = ms(b) + turnCostMs(a, b, network);
    }
  }
  const permitted = table.slice();
  for (const via of all) {
    for (const a of all) {
      for (const b of all) {
        const sum = table[a * size + via] + table[via * size + b];
        if (sum < table[a * size + b]) table[a * size + b] = sum;
      }
    }
  }
  const together = (a: number, b: number): boolean =>
    a === b || (table[a * size + b] < UNREACHABLE_MS && table[b * size + a] < UNREACHABLE_MS);
  const component = Int32Array.from({length: size}, (_, a) => all.find((b) => together(a, b)) ?? -1);
  const joined = new Uint8Array(size * size);
  for (const a of all) {
    for (const b of all) {
      if (component[a] !== component[b]) table[a * size + b] = UNREACHABLE_MS;
      else if (permitted[a * size + b] < UNREACHABLE_MS) joined[a * size + b] = 1;
    }
  }
  return {size, drivable: Array.from({length: size}, (_, d) => ms(d) > 0), joined, endToEndMs: table, component};
}

/** Whether one node reaches another over these arcs, by trying all ways through every node in turn. */
function closure(count: number, arcs: number[][]): (from: number, to: number) => boolean {
  const reaches = new Uint8Array(count * count);
  for (const [from, to] of arcs) reaches[from * count + to] = 1;
  for (let via = 0; via < count; via++) {
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        if (reaches[a * count + via] === 1 && reaches[via * count + b] === 1) reaches[a * count + b] = 1;
      }
    }
  }
  return (from, to) => reaches[from * count + to] === 1;
}

/** A random graph with places on it and the true times between them. */
export type World = {
  readonly graph: RoadGraph;
  /** null is a point that no road was near. */
  readonly places: readonly (Position | null)[];
  /** By place, by place. */
  readonly truthMs: number[][];
  /** By segment: the place that stands at its very end. */
  readonly ends: readonly number[];
  readonly random: Random;
};

/** The same roads as a graph of nodes and arcs would have them. */
export const withoutTurns = (network: RoadNetwork): RoadNetwork => ({
  ...network,
  turnsBack: true,
  source: {...DRAWN, format: 'dimacs'},
});

/** Most components are kept, so that there are islands. */
export function randomWorld(seed: number, {turnsBack = false} = {}): World {
  const random = randomStream(seed, 'world');
  const turnCostMs = below(random, 2) === 0 && !turnsBack ? unevenTurns : () => 0;
  const network = turnsBack ? withoutTurns(randomNetwork(random)) : randomNetwork(random);
  const {graph: g} = assemble(network, {minComponentSegments: 1 + below(random, 4), turnCostMs});
  const {places, ends} = randomPlaces(g, random);
  const truth = truthOf(network, turnCostMs);
  const truthMs = places.map((from) => places.map((to) => trueTime(g, truth, from, to)));
  return {graph: g, places, truthMs, ends, random};
}

/** One place without a road, one at the end of each segment, a few anywhere, on one direction or both. */
export function randomPlaces(g: RoadGraph, random: Random): Pick<World, 'places' | 'ends'> {
  const places: (Position | null)[] = [null];
  const ends = Array.from({length: g.segmentCount}, (_, segment) => {
    const against = g.drawn[segment] & 1;
    return places.push(placeOn(g, g.drawn[segment] >>> 1, 1 - against, against === 0, against === 1)) - 1;
  });
  for (let i = 0; i < 6; i++) {
    const edge = below(random, g.edgeCount);
    const ways = below(random, 3);
    const fraction = [0, 1, 0.5, random(), random()][below(random, 5)];
    places.push(placeOn(g, edge, fraction, ways !== 1, ways !== 0));
  }
  return {places, ends};
}

/**
 * A place on the wanted directions of an edge, as far as it has them; on whichever it has, where it has none of them.
 */
export function placeOn(g: RoadGraph, edge: number, fraction: number, along: boolean, against: boolean): Position {
  const forward = g.edgeForward[edge] | 0; // NONE reads as -1
  const backward = g.edgeBackward[edge] | 0;
  const neither = (along ? forward : -1) < 0 && (against ? backward : -1) < 0;
  const fractions = pointFractions(g, edge);
  let i = 0;
  while (i < fractions.length - 2 && fractions[i + 1] < fraction) i++;
  const t = (fraction - fractions[i]) / (fractions[i + 1] - fractions[i] || 1);
  const p = g.firstPoint[edge] + i;
  const {latE7, lonE7} = pointBetween(g.pointLatE7[p], g.pointLonE7[p], g.pointLatE7[p + 1], g.pointLonE7[p + 1], t);
  return {
    forward: along || neither ? forward : -1,
    backward: against || neither ? backward : -1,
    fraction,
    latE7: Math.round(latE7),
    lonE7: Math.round(lonE7),
    distanceM: 0,
  };
}

function trueTime(g: RoadGraph, truth: Truth, from: Position | null, to: Position | null): number {
  let leastMs = UNREACHABLE_MS;
  for (const a of standsOn(g, from)) {
    for (const b of standsOn(g, to)) {
      const roundMs = truth.endToEndMs[a.directed * truth.size + b.directed];
      const straight = a.directed === b.directed && b.offsetMs >= a.offsetMs;
      const ms = straight ? b.offsetMs - a.offsetMs : a.travelMs - a.offsetMs + roundMs - (b.travelMs - b.offsetMs);
      if (straight || roundMs < UNREACHABLE_MS) leastMs = Math.min(leastMs, ms);
    }
  }
  return leastMs;
}

function standsOn(g: RoadGraph, place: Position | null) {
  const segments = place === null ? [] : [place.forward, place.backward].filter((segment) => segment >= 0);
  return segments.map((segment) => {
    const against = g.drawn[segment] & 1;
    const travelMs = g.travelMs[segment];
    const fraction = against === 0 ? place!.fraction : 1 - place!.fraction;
    return {
      directed: (g.edgeName[g.drawn[segment] >>> 1] - 1) * 2 + against,
      travelMs,
      offsetMs: Math.round(fraction * travelMs),
    };
  });
}
