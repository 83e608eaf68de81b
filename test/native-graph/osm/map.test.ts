import {mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openMap} from '../../../native-graph/osm/map.ts';
import {CROSSING, toGeoJson, toXml} from '../../support/map-data.ts';
import {mapFiles, readAll} from '../../support/map-file.ts';
import {toPbf} from '../../support/pbf-writer.ts';

const write = mapFiles();

describe('a map file', () => {
  test.each([
    ['osm-pbf', toPbf(CROSSING), 'city.xml'],
    ['osm-xml', Buffer.from(toXml(CROSSING)), 'city.json'],
    ['geojson', Buffer.from(toGeoJson(CROSSING)), 'city.osm.pbf'],
  ])('of format %s is told by its content, whatever its name', async (format, content, name) => {
    const path = write(content, name);
    expect(await openMap(path)).toMatchObject({format, path, sizeBytes: content.length});
    expect((await readAll(path)).readBytes).toBe(content.length);
  });

  test('can be read again and again', async () => {
    const source = await openMap(write(toPbf(CROSSING)));
    let ways = 0;
    for (let pass = 0; pass < 3; pass++) await source.read({way: () => ways++});
    expect(ways).toBe(9);
  });

  test('hands on what goes wrong in the visitor', async () => {
    for (const content of [toPbf(CROSSING), toXml(CROSSING), toGeoJson(CROSSING)]) {
      const source = await openMap(write(content));
      const way = (): void => {
        throw new TypeError('a defect');
      };
      await expect(source.read({way})).rejects.toThrow(new TypeError('a defect'));
    }
  });

  const path = write('', 'empty');
  const folder = join(dirname(path), 'folder');
  mkdirSync(folder);

  test.each([
    ['is missing', join(folder, 'x'), 'FILE_MISSING', 'no such file'],
    ['lies in a file', join(path, 'x'), 'FILE_UNREADABLE', 'cannot be read (ENOTDIR)'],
    ['is empty', path, 'FILE_EMPTY', 'the file is empty'],
    ['is a folder', folder, 'FILE_NOT_REGULAR', 'a folder, not a file'],
    ['is a device', '/dev/null', 'FILE_NOT_REGULAR', 'a device, not a file'],
    ['is a text', write('hello world', 'text'), 'MAP_FORMAT', 'not a map in a format that is known here'],
    ['is a single byte', write('\n', 'byte'), 'MAP_FORMAT', 'not a map in a format that is known here'],
    ['is another protobuf', write(toPbf(CROSSING).subarray(1), 'shifted'), 'MAP_FORMAT', 'not a map in a format'],
  ])('that %s is refused', async (_, name, code, message) => {
    await expect(openMap(name)).rejects.toMatchObject({code, message: expect.stringContaining(`${name}: ${message}`)});
  });
});
