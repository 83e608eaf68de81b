import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {METRES_PER_E7} from '../../native-graph/geometry.ts';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import {createSnapper, nearestPositions, snap} from '../../native-graph/snap.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {below, randomNetwork} from '../support/random-network.ts';
import {runs} from '../support/runs.ts';
import {BLOCK_E7, BLOCK_M, DRAWN, drawnNetwork, town} from '../support/town.ts';

const RUNS = runs(1_500);
const PLACES = {
  Porto: {latE7: 411_500_000, lonE7: -86_100_000},
  'the equator': {latE7: 0, lonE7: 0},
  'the antimeridian': {latE7: -167_000_000, lonE7: 1_800_000_000},
  'the antimeridian from the west': {latE7: -167_000_000, lonE7: -1_799_999_000},
  Longyearbyen: {latE7: 782_200_000, lonE7: 156_000_000},
  'a kilometre from the pole': {latE7: 899_900_000, lonE7: 1_799_990_000},
};

/** Every edge within the radius by (distance, edge), by trying every piece of every edge. */
function bruteForce(g: RoadGraph, latE7: number, lonE7: number, radiusM: number): {edge: number; distanceM: number}[] {
  const shrink = Math.cos((latE7 / 1e7) * (Math.PI / 180));
  const turned = (lon: number): number => ((((lon - lonE7) % 3.6e9) + 5.4e9) % 3.6e9) - 1.8e9;
  const all = Array.from({length: g.edgeCount}, (_, edge) => {
    let least = Number.POSITIVE_INFINITY;
    for (let p = g.firstPoint[edge]; p < g.firstPoint[edge + 1] - 1; p++) {
      const ax = turned(g.pointLonE7[p]);
      // The other end the short way round from this one.
      let bx = turned(g.pointLonE7[p + 1]);
      if (bx - ax > 1.8e9) bx -= 3.6e9;
      if (ax - bx > 1.8e9) bx += 3.6e9;
      least = Math.min(
        least,
        distanceToPiece(ax * shrink, g.pointLatE7[p] - latE7, bx * shrink, g.pointLatE7[p + 1] - latE7),
      );
    }
    return {edge, distanceM: least * METRES_PER_E7};
  });
  const near = all.filter(({distanceM}) => distanceM <= radiusM);
  return near.sort((a, b) => a.distanceM - b.distanceM || a.edge - b.edge);
}

/** From the origin to a straight piece. */
function distanceToPiece(ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const t = -(ax * dx + ay * dy) / (dx * dx + dy * dy || 1);
  if (t <= 0) return Math.hypot(ax, ay);
  if (t >= 1) return Math.hypot(bx, by);
  return Math.hypot(ax + t * dx, ay + t * dy);
}

/**
 * The directions of a two-way street that pass a point on its right-hand side, by trying every piece; undefined where
 * that is a matter of rounding, or of which of two equally near pieces is asked.
 */
function rightHand(g: RoadGraph, {forward, backward}: Position, latE7: number, lonE7: number) {
  if (forward < 0 || backward < 0) return {forward, backward};
  const edge = g.drawn[forward] >>> 1;
  const shrink = Math.cos((latE7 / 1e7) * (Math.PI / 180));
  const turned = (degreesE7: number): number => ((((degreesE7 % 3.6e9) + 5.4e9) % 3.6e9) - 1.8e9) * shrink;
  const pieces = Array.from({length: g.firstPoint[edge + 1] - 1 - g.firstPoint[edge]}, (_, i) => {
    const p = g.firstPoint[edge] + i;
    const [ax, ay] = [turned(g.pointLonE7[p] - lonE7), g.pointLatE7[p] - latE7];
    const [dx, dy] = [turned(g.pointLonE7[p + 1] - g.pointLonE7[p]), g.pointLatE7[p + 1] - g.pointLatE7[p]];
    // Degrees clockwise from the way the piece runs to the way the point is seen.
    const bearing = ((Math.atan2(dy, dx) - Math.atan2(-ay, -ax)) * 180) / Math.PI;
    const right = dx === 0 && dy === 0 ? 0 : Math.sin((bearing * Math.PI) / 180);
    return {distance: distanceToPiece(ax, ay, ax + dx, ay + dy), right};
  });
  const least = Math.min(...pieces.map(({distance}) => distance));
  const rights = pieces.filter(({distance}) => distance - least < 1e-3).map(({right}) => right);
  if (least < 1e-3 || rights.length > 1 || Math.abs(rights[0]) < 1e-6) return undefined;
  return rights[0] > 0 ? {forward, backward: -1} : {forward: -1, backward};
}

const edgeOf = (g: RoadGraph, {forward, backward}: Position): number =>
  g.drawn[forward >= 0 ? forward : backward] >>> 1;

function randomPoint(random: Random, g: RoadGraph): {latE7: number; lonE7: number} {
  const around = below(random, g.pointCount);
  const spread = [0, 50, 5_000, 60_000][below(random, 4)];
  const shift = (): number => below(random, 2 * spread + 1) - spread;
  const lonE7 = g.pointLonE7[around] + shift();
  return {
    latE7: Math.min(900_000_000, g.pointLatE7[around] + shift()),
    lonE7: lonE7 > 1.8e9 ? lonE7 - 3.6e9 : lonE7 < -1.8e9 ? lonE7 + 3.6e9 : lonE7,
  };
}

describe.each(Object.entries(PLACES))('near %s', (_, place) => {
  test('the nearest edges, one or several, are those that trying every piece finds', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomStream(seed, 'snap');
        const {graph: g} = assemble(randomNetwork(random, place), {minComponentSegments: 1});
        const snapper = createSnapper(g);
        const {latE7, lonE7} = randomPoint(random, g);
        const radiusM = [10, 300, 5_000, 1e9][below(random, 4)];
        const count = 1 + below(random, 5);
        const found = nearestPositions(snapper, latE7, lonE7, radiusM, count);
        const all = bruteForce(g, latE7, lonE7, radiusM);
        expect(found.length).toBe(Math.min(count, all.length));
        expect(new Set(found.map((position) => edgeOf(g, position))).size).toBe(found.length);
        found.forEach((position, i) => {
          expect(position.distanceM).toBeCloseTo(all[i].distanceM, 6);
          // Of edges that are equally far but for rounding, any may stand here.
          const tied = all.filter(({distanceM}) => Math.abs(distanceM - position.distanceM) < 1e-6);
          expect(tied.map(({edge}) => edge)).toContain(edgeOf(g, position));
        });
        nearestPositions(snapper, latE7, lonE7, radiusM, count, 'curb').forEach((curb, i) => {
          const {forward, backward} = curb;
          expect(curb).toEqual({...found[i], forward, backward});
          const side = rightHand(g, found[i], latE7, lonE7);
          if (side !== undefined) expect({forward, backward}).toEqual(side);
          else expect([forward, found[i].forward, -1]).toContain(forward);
        });
        expect(snap(snapper, latE7, lonE7, radiusM)).toEqual(found[0] ?? null);
      }),
      {numRuns: Math.ceil(RUNS / Object.keys(PLACES).length)},
    );
  });
});

const {graph, on, segment} = town(`
  a-b>c
  |   v
  d-e-f
`);
const snapper = createSnapper(graph);

test('a point beside a street snaps to the street, to both its directions, at the fraction along it', () => {
  const position = snap(snapper, 0.1 * BLOCK_E7, 0.25 * BLOCK_E7, 1_000)!;
  expect(position.forward).toBe(segment('ab'));
  expect(position.backward).toBe(segment('ba'));
  expect(position.fraction).toBeCloseTo(0.25, 4);
  expect(position.distanceM).toBeCloseTo(0.1 * BLOCK_M, 3);
  expect([position.latE7, position.lonE7]).toEqual([0, Math.round(0.25 * BLOCK_E7)]);
});

test('a one-way street has one direction', () => {
  expect(snap(snapper, 100, 1.5 * BLOCK_E7, 100)).toMatchObject({forward: segment('bc'), backward: -1});
});

test('a point on a junction snaps to the lowest of its streets', () => {
  const edges = ['ab', 'ad'].map((street) => graph.drawn[segment(street)] >>> 1);
  expect(edgeOf(graph, snap(snapper, 0, 0, 10)!)).toBe(Math.min(...edges));
});

test("at the curb a two-way street has the direction that passes on the point's side, a one-way street its own", () => {
  const beside = (lat: number, lon: number, g = graph) => {
    const {forward, backward} = snap(createSnapper(g), lat * BLOCK_E7, lon * BLOCK_E7, 1_000, 'curb')!;
    return [forward, backward];
  };
  expect(beside(-0.1, 0.5)).toEqual([segment('ab'), -1]);
  expect(beside(0.1, 0.5)).toEqual([-1, segment('ba')]);
  expect(beside(0, 0.5)).toEqual([segment('ab'), segment('ba')]);
  expect(beside(0.1, 1.5)).toEqual([segment('bc'), -1]);
  expect(beside(-0.1, 1.5)).toEqual([segment('bc'), -1]);

  const drawn = drawnNetwork('a-b');
  const left = assemble({...drawn, source: {...DRAWN, drivingSide: 'left'}}, {minComponentSegments: 1}).graph;
  expect(beside(-0.1, 0.5, left)).toEqual([-1, left.edgeBackward[0]]);
  expect(beside(0.1, 0.5, left)).toEqual([left.edgeForward[0], -1]);
});

test('opposite of the curb it has the other one', () => {
  const beside = (lat: number, lon: number) => {
    const at = snap(createSnapper(graph), lat * BLOCK_E7, lon * BLOCK_E7, 1_000, 'opposite')!;
    return [at.forward, at.backward];
  };
  expect(beside(-0.1, 0.5)).toEqual([-1, segment('ba')]);
  expect(beside(0.1, 0.5)).toEqual([segment('ab'), -1]);
  expect(beside(0, 0.5)).toEqual([segment('ab'), segment('ba')]);
  expect(beside(0.1, 1.5)).toEqual([segment('bc'), -1]);
});

test('a point on a junction snaps to a street that may be driven both ways, where one meets it', () => {
  const {graph: g, segment: at} = town(`
    a>b>c
    ^ | v
    d<e<f
  `);
  const [lat, lon] = [0, BLOCK_E7];
  expect(snap(createSnapper(g), lat, lon, 10)).toMatchObject({forward: at('be'), backward: at('eb')});
});

test('a point with no road within the radius snaps to nothing', () => {
  expect(snap(snapper, BLOCK_E7, 0, BLOCK_M - 1)).toBeNull();
  expect(snap(snapper, BLOCK_E7, 0, BLOCK_M + 1)).not.toBeNull();
});

test('the answer depends on the point alone', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = randomStream(seed, 'pure');
      const points = Array.from({length: 8}, () => randomPoint(random, graph));
      const at = ({latE7, lonE7}: {latE7: number; lonE7: number}) => snap(snapper, latE7, lonE7, 1_000);
      const first = points.map(at);
      expect(points.toReversed().map(at).toReversed()).toEqual(first);
      expect(points.map((point) => snap(createSnapper(graph), point.latE7, point.lonE7, 1_000))).toEqual(first);
    }),
    {numRuns: 100},
  );
});

test('a place on a road snaps to itself', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('ab', 'bc', 'ad', 'de', 'ef', 'cf'),
      fc.double({min: 0.01, max: 0.99, noNaN: true}),
      (street, fraction) => {
        const place = on(street, fraction);
        const position = snap(snapper, place.latE7, place.lonE7, 1)!;
        expect([position.forward, position.backward]).toEqual([place.forward, place.backward]);
        expect(position.fraction).toBeCloseTo(place.fraction, 3);
      },
    ),
    {numRuns: 200},
  );
});

test('a point off the earth is refused at the door', () => {
  expect(() => snap(snapper, 900_000_001, 0, 10)).toThrow('not on earth');
  expect(() => snap(snapper, Number.NaN, 0, 10)).toThrow('not on earth');
  expect(() => snap(snapper, 0, 0, -1)).toThrow('radius');
});
