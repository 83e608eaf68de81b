import instructions from 'osrm-text-instructions';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {METRES_PER_E7} from '../../../native-graph/geometry.ts';
import {node, type Tagging, toXml, way} from '../../support/map-data.ts';
import {mapFiles} from '../../support/map-file.ts';
import {townServer} from './town-server.ts';

const file = mapFiles();
const {compile} = bound(instructions('v5'));

/** Its functions call each other through `this`. */
function bound(compiler: ReturnType<typeof instructions>) {
  return {compile: (step: object): string => compiler.compile('en', step)};
}

/** Metres east and north of 0, 0. */
type Corner = readonly [east: number, north: number];
type Street = readonly [corners: string, tags: Tagging];

const e7 = (metres: number): number => Math.round(metres / METRES_PER_E7);
const lonLat = ([east, north]: Corner): string => `${e7(east) / 1e7},${e7(north) / 1e7}`;

/** Streets through corners that are named by a letter each; what is told on the way between two places. */
async function mapOf(corners: Readonly<Record<string, Corner>>, streets: readonly Street[]) {
  const letters = Object.keys(corners);
  const xml = toXml([
    ...letters.map((letter) => node(letter.charCodeAt(0), e7(corners[letter][1]), e7(corners[letter][0]))),
    ...streets.map(([through, tags], i) => {
      const refs = Array.from(through, (letter) => letter.charCodeAt(0));
      return way(i + 1, refs, {highway: 'residential', ...tags});
    }),
  ]);
  const {graph} = assemble(await importNetwork(file(xml, 'map.osm')), {minComponentSegments: 1});
  const {ask} = townServer(graph);
  return async (from: Corner, to: Corner): Promise<string[]> => {
    const {routes} = await ask(`/route/v1/driving/${lonLat(from)};${lonLat(to)}?steps=true`);
    return routes[0].legs[0].steps.map((step: {maneuver: {type: string; modifier?: string; exit?: number}}) => {
      const {type, modifier, exit} = step.maneuver;
      return `${[type, modifier, exit].filter((each) => each !== undefined).join(' ')}: ${compile(step)}`;
    });
  };
}

describe('a crossing', async () => {
  //   n
  // w c e
  //   s
  const corners = {n: [0, 200], s: [0, -200], e: [200, 0], w: [-200, 0], c: [0, 0]} as const;
  const steps = await mapOf(corners, [
    ['sc', {name: 'Main Street'}],
    ['cn', {name: 'Main Street'}],
    ['wc', {name: 'West Street'}],
    ['ce', {name: 'East Street'}],
  ]);
  const [north, south, east, west]: Corner[] = [
    [0, 150],
    [0, -150],
    [150, 0],
    [-150, 0],
  ];

  test('straight on along a street nothing is told', async () => {
    expect(await steps(south, north)).toEqual([
      'depart: Head north on Main Street',
      'arrive: You have arrived at your destination',
    ]);
  });

  test('straight on into a street of another name, the name is', async () => {
    expect((await steps(west, east))[1]).toBe('new name straight: Continue onto East Street');
  });

  test('turns are', async () => {
    expect((await steps(south, east))[1]).toBe('turn right: Turn right onto East Street');
    expect((await steps(south, west))[1]).toBe('turn left: Turn left onto West Street');
    expect((await steps(east, north))[1]).toBe('turn right: Turn right onto Main Street');
  });

  test('places beside the road say on which side they lie', async () => {
    expect(await steps([10, -150], [-10, 150])).toEqual([
      'depart right: Head north on Main Street',
      'arrive left: You have arrived at your destination, on the left',
    ]);
  });

  test('where a road ends, at a dead end and at a place where turning back is allowed', async () => {
    const ends = await mapOf({s: [0, -200], c: [0, 0], e: [200, 0], w: [-200, 0]}, [
      ['sc', {name: 'Main Street'}],
      ['wce', {name: 'Cross Street'}],
    ]);
    expect((await ends(south, east))[1]).toBe('end of road right: Turn right onto Cross Street');
    expect((await ends(west, east)).length).toBe(2);
    expect((await ends([0, -50], [0, -150])).length).toBe(2);
  });

  test('a street that turns at a crossing is followed by "continue"; a bend alone by nothing', async () => {
    const bends = await mapOf({...corners, x: [200, 200]}, [
      ['scex', {name: 'Main Street'}],
      ['wc', {name: 'West Street'}],
      ['cn', {name: 'North Street'}],
    ]);
    expect(await bends(south, [200, 150])).toEqual([
      'depart: Head north on Main Street',
      'continue right: Turn right to stay on Main Street',
      'arrive: You have arrived at your destination',
    ]);
  });

  test('a driveway beside a bend tempts nobody', async () => {
    const bend = await mapOf({s: [0, -200], c: [0, 0], e: [200, 0], n: [0, 60]}, [
      ['sce', {name: 'Main Street'}],
      ['cn', {highway: 'service'}],
    ]);
    expect((await bend(south, east)).length).toBe(2);
  });

  test('roads that part at a narrow angle are a fork', async () => {
    const fork = await mapOf({s: [0, -200], c: [0, 0], l: [-100, 200], r: [100, 200]}, [
      ['sc', {name: 'Main Street'}],
      ['cl', {name: 'Left Street'}],
      ['cr', {name: 'Right Street'}],
    ]);
    expect((await fork(south, [-50, 100]))[1]).toBe('fork slight left: Keep left onto Left Street');
    expect((await fork(south, [50, 100]))[1]).toBe('fork slight right: Keep right onto Right Street');
  });
});

test('the lanes of a divided road are crossed in one turn', async () => {
  // Two one-way carriageways 12 m apart, joined at both ends, met by a side street.
  const corners = {
    a: [-200, 0],
    b: [0, 0],
    c: [200, 0],
    d: [200, 12],
    e: [0, 12],
    f: [-200, 12],
    s: [0, -150],
  } as const;
  const steps = await mapOf(corners, [
    ['abcdefa', {name: 'Boulevard', oneway: 'yes', highway: 'primary'}],
    ['sbe', {name: 'Side Street'}],
  ]);
  expect(await steps([0, -100], [-100, 12])).toEqual([
    'depart: Head north on Side Street',
    'end of road left: Turn left onto Boulevard',
    'arrive: You have arrived at your destination',
  ]);
});

test('a motorway is entered by a ramp and a merge, and left by a ramp', async () => {
  const corners = {a: [-900, 0], b: [-300, 0], c: [300, 0], d: [900, 0], u: [-500, -120], v: [500, -120]} as const;
  const far = {w: [-1_000, -120], x: [1_000, -120], y: [1_000, 3_000], z: [-1_000, 3_000], q: [-300, -120]} as const;
  const steps = await mapOf({...corners, ...far}, [
    ['abcd', {name: 'A 1', highway: 'motorway'}],
    ['ub', {highway: 'motorway_link', oneway: 'yes'}],
    ['cv', {highway: 'motorway_link', oneway: 'yes'}],
    ['wuq', {name: 'West Road', highway: 'secondary'}],
    ['vx', {name: 'East Road', highway: 'secondary'}],
    ['dyza', {highway: 'tertiary'}],
    ['xy', {highway: 'tertiary'}],
    ['zw', {highway: 'tertiary'}],
  ]);
  const told = await steps([-900, -120], [900, -120]);
  expect(told.map((each) => each.replace(/:.*/, ''))).toEqual([
    'depart',
    'on ramp slight left',
    'merge slight right',
    'off ramp slight right',
    'new name slight left',
    'arrive',
  ]);
});

describe('a roundabout', async () => {
  // A ring of twelve corners, 20 m wide, anticlockwise; arms to the four winds.
  const ring = Array.from('abcdefghijkl');
  const corners: Record<string, Corner> = Object.fromEntries(
    ring.map((letter, i) => [letter, [20 * Math.cos((i * Math.PI) / 6), 20 * Math.sin((i * Math.PI) / 6)] as const]),
  );
  const arms: Street[] = [
    ['aE', {name: 'East Street'}],
    ['dN', {name: 'North Street'}],
    ['gW', {name: 'West Street'}],
    ['jS', {name: 'South Street'}],
  ];
  const winds = {E: [200, 0], N: [0, 200], W: [-200, 0], S: [0, -200]} as const;
  const round: Street = [`${ring.join('')}a`, {junction: 'roundabout'}];
  const steps = await mapOf({...corners, ...winds}, [round, ...arms]);
  const from: Corner = [0, -150];

  test.each([
    [[150, 0], 1, '1st', 'East'],
    [[0, 150], 2, '2nd', 'North'],
    [[-150, 0], 3, '3rd', 'West'],
  ] as const)('is entered and left, and its exits are counted: to %j', async (to, exit, nth, name) => {
    expect(await steps(from, to)).toEqual([
      'depart: Head north on South Street',
      expect.stringContaining(`${exit}: Enter the roundabout and take the ${nth} exit onto ${name} Street`),
      expect.stringMatching(RegExp(`^exit roundabout .*${exit}: Exit the roundabout onto ${name} Street`)),
      'arrive: You have arrived at your destination',
    ]);
  });

  test('whose exit is not reached has none', async () => {
    const told = await steps(from, [20 * Math.cos(Math.PI / 12), 20 * Math.sin(Math.PI / 12)]);
    expect(told[1]).toMatch(/^roundabout [a-z ]+: Enter the roundabout/);
    expect(told).toHaveLength(3);
  });

  test('is none where it is a block between one-way streets', async () => {
    const square = await mapOf({a: [0, 0], b: [80, 0], c: [80, 80], d: [0, 80], s: [0, -150], e: [230, 80]}, [
      ['abcda', {oneway: 'yes'}],
      ['sa', {name: 'South Street'}],
      ['ce', {name: 'East Street'}],
    ]);
    expect((await square([0, -100], [200, 80])).join()).not.toContain('roundabout');
  });
});
