import {expect, test} from 'vitest';
import {parseQuery, type Service} from '../../../src/api/osrm/query.ts';

const PLACES = '13.38,52.51;13.39,-52.52';
const read = (text: string, service: Service = 'route') => parseQuery(service, text, 18);
const optionsOf = (options: string, service: Service = 'route') => {
  const query = read(`${PLACES}?${options}`, service);
  return 'options' in query ? query.options : query;
};

test('coordinates stand as numbers, as a polyline of either precision, with or without a format', () => {
  const coordinates = [
    [13.38, 52.51],
    [13.39, -52.52],
  ];
  expect(read(PLACES)).toEqual({coordinates, options: {}});
  expect(read(`${PLACES}.json`)).toEqual({coordinates, options: {}});
  expect(read('13.,52.json?steps=true')).toEqual({coordinates: [[13, 52]], options: {steps: true}});
  const five = read('polyline(_p~iF~ps|U_ulLnnqC)?overview=false');
  expect(five).toMatchObject({
    coordinates: [
      [-120.2, 38.5],
      [-120.95, 40.7],
    ],
    options: {overview: 'false'},
  });
  // A question mark is a digit of a polyline.
  expect(read('polyline6(??????)?steps=false')).toMatchObject({
    coordinates: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  });
});

test('options become values', () => {
  expect(optionsOf('radiuses=;12.5&bearings=10,20;&approaches=curb;&hints=;abc-_=&exclude=toll,ferry')).toEqual({
    radiuses: [null, 12.5],
    bearings: [{deg: 10, rangeDeg: 20}, null],
    approaches: ['curb', null],
    hints: [null, 'abc-_='],
    exclude: ['toll', 'ferry'],
  });
  expect(optionsOf('radiuses=unlimited;unlimited&generate_hints=false&skip_waypoints=true&snapping=any')).toEqual({
    radiuses: [Infinity, Infinity],
    generate_hints: false,
    skip_waypoints: true,
    snapping: 'any',
  });
  expect(optionsOf('alternatives=3&annotations=duration,nodes&waypoints=0;1&continue_straight=default')).toEqual({
    alternatives: 3,
    annotations: ['duration', 'nodes'],
    waypoints: [0, 1],
    continue_straight: 'default',
  });
  expect(optionsOf('sources=all&destinations=0;1&fallback_speed=1.5&annotations=duration,distance', 'table')).toEqual({
    sources: 'all',
    destinations: [0, 1],
    fallback_speed: 1.5,
    annotations: ['duration', 'distance'],
  });
  expect(optionsOf('steps=false&steps=true')).toEqual({steps: true});
});

test('what cannot be read is refused, with its position in the URL', () => {
  const at = (position: number) => ({
    code: 'InvalidQuery',
    message: `Query string malformed close to position ${position}`,
  });
  for (const places of [
    '',
    '13',
    '13,',
    '13,52;',
    '13,52;a,b',
    '13,52,1',
    '1e3,5',
    'polyline()',
    'polyline(_p~i',
    '13,52.xml',
  ]) {
    expect(read(places), places).toMatchObject(at(18));
  }
  const behind = 18 + PLACES.length + 1;
  for (const option of [
    '',
    'steps',
    'steps=',
    'steps=yes',
    'unknown=1',
    'radiuses=a;b',
    'bearings=1;2',
    'geometries=wkt',
  ]) {
    expect(read(`${PLACES}?${option}`), option).toMatchObject(at(behind));
  }
  expect(read(`${PLACES}?steps=true&overview=all`)).toMatchObject(at(behind + 'steps=true&'.length));
  for (const name of ['constructor', '__proto__', 'toString']) {
    expect(read(`${PLACES}?${name}=1`), name).toMatchObject(at(behind));
  }
  // Each service has its own.
  expect(optionsOf('sources=all')).toMatchObject(at(behind));
  expect(optionsOf('steps=true', 'table')).toMatchObject(at(behind));
  expect(optionsOf('number=2', 'nearest')).toEqual({number: 2});
});

test('what no URL of OSRM’s holds is told with its surroundings', () => {
  expect(read('13,52; 14,53')).toMatchObject({
    code: 'InvalidUrl',
    message: 'URL string malformed close to position 24: "52; 14"',
  });
  expect(read(`${PLACES}.flatbuffers`)).toMatchObject({code: 'NotImplemented'});
});
