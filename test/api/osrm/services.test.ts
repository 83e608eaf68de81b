import {expect, test} from 'vitest';
import {town} from '../../support/town.ts';
import {place, townServer} from './town-server.ts';

// Two islands: gh and all else.
const {graph} = town(`
  a-b-c g
  |   | |
  d-e-f h
  v   ^
  k>l>m
`);
const {app, ask} = townServer(graph);

const [A, B, C, E, G] = [place(0.02, 0), place(0.98, 0), place(1.5, 2), place(0.5, 2), place(3, 0.5)];
const places = [A, B, C, E, place(0.5, 1), place(1, 0.5)];
const driving = (service: string, coordinates: readonly string[], options = ''): string =>
  `/${service}/v1/driving/${coordinates.join(';')}${options && `?${options}`}`;

test('a table holds the figures of the routes between its points', async () => {
  const all = [...places, G];
  const table = await ask(driving('table', all, 'annotations=duration,distance'));
  for (const [i, from] of all.entries()) {
    for (const [j, to] of all.entries()) {
      const {code, routes} = await ask(driving('route', [from, to]));
      expect(table.durations[i][j], `${from} to ${to}`).toBe(code === 'Ok' ? routes[0].duration : null);
      expect(table.distances[i][j], `${from} to ${to}`).toBe(code === 'Ok' ? routes[0].distance : null);
    }
  }
  expect(table.durations[3][2]).toBe(10);
  expect(table.distances[2][3]).toBe(500);
});

test('a part of a table is the part of the table', async () => {
  const whole = await ask(driving('table', places));
  const part = await ask(driving('table', places, 'sources=5;0&destinations=1;1;2'));
  expect(part.durations).toEqual([5, 0].map((i) => [1, 1, 2].map((j) => whole.durations[i][j])));
  expect(part.sources).toEqual([whole.sources[5], whole.sources[0]]);
  expect(part.destinations).toHaveLength(3);
  expect(part.distances).toBeUndefined();
  const bare = await ask(driving('table', places, 'skip_waypoints=true&annotations=distance'));
  expect(Object.keys(bare).sort()).toEqual(['code', 'distances']);
});

test('where there is no way, a speed gives estimates and tells which; a factor scales times', async () => {
  const {durations, distances, fallback_speed_cells} = await ask(
    driving('table', [A, G], 'fallback_speed=10&annotations=duration,distance'),
  );
  expect(fallback_speed_cells).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(distances[0][1]).toBeCloseTo(100 * Math.hypot(2.98, 0.5), 0);
  expect(durations[0][1]).toBeCloseTo(distances[0][1] / 10, 1);
  const longer = await ask(driving('table', [A, G], 'fallback_speed=10&scale_factor=2'));
  expect(longer.durations[0][1]).toBeCloseTo(2 * durations[0][1], 0);
  const snapped = await ask(
    driving('table', [place(0.5, -0.2), G], 'fallback_speed=10&annotations=distance&fallback_coordinate=snapped'),
  );
  expect(snapped.distances[0][1]).toBeCloseTo(100 * Math.hypot(2.5, 0.5), 0);
  const scaled = await ask(driving('table', [C, E], 'scale_factor=1.5'));
  expect(scaled.durations).toEqual([
    [0, 75],
    [15, 0],
  ]);
  const beyond = await ask(driving('table', [C, E], `scale_factor=${'9'.repeat(300)}`));
  expect(beyond.durations[0][1]).toBe(214748364.7);
});

test('a driver goes on straight at a via unless told that turning back is allowed', async () => {
  // Into the street de, and back to a: without turning, round the block.
  const route = [place(0, 0.5), place(0.5, 1), place(0, 0.4)];
  const straight = (await ask(driving('route', route))).routes[0];
  const back = (await ask(driving('route', route, 'continue_straight=false'))).routes[0];
  expect(back).toMatchObject({duration: 21, distance: 210});
  expect(straight.duration).toBe(59);
  expect(await ask(driving('route', route, 'continue_straight=true'))).toEqual(await ask(driving('route', route)));
  // The direction at a via is chosen for the whole route: arriving later may leave earlier.
  const ahead = (await ask(driving('route', [place(0, 0.5), place(0.5, 1), place(0, 0.4), place(0, 0.2)]))).routes[0];
  expect(ahead.legs.map(({duration}: {duration: number}) => duration)).toEqual([50, 11, 2]);
});

test('a coordinate that is no waypoint is driven through', async () => {
  const through = [place(0, 0.5), place(0.5, 1), place(2, 0.5)];
  const legs = (await ask(driving('route', through, 'steps=true'))).routes[0].legs;
  const {routes, waypoints} = await ask(driving('route', through, 'steps=true&waypoints=0;2'));
  const [leg] = routes[0].legs;
  expect(routes[0].legs).toHaveLength(1);
  expect(waypoints).toHaveLength(3);
  expect(leg.duration).toBe(legs[0].duration + legs[1].duration);
  const types = (steps: {maneuver: {type: string}}[]) => steps.map(({maneuver}) => maneuver.type);
  expect(types(leg.steps).filter((type) => type === 'arrive')).toHaveLength(1);
  expect(leg.steps.length).toBe(legs[0].steps.length + legs[1].steps.length - 2);
  // Turning back at it is a turn on the road.
  const back = [place(0, 0.5), place(0.5, 1), place(0, 0.4)];
  const turned = (await ask(driving('route', back, 'steps=true&waypoints=0;2&continue_straight=false'))).routes[0];
  expect(turned.legs[0].steps.map(({maneuver}: {maneuver: {modifier: string}}) => maneuver.modifier)).toContain(
    'uturn',
  );
});

test('sides of a street, bearings and radii choose among places', async () => {
  const beside = [place(0.5, -0.05), place(1.5, 0)];
  const nearest = async (options: string) => (await ask(driving('nearest', [place(0.5, -0.05)], options))).waypoints;
  // Traffic keeps right: north of a street passes who drives west.
  const [curb] = await nearest('approaches=curb');
  const [opposite] = await nearest('approaches=opposite');
  expect([curb.nodes, opposite.nodes]).toEqual([
    ['b', 'a'].map((letter) => letter.charCodeAt(0)),
    ['a', 'b'].map((letter) => letter.charCodeAt(0)),
  ]);
  const away = (await ask(driving('route', beside, 'approaches=curb;'))).routes[0];
  const along = (await ask(driving('route', beside, 'approaches=opposite;'))).routes[0];
  expect(along.duration).toBe(10);
  expect(away.duration).toBeGreaterThan(30);
  expect(await nearest('bearings=90,10')).toEqual([opposite]);
  expect(await nearest('bearings=268,10')).toEqual([curb]);
  // The nearest street that leads south.
  expect((await nearest('bearings=180,20'))[0].name).toBe('ad');
  expect((await ask(driving('nearest', [place(0.5, -0.05)], 'radiuses=4'))).code).toBe('NoSegment');
  const [all, free] = [await nearest('number=3'), await nearest('number=3&generate_hints=false')];
  expect(all).toHaveLength(3);
  expect(all.map(({hint: _, ...rest}: {hint: string}) => rest)).toEqual(free);
  expect(all.map(({hint}: {hint: string}) => hint)).toEqual(all.map(() => expect.stringMatching(/^[\w-]{16}$/)));
});

test('hints are accepted and change nothing', async () => {
  const {waypoints, ...rest} = await ask(driving('route', [A, C]));
  const hints = waypoints.map(({hint}: {hint: string}) => hint).reverse();
  expect(await ask(driving('route', [A, C], `hints=${hints.join(';')}`))).toEqual({...rest, waypoints});
});

test('geometries, overviews and annotations tell one way', async () => {
  const full = (await ask(driving('route', [A, C], 'overview=full&geometries=geojson&annotations=true'))).routes[0];
  const {coordinates} = full.geometry;
  const {annotation, ...leg} = full.legs[0];
  expect(leg).toEqual({distance: full.distance, duration: full.duration, weight: full.weight, summary: '', steps: []});
  expect(annotation.nodes).toHaveLength(coordinates.length);
  for (const part of ['duration', 'distance', 'speed', 'weight', 'datasources']) {
    expect(annotation[part], part).toHaveLength(coordinates.length - 1);
  }
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  expect(sum(annotation.duration)).toBeCloseTo(full.duration, 1);
  expect(sum(annotation.distance)).toBeCloseTo(full.distance, 1);
  expect(new Set(annotation.speed)).toEqual(new Set([10]));
  // With the nodes outside its ends.
  expect(String.fromCharCode(...annotation.nodes)).toBe('badklm');
  expect(annotation.metadata).toEqual({datasource_names: ['profile']});
  const some = (await ask(driving('route', [A, C], 'annotations=nodes,speed'))).routes[0].legs[0].annotation;
  expect(Object.keys(some).sort()).toEqual(['nodes', 'speed']);
  expect((await ask(driving('route', [A, C], 'overview=false'))).routes[0].geometry).toBeUndefined();
  const byLegs = (await ask(driving('route', [A, C, E], 'overview=by_legs&geometries=polyline6'))).routes[0];
  expect(byLegs.geometry).toBeUndefined();
  expect(byLegs.legs.map(({geometry}: {geometry: string}) => geometry)).toEqual([
    expect.any(String),
    expect.any(String),
  ]);
});

test('a place to itself is a route of no length, with steps that depart and arrive', async () => {
  const {routes} = await ask(driving('route', [A, A], 'steps=true&overview=full&geometries=geojson'));
  expect(routes[0]).toMatchObject({distance: 0, duration: 0});
  expect(routes[0].geometry.coordinates).toHaveLength(2);
  const {steps} = routes[0].legs[0];
  expect(steps.map(({maneuver}: {maneuver: {type: string}}) => maneuver.type)).toEqual(['depart', 'arrive']);
});

const P = `${A};${C}`;
const many = (count: number) => Array.from({length: count}, () => A).join(';');

const REFUSED: [path: string, status: number, code: string, message?: string][] = [
  ['/route/v1/driving', 400, 'InvalidUrl'],
  ['/route', 400, 'InvalidUrl'],
  ['/', 400, 'InvalidUrl'],
  [`/route/v1/driving/${P}/more`, 400, 'InvalidUrl'],
  [`/route/v1/driving/${P}%zz`, 400, 'InvalidUrl'],
  [`/route/v1/driving/${P}?steps=%zz`, 400, 'InvalidUrl'],
  [`/route/v1/bike/${P}`, 400, 'InvalidUrl'],
  [`/trip/v1/driving/${P}`, 400, 'InvalidService'],
  [`/route/v2/driving/${P}`, 400, 'InvalidVersion'],
  [`/route/v1/driving/${A}`, 400, 'InvalidOptions', 'Number of coordinates needs to be at least two.'],
  [
    `/route/v1/driving/${P}?radiuses=1;2;3`,
    400,
    'InvalidOptions',
    'Number of elements in radiuses size 3 does not match coordinate size 2',
  ],
  [`/route/v1/driving/${P}?bearings=361,0;`, 400, 'InvalidOptions'],
  [`/route/v1/driving/${P}?radiuses=-1;`, 400, 'InvalidOptions'],
  [`/route/v1/driving/${P}?waypoints=0;2`, 400, 'InvalidOptions'],
  [`/route/v1/driving/${P}?region=here`, 400, 'InvalidOptions'],
  [`/table/v1/driving/${P}?sources=2`, 400, 'InvalidOptions'],
  [`/table/v1/driving/${P}?fallback_speed=0`, 400, 'InvalidOptions', 'fallback_speed must be > 0'],
  [`/table/v1/driving/${P}?scale_factor=-1`, 400, 'InvalidOptions', 'scale_factor must be > 0'],
  [`/nearest/v1/driving/${P}`, 400, 'InvalidOptions', 'Only one input coordinate is supported'],
  [`/route/v1/driving/${P}?steps=maybe`, 400, 'InvalidQuery'],
  [`/route/v1/driving/200,0;${A}`, 400, 'InvalidValue', 'Invalid coordinate value.'],
  [`/table/v1/driving/0,91;${A}`, 400, 'InvalidOptions', 'Coordinates are invalid'],
  [
    `/route/v1/driving/${P}?waypoints=0`,
    400,
    'InvalidValue',
    'First and last coordinates must be specified as waypoints.',
  ],
  [`/route/v1/driving/${P}?exclude=motorway`, 400, 'InvalidValue', 'Exclude flag combination is not supported.'],
  [
    `/route/v1/driving/${A};${place(40, 40)}?radiuses=;10`,
    400,
    'NoSegment',
    'Could not find a matching segment for coordinate 1',
  ],
  [`/nearest/v1/driving/${place(40, 40)}?radiuses=10`, 400, 'NoSegment'],
  [`/route/v1/driving/${A};${G}`, 400, 'NoRoute', 'Impossible route between points'],
  [`/route/v1/driving/${many(501)}`, 400, 'TooBig', 'Number of entries 501 is higher than current maximum (500)'],
  [`/route/v1/driving/${P}?alternatives=4`, 400, 'TooBig'],
  [`/nearest/v1/driving/${A}?number=101`, 400, 'TooBig'],
  [`/table/v1/driving/${many(4_473)}`, 400, 'TooBig', 'Too many table coordinates'],
  [`/route/v1/driving/${P}.flatbuffers`, 400, 'NotImplemented'],
];

test.each(REFUSED.map(([path, ...told]) => [path.slice(0, 80), path, ...told] as const))(
  '%s is refused',
  async (_, path, status, code, message = expect.any(String)) => {
    const answer = await app.inject(path);
    expect({status: answer.statusCode, ...answer.json()}).toEqual({status, code, message});
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  },
);

test('pages of any origin may ask before they read; nothing else is taken', async () => {
  const before = await app.inject({method: 'OPTIONS', path: driving('route', [A, C])});
  expect(before.statusCode).toBe(204);
  expect(before.headers).toMatchObject({'access-control-allow-origin': '*', 'access-control-allow-methods': /GET/});
  const posted = await app.inject({method: 'POST', path: '/route/v1/driving', payload: {coordinates: []}});
  expect({status: posted.statusCode, code: posted.json().code}).toEqual({status: 405, code: 'InvalidMethod'});
  const head = await app.inject({method: 'HEAD', path: driving('table', [A, C])});
  expect(head.statusCode).toBe(200);
  expect(Number(head.headers['content-length'])).toBeGreaterThan(100);
  expect((await app.inject(driving('route', [A, C]).replace('driving', 'car'))).statusCode).toBe(200);
});

test('a table announces the bytes it sends', async () => {
  const answer = await app.inject(driving('table', places, 'annotations=duration,distance'));
  expect(Number(answer.headers['content-length'])).toBe(answer.rawPayload.length);
});
