import {expect, test} from 'vitest';
import {
  align8,
  type Counts,
  countsOf,
  nameText,
  plan,
  readMeta,
  readTable,
  SECTIONS,
  TABLE_END,
} from '../../native-graph/layout.ts';
import {DRAWN, town} from '../support/town.ts';

const {graph} = town(`
  a-b
  |
  c
`);

test('sections follow one another on 8-byte boundaries, to the end of the bytes', () => {
  let end = TABLE_END;
  for (const {offset, bytes} of readTable(graph.bytes)) {
    expect(offset).toBe(end);
    expect(offset % 8).toBe(0);
    end = align8(offset + bytes);
  }
  expect(end).toBe(graph.bytes.byteLength);
});

test('every section has a name of its own that fits the table', () => {
  const names = readTable(graph.bytes).map(({name}) => name);
  expect(names).toEqual(SECTIONS.map(({name}) => name));
  expect(new Set(names).size).toBe(names.length);
});

test('offsets do not wrap where 32 bits would', () => {
  const counts: Counts = {
    segmentCount: 12_000_000,
    arcCount: 400_000_000,
    edgeCount: 6_000_000,
    pointCount: 60_000_000,
    pointIdByteCount: 150_000_001,
    junctionCount: 5_000_000,
    nameCount: 300_000,
    nameByteCount: 5_000_001,
    indexByteCount: 128_000_008,
    metaByteCount: 999,
  };
  const {sections, fileBytes} = plan(counts);
  expect(fileBytes).toBeGreaterThan(2 ** 32);
  for (let i = 1; i < sections.length; i++) expect(sections[i].offset).toBeGreaterThan(sections[i - 1].offset);
  expect(countsOf(sections)).toEqual(counts);
});

test('the file tells its source, its assembly and its names', () => {
  const meta = readMeta(graph);
  expect(meta.source).toEqual(DRAWN);
  expect(meta.assembly.componentSegments).toEqual([4]);
  expect(nameText(graph, 0)).toBe('');
  expect(Array.from(graph.edgeName, (name) => nameText(graph, name)).sort()).toEqual(['ab', 'ac']);
});
