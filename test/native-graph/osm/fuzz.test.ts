// Damaged files of every format: each gives a valid network or one InputFailure, in bounded time, and nothing else.

import {readFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {InputFailure} from '../../../native-graph/failure.ts';
import {CROSSING, node, type ObjectData, toGeoJson, toXml, way} from '../../support/map-data.ts';
import {mapFiles} from '../../support/map-file.ts';
import {mutate, mutation} from '../../support/mutations.ts';
import {toPbf} from '../../support/pbf-writer.ts';
import {runs} from '../../support/runs.ts';
import {sharedFile} from '../../support/shared.ts';
import {expectValid} from '../../support/valid-network.ts';

const write = mapFiles();

const MAP: readonly ObjectData[] = [
  ...CROSSING,
  node(6, 410_030_000, -86_000_000, {barrier: 'bollard'}),
  way(13, [3, 6, 1], {highway: 'service', 'maxspeed:forward': '20 mph', oneway: '-1'}),
];

async function expectNetworkOrFailure(content: Uint8Array): Promise<'network' | 'failure'> {
  const path = write(content);
  try {
    expectValid(await importNetwork(path));
    return 'network';
  } catch (error) {
    if (!(error instanceof InputFailure)) throw error;
    expect(error.message).toMatch(/^[^\n]*: [^\n]+$/);
    expect(error.message.startsWith(`${path}: `)).toBe(true);
    expect(error.message.length).toBeLessThan(path.length + 400);
    return 'failure';
  }
}

test.each([
  ['OSM PBF, not deflated', toPbf(MAP, {raw: true}), 3_000],
  ['OSM PBF with plain nodes, not deflated', toPbf(MAP, {raw: true, dense: false, blockSize: 3}), 1_500],
  ['OSM PBF, deflated', toPbf(MAP), 1_000],
  ['OSM XML', Buffer.from(toXml(MAP)), 1_800],
  ['OSM XML, gzip', gzipSync(toXml(MAP)), 500],
  ['GeoJSON', Buffer.from(toGeoJson(MAP)), 2_200],
])('a damaged file is refused in one line or still a map: %s', async (_, whole, soakRuns) => {
  const numRuns = runs(soakRuns, 8);
  expect(await expectNetworkOrFailure(whole)).toBe('network');
  const ends = {network: 0, failure: 0};
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, {minLength: 1, maxLength: 3}), async (mutations) => {
      ends[await expectNetworkOrFailure(mutate(whole, mutations))]++;
    }),
    {numRuns},
  );
  expect(ends.failure).toBeGreaterThan(numRuns / 20);
});

const missing = sharedFile('data/osm/edge-cases/r5-missing-nodes.osm.pbf');
test.skipIf(!missing)('a damaged file written by another program is refused in one line or still a map', async () => {
  const whole = readFileSync(missing as string);
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, {minLength: 1, maxLength: 2}), async (mutations) => {
      await expectNetworkOrFailure(mutate(whole, mutations));
    }),
    {numRuns: runs(800, 8)},
  );
});
