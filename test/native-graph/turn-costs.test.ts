import {describe, expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import {ROAD_CLASSES} from '../../native-graph/profile/car.ts';
import {drivingSideAt} from '../../native-graph/profile/driving-side.ts';
import {angleS, CONTROLS, controlOf, controlTowards, isDirected} from '../../native-graph/profile/turns.ts';
import {route} from '../../native-graph/route/path.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import {node, type Tagging, toXml, way} from '../support/map-data.ts';
import {mapFiles} from '../support/map-file.ts';
import {drawnNetwork, type Town, town} from '../support/town.ts';

const write = mapFiles();

const CROSS = `
    a
    |
  b-e-c
    |
    d
`;

/** Milliseconds of the turn at e from one street into another. */
function turnMs({graph: g, segment}: Town, from: string, to: string): number {
  const [a, b] = [segment(from), segment(to)];
  const arc = g.firstArc[a] + g.head.subarray(g.firstArc[a], g.firstArc[a + 1]).indexOf(b);
  expect(g.head[arc]).toBe(b);
  return g.arcMs[arc] - g.travelMs[b];
}

/** A town whose turns cost, with controls at the end of streets and a class for each. */
function costly(
  picture: string,
  controls: Record<string, (typeof CONTROLS)[number]> = {},
  drivingSide: 'right' | 'left' = 'right',
  classes: Record<string, (typeof ROAD_CLASSES)[number]> = {},
): Town {
  const {names, edgeTail} = drawnNetwork(picture);
  const control = new Uint8Array(2 * edgeTail.length);
  const edgeClass = new Uint8Array(edgeTail.length).fill(ROAD_CLASSES.indexOf('residential'));
  names.slice(1).forEach((street, edge) => {
    const reversed = `${street[1]}${street[0]}`;
    control[2 * edge] = CONTROLS.indexOf(controls[street] ?? 'none');
    control[2 * edge + 1] = CONTROLS.indexOf(controls[reversed] ?? 'none');
    const named = classes[street] ?? classes[reversed];
    if (named !== undefined) edgeClass[edge] = ROAD_CLASSES.indexOf(named);
  });
  return town(picture, {}, {delays: {drivingSide, control}, edgeClass});
}

// By hand, for 90 degrees: to the right 13 / 1.075 / 2 - 6.5 * 1.075 = -0.94099, and 7.5 / (1 + e^0.94099) = 2.105;
// to the left 13 * 1.075 / 2 - 6.5 / 1.075 = 0.94099, and 7.5 - 2.105. Straight on 7.5 / (1 + e^6.9875) = 0.007.
const RIGHT_MS = 2_105;
const LEFT_MS = 5_395;
const STRAIGHT_MS = 7;

describe('turn costs', () => {
  test('follow the angle, and a turn across the oncoming lane costs more', () => {
    const drawn = costly(CROSS);
    expect(turnMs(drawn, 'be', 'ec')).toBe(STRAIGHT_MS);
    expect(turnMs(drawn, 'be', 'ed')).toBe(RIGHT_MS);
    expect(turnMs(drawn, 'be', 'ea')).toBe(LEFT_MS);
    expect(turnMs(drawn, 'de', 'ec')).toBe(RIGHT_MS);
  });

  test('are mirrored where cars drive on the left', () => {
    const drawn = costly(CROSS, {}, 'left');
    expect(turnMs(drawn, 'be', 'ea')).toBe(RIGHT_MS);
    expect(turnMs(drawn, 'be', 'ed')).toBe(LEFT_MS);
    for (const angle of [1, 30, 90, 150, 179]) expect(angleS(angle, 'left')).toBe(angleS(-angle, 'right'));
  });

  test('are nothing where a road merely bends, and twenty seconds more for turning back', () => {
    const bend = costly(`
      a-b
        |
        c
    `);
    expect(turnMs(bend, 'ab', 'bc')).toBe(0);
    expect(turnMs(bend, 'bc', 'cb')).toBe(Math.round((20 + angleS(180, 'right')) * 1000));
  });

  test('hold for whoever meets a light, a stop or a give-way sign, not for who comes the other way', () => {
    const drawn = costly(CROSS, {be: 'traffic_signals', ae: 'stop', de: 'give_way'});
    expect(turnMs(drawn, 'be', 'ec')).toBe(2_000 + STRAIGHT_MS);
    expect(turnMs(drawn, 'ae', 'ed')).toBe(2_000 + 7);
    expect(turnMs(drawn, 'de', 'ea')).toBe(1_000 + 7);
    expect(turnMs(drawn, 'ce', 'eb')).toBe(7);
  });

  test('a stop for the minor road holds for no one where all are equally fast', () => {
    expect(turnMs(costly(CROSS, {be: 'stop_minor'}), 'be', 'ec')).toBe(7);
  });

  test('whoever crosses or enters a larger road gives way, unless a sign says what to do', () => {
    const classes = {be: 'secondary', ec: 'secondary'} as const;
    const drawn = costly(CROSS, {de: 'stop'}, 'right', classes);
    expect(turnMs(drawn, 'ae', 'ed')).toBe(1_000 + 7);
    expect(turnMs(drawn, 'ae', 'eb')).toBe(1_000 + RIGHT_MS);
    expect(turnMs(drawn, 'de', 'ea')).toBe(2_000 + 7);
    expect(turnMs(drawn, 'be', 'ec')).toBe(7);
    expect(turnMs(costly(CROSS, {}, 'right', {be: 'secondary'}), 'ae', 'ed')).toBe(7);
  });

  test('are free where the network tells of no delays', () => {
    expect(turnMs(town(CROSS), 'be', 'ea')).toBe(0);
  });
});

describe('what stands on a node', () => {
  const byteOf = (tags: Tagging): number => controlOf({get: (key) => tags[key]});
  const met = (tags: Tagging): string[] => [true, false].map((along) => CONTROLS[controlTowards(byteOf(tags), along)]);

  test.each<[Tagging, string[]]>([
    [{highway: 'traffic_signals'}, ['traffic_signals', 'traffic_signals']],
    [{highway: 'traffic_signals', 'traffic_signals:direction': 'forward'}, ['traffic_signals', 'none']],
    [{highway: 'stop', direction: 'backward'}, ['none', 'stop']],
    [{highway: 'stop', stop: 'minor'}, ['stop_minor', 'stop_minor']],
    [{highway: 'give_way', direction: '90'}, ['give_way', 'give_way']],
    [{highway: 'crossing'}, ['none', 'none']],
    [{barrier: 'gate'}, ['none', 'none']],
  ])('%o', (tags, expected) => {
    expect(met(tags)).toEqual(expected);
    expect(isDirected(byteOf(tags))).toBe(expected[0] !== expected[1]);
  });

  /** Milliseconds of a street of 111.19 m at 20 km/h and back, with something on its way, 11.1 m from its east end. */
  async function along(tags: Tagging): Promise<number[]> {
    const nodes = [node(1, 0, 0), node(2, 0, 9_000, tags), node(3, 0, 10_000)];
    const street = way(1, [1, 2, 3], {highway: 'residential', maxspeed: '25'});
    const {edgeForwardMs, edgeBackwardMs} = await importNetwork(write(toXml([...nodes, street])));
    return [edgeForwardMs[0], edgeBackwardMs[0]];
  }

  test('on the way delays whom it faces; without a direction lights delay both ways, a sign one', async () => {
    const bareMs = 20_015;
    expect(await along({})).toEqual([bareMs, bareMs]);
    expect(await along({highway: 'traffic_signals'})).toEqual([bareMs + 2_000, bareMs + 2_000]);
    expect(await along({highway: 'traffic_signals', direction: 'backward'})).toEqual([bareMs, bareMs + 2_000]);
    expect(await along({highway: 'stop'})).toEqual([bareMs + 2_000, bareMs]);
    expect(await along({highway: 'give_way', direction: 'backward'})).toEqual([bareMs, bareMs + 1_000]);
  });
});

describe('the side of the road', () => {
  test.each([
    ['Austin', 30.27, -97.74, 'right'],
    ['London', 51.5, -0.1, 'left'],
    ['Calais', 50.95, 1.85, 'right'],
    ['Douglas', 54.15, -4.48, 'left'],
    ['Dublin', 53.35, -6.26, 'left'],
    ['Valletta', 35.9, 14.5, 'left'],
    ['Tokyo', 35.7, 139.7, 'left'],
    ['Busan', 35.1, 129.04, 'right'],
    ['Sydney', -33.9, 151.2, 'left'],
    ['Auckland', -36.85, 174.76, 'left'],
    ['Delhi', 28.6, 77.2, 'left'],
    ['Cape Town', -33.9, 18.4, 'left'],
    ['Suva', -18.1, 178.4, 'left'],
    ['Miami', 25.8, -80.2, 'right'],
    ['Porto', 41.15, -8.6, 'right'],
  ])('in %s', (_, lat, lon, side) => {
    expect(drivingSideAt(Int32Array.of(lat * 1e7), Int32Array.of(lon * 1e7))).toBe(side);
  });

  test('is told by the map unless a setting tells it', async () => {
    const file = write(toXml([node(1, 515_000_000, 0), node(2, 515_000_000, 9_000), way(1, [1, 2])]));
    expect((await importNetwork(file)).source.drivingSide).toBe('left');
    expect((await importNetwork(file, {drivingSide: 'right'})).delays?.drivingSide).toBe('right');
  });
});

test('a hand-computed way: two blocks, a left turn at a light', async () => {
  // 100 m east, then 100 m north at 20 km/h: 18 s each, and 2 s for the light, which stands at the crossing.
  const e7 = 8_993;
  const nodes = [node(1, 0, -e7), node(2, 0, 0, {highway: 'traffic_signals'}), node(3, e7, 0), node(4, 0, e7)];
  const tags = {highway: 'residential', maxspeed: '25'};
  const ways = [way(1, [1, 2], tags), way(2, [2, 3], tags), way(3, [2, 4], tags)];
  const {graph: g} = assemble(await importNetwork(write(toXml([...nodes, ...ways]))), {minComponentSegments: 1});
  const at = (edge: number, fraction: number) => {
    const [forward, backward] = [g.edgeForward[edge] | 0, g.edgeBackward[edge] | 0];
    return {forward, backward, fraction, latE7: 0, lonE7: 0, distanceM: 0};
  };
  const idOf = (edge: number): string => {
    const s = g.edgeForward[edge];
    return `${g.junctionOsmId[g.tailJunction[s]]}${g.junctionOsmId[g.headJunction[s]]}`;
  };
  const edges = [0, 1, 2].map((i) => ['12', '23', '24'].indexOf(idOf(i)));
  const found = route(g, createScratch(g), at(edges.indexOf(0), 0), at(edges.indexOf(1), 1));
  expect(found?.durationMs).toBe(18_000 + 2_000 + LEFT_MS + 18_000);
});
