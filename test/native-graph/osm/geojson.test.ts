import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {coordinateId, readGeoJson} from '../../../native-graph/osm/geojson.ts';
import {CROSSING, type ObjectData, toGeoJson} from '../../support/map-data.ts';
import {chunksOf, mapFiles, readAll} from '../../support/map-file.ts';

const write = mapFiles();
const objectsOf = async (content: string | Uint8Array): Promise<ObjectData[]> =>
  (await readAll(write(content))).objects;

const refusal = async (content: string | Uint8Array): Promise<string> => {
  const error = await objectsOf(content).then(
    () => undefined,
    (e) => e,
  );
  return `${error?.name} ${error?.code} ${error?.message}`;
};

const feature = (geometry: unknown, properties: unknown = {highway: 'residential'}, id?: unknown) => ({
  type: 'Feature',
  ...(id === undefined ? {} : {id}),
  properties,
  geometry,
});
const line = (...coordinates: unknown[]) => ({type: 'LineString', coordinates});
const collection = (...features: unknown[]): string => JSON.stringify({type: 'FeatureCollection', features});
const [A, B, C] = [coordinateId(0, 0), coordinateId(0, 10_000_000), coordinateId(0, 20_000_000)];

describe('a GeoJSON file of OSM ways', () => {
  test('shows the nodes of a line, told by their places, and then the way', async () => {
    const objects = await objectsOf(collection(feature(line([0, 0], [1, 0]), {highway: 'primary'}, 'way/7')));
    expect(objects).toEqual([
      {kind: 'node', id: A, latE7: 0, lonE7: 0, tags: {}},
      {kind: 'node', id: B, latE7: 0, lonE7: 10_000_000, tags: {}},
      {kind: 'way', id: 7, refs: [A, B], tags: {highway: 'primary'}},
    ]);
  });

  const waysOf = async (...features: unknown[]) =>
    (await objectsOf(collection(...features))).filter((o) => o.kind === 'way');

  test('takes the tags from the properties or from `tags` in them, numbers and truths as text', async () => {
    const ways = await waysOf(
      feature(line([0, 0], [1, 0]), {highway: 'primary', maxspeed: 50, oneway: true, name: null, ref: {a: 1}}),
      feature(line([0, 0], [1, 0]), {type: 'way', id: 5, tags: {highway: 'service'}, meta: {}}),
      feature(line([0, 0], [1, 0]), null),
    );
    expect(ways.map((way) => way.tags)).toEqual([
      {highway: 'primary', maxspeed: '50', oneway: 'true'},
      {highway: 'service'},
      {},
    ]);
  });

  test('takes the way id from the feature or its properties, else minus the place in the file', async () => {
    const ways = await waysOf(
      feature(line([0, 0], [1, 0]), {}, 'way/7'),
      feature(line([0, 0], [1, 0]), {'@id': 'way/8'}),
      feature(line([0, 0], [1, 0]), {id: 9, tags: {}}),
      feature(line([0, 0], [1, 0]), {}, 10),
      feature(line([0, 0], [1, 0]), {}, 'relation/3'),
      feature(line([0, 0], [1, 0]), {id: 2 ** 60}),
    );
    expect(ways.map((way) => way.id)).toEqual([7, 8, 9, 10, -5, -6]);
  });

  test('shows each line of a MultiLineString, and outer rings as areas', async () => {
    const ring = [
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 0],
    ];
    const ways = await waysOf(
      feature({type: 'MultiLineString', coordinates: [ring.slice(0, 2), ring.slice(1, 3)]}),
      feature({type: 'Polygon', coordinates: [ring, ring]}),
      feature({type: 'MultiPolygon', coordinates: [[ring, ring], [ring]]}),
      feature(null),
      feature({type: 'GeometryCollection', geometries: []}),
    );
    const area = {highway: 'residential', area: 'yes'};
    expect(ways.map(({refs, tags}) => ({refs, tags}))).toEqual([
      {refs: [A, B], tags: {highway: 'residential'}},
      {refs: [B, C], tags: {highway: 'residential'}},
      {refs: [A, B, C, A], tags: area},
      {refs: [A, B, C, A], tags: area},
      {refs: [A, B, C, A], tags: area},
    ]);
  });

  test('shows a point as a node with tags', async () => {
    const point = feature({type: 'Point', coordinates: [1, 0, 77]}, {barrier: 'bollard'}, 'node/5');
    expect(await objectsOf(collection(point))).toEqual([
      {kind: 'node', id: B, latE7: 0, lonE7: 10_000_000, tags: {barrier: 'bollard'}},
    ]);
  });

  test('may be packed, cut by chunks anywhere, and hold brackets and quotes in texts', async () => {
    const name = '€ "]}\\" {[';
    const features = Array.from({length: 20_000}, (_, i) => feature(line([0, 0], [1, 0]), {name}, i + 1));
    const text = JSON.stringify({features, generator: 'x"]}', 'features ': [1, {}], more: {features: [1]}}, null, 1);
    for (const content of [text, `\u{feff}\n${text}`, gzipSync(text)]) {
      const ways = (await objectsOf(content)).filter((o) => o.kind === 'way');
      expect(ways.map((way) => way.id)).toEqual(features.map((f) => f.id));
      expect(ways.every((way) => way.tags.name === name)).toBe(true);
    }
  });

  const good = JSON.stringify(feature(line([0, 0], [1, 0])));
  const damaged: [string, string, RegExp][] = [
    ['no features', '{"elements": []}', /no list of "features"/],
    ['features that are no list', '{"features": {}}', /byte 13: "features" is no list/],
    ['a number among the features', `{"features": [${good}, 1]}`, /an entry that is no feature/],
    ['a text among the features', `{"features": [${good}, "x"]}`, /a text that is no feature/],
    ['a list among the features', `{"features": [${good}, []]}`, /a list that is no feature/],
    ['features that end as an object', `{"features": [${good}}}`, /the list of features ends as an object/],
    ['an object that is no feature', '{"features": [ {"type": "Node"}]}', /byte 15: an entry that is no feature/],
    ['a feature that is no JSON', '{"features": [{"type": }]}', /byte 14: Unexpected token/],
    ['more after the document', `{"features": []} {"features": []}`, /byte 17: more follows/],
    ['brackets without end', '['.repeat(100).replace('[', '{"features": [{"a":'), /nested more than 64 deep/],
    ['a position off the Earth', collection(feature(line([0, 91]))), /a position \[0, 91\]/],
    ['a position of text', collection(feature(line(['0', '1\n']))), /a position \[0, 1 \]/],
    ['coordinates that are no list', collection(feature({type: 'LineString', coordinates: 1})), /are no list/],
    ['a polygon without rings', collection(feature({type: 'Polygon', coordinates: []})), /are no list/],
  ];
  test.each(damaged)('is refused, with the byte, when it holds %s', async (_, text, message) => {
    const found = await refusal(text);
    expect(found).toMatch(message);
    expect(found).toMatch(/^InputFailure GEOJSON_DAMAGED .*: damaged GeoJSON at byte \d+: [^\n]*$/);
  });

  test('is refused rather than held when a feature has no end', async () => {
    const endless = `{"features": [{"type": "Feature", "x": "${'y'.repeat(20 << 20)}`;
    expect(await refusal(endless)).toMatch(/byte 14: a feature of more than 16777216 bytes/);
  });

  test('is refused wherever it is cut off', async () => {
    const whole = toGeoJson(CROSSING);
    for (let length = 1; length < whole.length; length++) {
      const cut = readGeoJson('cut', chunksOf(whole.slice(0, length)), {});
      await expect(cut, `${length} characters`).rejects.toMatchObject({code: 'GEOJSON_DAMAGED'});
    }
  });
});

describe('a node id made from a place', () => {
  test('is an exact integer that no other place of a city shares', () => {
    const latE7 = fc.integer({min: -900_000_000, max: 900_000_000});
    const lonE7 = fc.integer({min: -1_800_000_000, max: 1_800_000_000});
    const places = fc.array(fc.tuple(latE7, lonE7), {minLength: 2_000, maxLength: 2_000});
    fc.assert(
      fc.property(places, (list) => {
        const ids = new Set(list.map(([lat, lon]) => coordinateId(lat, lon)));
        expect([...ids].every((id) => Number.isSafeInteger(id) && id >= 0)).toBe(true);
        expect(ids.size).toBe(new Set(list.map(String)).size);
      }),
      {numRuns: 20},
    );
  });

  test('differs between neighbours on a fine grid', () => {
    const ids = new Set<number>();
    for (let lat = 0; lat < 500; lat++) for (let lon = 0; lon < 500; lon++) ids.add(coordinateId(lat, lon - 250));
    expect(ids.size).toBe(250_000);
  });
});
