import {describe, expect, test} from 'vitest';
import {CAR, PROFILE_ID, ROAD_CLASSES} from '../../../native-graph/profile/car.ts';
import {driveWay, durationSeconds} from '../../../native-graph/profile/way.ts';

/** "highway=primary oneway=yes" as tags; an underscore in a value stays. */
const tagged = (text: string): Map<string, string> =>
  new Map(text.split(' ').map((pair) => pair.split('=') as [string, string]));

const drive = (text: string) => driveWay(tagged(text));
const speeds = (text: string): string => {
  const result = drive(text);
  return typeof result === 'object' ? `${result.forwardKmh} ${result.backwardKmh}` : String(result);
};

describe('the car profile', () => {
  test.each([
    ['motorway', '90 0'],
    ['motorway_link', '45 45'],
    ['trunk', '85 85'],
    ['trunk_link', '40 40'],
    ['primary', '65 65'],
    ['primary_link', '30 30'],
    ['secondary', '55 55'],
    ['secondary_link', '25 25'],
    ['tertiary', '40 40'],
    ['tertiary_link', '20 20'],
    ['unclassified', '25 25'],
    ['residential', '25 25'],
    ['living_street', '10 10'],
    ['service', '15 15'],
    ['road', '10 10'],
  ])('drives %s at %s km/h where no limit is mapped', (highway, expected) => {
    expect(speeds(`highway=${highway}`)).toBe(expected);
    expect(drive(`highway=${highway}`)).toMatchObject({roadClass: ROAD_CLASSES.indexOf(highway as 'road')});
  });

  test.each([
    'footway',
    'cycleway',
    'steps',
    'path',
    'bridleway',
    'corridor',
    'bus_guideway',
    'raceway',
    'no',
    'constructor',
  ])('leaves out highway=%s', (highway) => {
    expect(speeds(`highway=${highway}`)).toBe('no-car-road');
    expect(speeds(`highway=${highway} access=yes`)).toBe('no-car-road');
  });

  test('knows nothing of what is neither highway nor ferry', () => {
    expect(drive('building=yes')).toBeUndefined();
    expect(drive('route=bus')).toBeUndefined();
  });

  test.each([
    ['route=ferry', {forwardKmh: 5, backwardKmh: 5}],
    ['route=shuttle_train motorcar=yes', {forwardKmh: 5, backwardKmh: 5}],
    ['route=ferry motor_vehicle=yes foot=yes duration=00:20', {forwardKmh: 5, backwardKmh: 5, durationS: 1_200}],
    ['route=ferry oneway=yes', {forwardKmh: 5, backwardKmh: 0}],
    ['route=ferry foot=yes', 'access'],
    ['route=ferry bicycle=yes motor_vehicle=no', 'access'],
    ['route=ferry access=private', 'access'],
  ])('makes of a ferry with %s what it says', (tags, expected) => {
    const found = drive(tags);
    expect(found).toEqual(
      typeof expected === 'string' ? expected : {roadClass: ROAD_CLASSES.indexOf('ferry'), ...expected},
    );
  });

  test.each([
    ['20', 1_200],
    ['0:20', 1_200],
    ['1:30', 5_400],
    ['01:02:03', 3_723],
    ['PT1H30M', 5_400],
    ['PT45S', 45],
    ['0', undefined],
    ['', undefined],
    ['PT', undefined],
    ['an hour', undefined],
  ])('reads the duration %s', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  test.each([
    ['highway=track', 'no-car-road'],
    ['highway=track access=yes', 'no-car-road'],
    ['highway=track motor_vehicle=yes', '10 10'],
    ['highway=track motorcar=no motor_vehicle=yes', 'no-car-road'],
    ['highway=pedestrian motorcar=designated', '10 10'],
    ['highway=pedestrian motor_vehicle=delivery', 'no-car-road'],
    ['highway=residential area=yes', 'area'],
    ['highway=residential area=no', '25 25'],
    ['highway=construction', 'construction'],
    ['highway=proposed', 'construction'],
    ['highway=primary construction=yes', 'construction'],
    ['highway=primary construction=minor', '65 65'],
    ['highway=primary proposed=yes', 'construction'],
    ['highway=primary impassable=yes', 'impassable'],
    ['highway=primary status=impassable', 'impassable'],
    ['highway=primary smoothness=impassable', 'impassable'],
    ['highway=service service=emergency_access', 'access'],
    ['highway=service service=parking_aisle', '15 15'],
    ['highway=motorway hov=designated', 'access'],
    ['highway=motorway hov=lane', '90 0'],
  ])('makes of %s: %s', (text, expected) => {
    expect(speeds(text)).toBe(expected);
  });

  test.each([
    ['access=no', 'access'],
    ['access=private', 'access'],
    ['access=agricultural', 'access'],
    ['access=agricultural;forestry', 'access'],
    ['access=forestry;yes', '25 25'],
    ['access=emergency', 'access'],
    ['access=permit', 'access'],
    ['access=destination', '25 25'],
    ['access=delivery', '25 25'],
    ['access=customers', '25 25'],
    ['access=permissive', '25 25'],
    ['access=unknown', '25 25'],
    ['access=no motor_vehicle=yes', '25 25'],
    ['access=yes vehicle=no', 'access'],
    ['vehicle=no motor_vehicle=destination', '25 25'],
    ['motor_vehicle=yes motorcar=no', 'access'],
    ['motor_vehicle=no motorcar=yes', '25 25'],
    ['motor_vehicle=psv', 'access'],
    ['vehicle:forward=no', '0 25'],
    ['vehicle:backward=no', '25 0'],
    ['motorcar:backward=no vehicle:forward=no motor_vehicle:forward=yes', '25 0'],
    ['oneway=yes vehicle:forward=no', 'access'],
    ['bicycle=no foot=no hgv=no', '25 25'],
  ])('lets cars into a street with %s: %s', (text, expected) => {
    expect(speeds(`highway=residential ${text}`)).toBe(expected);
  });

  test.each([
    ['oneway=yes', '25 0'],
    ['oneway=1', '25 0'],
    ['oneway=true', '25 0'],
    ['oneway=-1', '0 25'],
    ['oneway=reverse', '0 25'],
    ['oneway=no', '25 25'],
    ['oneway=alternating', '25 25'],
    ['oneway=reversible', 'reversible'],
    ['oneway=what', '25 25'],
    ['oneway=toString', '25 25'],
    ['oneway=yes oneway:motorcar=no', '25 25'],
    ['oneway=yes oneway:motor_vehicle=-1', '0 25'],
    ['oneway=no oneway:vehicle=yes', '25 0'],
    ['oneway=yes oneway:bicycle=no', '25 0'],
    ['junction=roundabout', '25 0'],
    ['junction=circular', '25 0'],
    ['junction=roundabout oneway=no', '25 25'],
    ['junction=roundabout oneway=-1', '0 25'],
    ['junction=jughandle', '25 25'],
  ])('takes the direction of a street with %s: %s', (text, expected) => {
    expect(speeds(`highway=residential ${text}`)).toBe(expected);
  });

  test('takes motorways as one-way unless they say otherwise, and their links as two-way unless they do', () => {
    expect(speeds('highway=motorway oneway=no')).toBe('90 90');
    expect(speeds('highway=motorway_link oneway=yes')).toBe('45 0');
  });

  test.each([
    ['maxspeed=50', '40 40'],
    ['maxspeed=signals', '25 25'],
    ['maxspeed:forward=50', '40 25'],
    ['maxspeed=30 maxspeed:backward=50', '24 40'],
    ['maxspeed=50 oneway=-1', '0 40'],
    ['surface=sand', '20 20'],
    ['surface=asphalt', '25 25'],
    ['tracktype=grade5 smoothness=very_horrible', '5 5'],
    ['surface=sand maxspeed=50', '20 20'],
    ['surface=sett maxspeed=30', '24 24'],
  ])('drives a street with %s at %s km/h', (text, expected) => {
    expect(speeds(`highway=residential ${text}`)).toBe(expected);
  });

  test('speaks of every class by a number that fits a byte, and drives none faster than a motorway', () => {
    expect(new Set(ROAD_CLASSES).size).toBe(ROAD_CLASSES.length);
    expect(ROAD_CLASSES.length).toBeLessThan(256);
    for (const name of ROAD_CLASSES) expect(CAR.classKmh[name]).toBeLessThanOrEqual(CAR.classKmh.motorway);
  });

  test('is named by its content', () => {
    expect(PROFILE_ID).toMatch(/^car-[0-9a-f]{16}$/);
  });
});
