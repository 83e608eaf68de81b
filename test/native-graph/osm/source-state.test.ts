import {gzipSync} from 'node:zlib';
import {PbfWriter} from 'pbf';
import {expect, test} from 'vitest';
import {readSourceState} from '../../../native-graph/osm/source-state.ts';
import {mapFiles} from '../../support/map-file.ts';
import {blob, headerBlock} from '../../support/pbf-writer.ts';
import {sharedFile} from '../../support/shared.ts';

const write = mapFiles();
const DAY = '2026-11-20T21:21:05.000Z';

function header(): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(32, Date.parse(DAY) / 1_000);
  pbf.writeVarintField(33, 4_321);
  pbf.writeStringField(34, 'https://planet.example/updates');
  return Buffer.concat([headerBlock(['OsmSchema-V0.6']), pbf.finish()]);
}

test.each([true, false])('an OSM PBF tells its time and where its updates go on (not deflated: %s)', async (raw) => {
  expect(await readSourceState(write(blob('OSMHeader', header(), raw)), 'osm-pbf')).toEqual({
    timestamp: DAY,
    replicationSequence: 4_321,
    replicationUrl: 'https://planet.example/updates',
  });
});

test('a header that says nothing, or is damaged, gives no state', async () => {
  const plain = blob('OSMHeader', headerBlock(['OsmSchema-V0.6']));
  expect(await readSourceState(write(plain), 'osm-pbf')).toEqual({});
  for (let length = 1; length < plain.length; length++) {
    expect(await readSourceState(write(plain.subarray(0, length)), 'osm-pbf')).toEqual({});
  }
});

test.each([
  [`<?xml version="1.0"?>\n<osm version="0.6" timestamp="2026-11-20T21:21:05Z"/>`, {timestamp: DAY}],
  [`<osm version='0.6'><note>…</note><meta osm_base='2026-11-20T21:21:05Z'/></osm>`, {timestamp: DAY}],
  [`<osm timestamp="yesterday"/>`, {}],
  [`<osm><node id="1" timestamp="2026-11-20T21:21:05Z"/></osm>`, {}],
])('OSM XML %s', async (text, state) => {
  expect(await readSourceState(write(gzipSync(text)), 'osm-xml')).toEqual(state);
});

test.each([
  ['{"timestamp": "2026-11-20T21:21:05Z", "features": []}', {timestamp: DAY}],
  ['{"features": [{"properties": {"timestamp": "2026-11-20T21:21:05Z"}}]}', {}],
])('GeoJSON %s', async (text, state) => {
  expect(await readSourceState(write(text), 'geojson')).toEqual(state);
});

const isleOfMan = sharedFile('data/osm/isle-of-man.osm.pbf');
test.skipIf(!isleOfMan)('of an extract as it is published it tells what osmium fileinfo tells', async () => {
  expect(await readSourceState(isleOfMan!, 'osm-pbf')).toEqual({
    timestamp: '2020-03-13T21:59:02.000Z',
    replicationSequence: 2_550,
    replicationUrl: 'http://download.geofabrik.de/europe/isle-of-man-updates',
  });
});
