import {PbfWriter} from 'pbf';
import {describe, expect, test} from 'vitest';
import {CROSSING, node, type ObjectData, way} from '../../support/map-data.ts';
import {mapFiles, readAll} from '../../support/map-file.ts';
import {blob, deflatedFields, headerBlock, primitiveBlock, toPbf} from '../../support/pbf-writer.ts';

const write = mapFiles();
const objectsOf = async (bytes: Uint8Array): Promise<ObjectData[]> => (await readAll(write(bytes))).objects;
const HEADER = blob('OSMHeader', headerBlock(['OsmSchema-V0.6', 'DenseNodes']));
const BLOCK = primitiveBlock(CROSSING);

const refusal = async (bytes: Uint8Array): Promise<string> => {
  const error = await objectsOf(bytes).then(
    () => undefined,
    (e) => e,
  );
  return `${error?.name} ${error?.code} ${error?.message}`;
};

describe('an OSM PBF file', () => {
  test.each([
    ['dense nodes', {}],
    ['plain nodes', {dense: false}],
    ['blobs that are not deflated', {raw: true}],
    ['a block for each object', {blockSize: 1}],
    ['blocks that cut the kinds', {blockSize: 4}],
    ['more blocks than are inflated ahead', {blockSize: 1, raw: true, dense: false}],
    ['its own granularity and offsets', {granularity: 1_000, latOffset: 40_000_000_000, lonOffset: -8_000_000_000}],
  ])('shows every object in order, with %s', async (_, options) => {
    expect(await objectsOf(toPbf(CROSSING, options))).toEqual(CROSSING);
  });

  test('shows objects in any order of kinds and ids', async () => {
    const backwards = CROSSING.toReversed();
    expect(await objectsOf(toPbf(backwards))).toEqual(backwards);
    expect(await objectsOf(toPbf(backwards, {blockSize: 2, dense: false}))).toEqual(backwards);
  });

  test('may hold negative and very large ids, and coordinates at the ends of the Earth', async () => {
    const largest = 2 ** 52 - 1;
    const objects = [
      node(-7, 900_000_000, 1_800_000_000),
      node(largest, -900_000_000, -1_800_000_000),
      way(-9, [-7, largest, 12_000_000_000]),
      way(largest, []),
    ];
    expect(await objectsOf(toPbf(objects))).toEqual(objects);
    expect(await objectsOf(toPbf(objects, {dense: false}))).toEqual(objects);
  });

  test('may hold blobs of types that are not known', async () => {
    const bytes = Buffer.concat([HEADER, blob('Whatever', Buffer.from('noise')), blob('OSMData', BLOCK)]);
    expect(await objectsOf(bytes)).toEqual(CROSSING);
  });

  test('is refused when it requires what is not known, and the feature is named', async () => {
    const message = await refusal(toPbf(CROSSING, {features: ['OsmSchema-V0.6', 'HistoricalInformation']}));
    expect(message).toMatch(/^InputFailure PBF_UNSUPPORTED .* byte 0 requires "HistoricalInformation"/);
  });

  test.each([
    [4, 'lzma'],
    [5, 'bzip2'],
    [6, 'lz4'],
    [7, 'zstd'],
  ])('is refused when a blob is packed by field %i, %s', async (field, name) => {
    const packed = blob('OSMData', BLOCK, false, (pbf) => pbf.writeBytesField(field, BLOCK));
    expect(await refusal(Buffer.concat([HEADER, packed]))).toMatch(
      new RegExp(`^InputFailure PBF_UNSUPPORTED .* byte ${HEADER.length} is packed with ${name}`),
    );
  });

  const damaged: [string, Uint8Array, RegExp][] = [
    ['a blob that holds nothing', blob('OSMData', BLOCK, false, () => {}), /holds no data/],
    [
      'a zip bomb',
      blob('OSMData', BLOCK, false, deflatedFields(Buffer.alloc(40 << 20), 1 << 20)),
      /does not inflate to/,
    ],
    [
      'a blob that declares 40 MiB',
      blob('OSMData', BLOCK, false, deflatedFields(BLOCK, 40 << 20)),
      /declares 41943040 b/,
    ],
    ['a blob shorter than declared', blob('OSMData', BLOCK, false, deflatedFields(BLOCK, 9_999)), /it declares 9999/],
    ['a header of 2 GiB', Buffer.from([0x7f, 0xff, 0xff, 0xff]), /a blob header of 2147483647 bytes/],
    ['a body of 40 MiB', sizedHeader(40 << 20), /a blob of 41943040 bytes/],
    ['a blob header without size', sizedHeader(undefined), /a blob of NaN bytes/],
    ['a varint without end', blob('OSMData', Buffer.alloc(20, 0xff), true), /byte/],
    ['a field of a type that does not exist', blob('OSMData', Buffer.from([0x2b, 0]), true), /Unimplemented type: 3/],
    ['a string table that is a number', blob('OSMData', Buffer.from([0x08, 1]), true), /of another type/],
    ['a field longer than its message', blob('OSMData', Buffer.from([0x12, 9, 0]), true), /runs over the end/],
    ['a message that ends within a field', blob('OSMData', Buffer.from([0x1d, 0]), true), /does not end where/],
  ];
  test.each(damaged)('is refused, with the offset of the blob, when it holds %s', async (_, bytes, message) => {
    const found = await refusal(Buffer.concat([HEADER, bytes]));
    expect(found).toMatch(message);
    expect(found).toMatch(/^InputFailure PBF_DAMAGED /);
    expect(found).toContain(`: damaged OSM PBF at byte ${HEADER.length}: `);
  });

  const wrongObjects: [string, ObjectData, RegExp][] = [
    ['a node north of the pole', node(1, 900_000_001, 0), /node 1 is not on Earth/],
    ['a node east of the antimeridian', node(1, 0, 1_800_000_001), /node 1 is not on Earth/],
    ['a node id beyond 2^53', node(2 ** 54, 0, 0), /a node without a proper id/],
    ['a way id beyond 2^53', way(2 ** 54, [1, 2]), /a way without a proper id/],
    ['a way to a node beyond 2^53', way(1, [1, 2 ** 54]), /way 1 refers to a node without a proper id/],
  ];
  test.each(wrongObjects)('is refused when it holds %s', async (_, object, message) => {
    expect(await refusal(toPbf([object]))).toMatch(message);
    expect(await refusal(toPbf([object], {dense: false}))).toMatch(message);
  });

  test('is refused when columns side by side differ in length', async () => {
    const group = (write: (pbf: PbfWriter) => void, field: number): Uint8Array => {
      const block = new PbfWriter();
      block.writeMessage(1, (_: null, table) => table.writeStringField(1, ''), null);
      block.writeMessage(2, (_: null, outer) => outer.writeMessage(field, (__: null, pbf) => write(pbf), null), null);
      return block.finish();
    };
    const dense = (ids: number[], lats: number[], lons: number[], pairs: number[]) =>
      group((pbf) => {
        pbf.writePackedSVarint(1, ids);
        pbf.writePackedSVarint(8, lats);
        pbf.writePackedSVarint(9, lons);
        pbf.writePackedVarint(10, pairs);
      }, 2);
    const tagged = (keys: number[], values: number[]) =>
      group((pbf) => {
        pbf.writeVarintField(1, 5);
        pbf.writePackedVarint(2, keys);
        pbf.writePackedVarint(3, values);
      }, 3);
    expect(await objectsOf(Buffer.concat([HEADER, blob('OSMData', dense([1, 1], [0, 0], [0, 0], []))]))).toHaveLength(
      2,
    );
    for (const block of [
      dense([1, 1], [0], [0, 0], []),
      dense([1, 1], [0, 0], [0, 0, 0], []),
      dense([1], [0], [0], [1, 1, 0]),
      dense([1], [0], [0], [0, 0]),
      tagged([0, 0], [0]),
      tagged([0], [0, 0]),
      tagged([1], [1]),
    ]) {
      expect(await refusal(Buffer.concat([HEADER, blob('OSMData', block, true)]))).toMatch(/^InputFailure PBF_DAMAGED/);
    }
  });

  test('is refused wherever it is cut off', async () => {
    const whole = toPbf(CROSSING);
    for (let length = 1; length < whole.length; length++) {
      if (length === HEADER.length) continue; // A header alone is a file without objects.
      expect(await refusal(whole.subarray(0, length)), `${length} bytes`).toMatch(/^InputFailure (PBF|MAP)_/);
    }
  });
});

function sizedHeader(bodyBytes: number | undefined): Buffer {
  const header = new PbfWriter();
  header.writeStringField(1, 'OSMData');
  if (bodyBytes !== undefined) header.writeVarintField(3, bodyBytes);
  const bytes = header.finish();
  return Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
}
