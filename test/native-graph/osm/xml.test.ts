import {gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {readXml} from '../../../native-graph/osm/xml.ts';
import {CROSSING, node, type ObjectData, row, toXml, way} from '../../support/map-data.ts';
import {chunksOf, mapFiles, readAll} from '../../support/map-file.ts';

const write = mapFiles();
const objectsOf = async (content: string | Uint8Array): Promise<ObjectData[]> =>
  (await readAll(write(content))).objects;
const osm = (inner: string): string => `<osm>\n${inner}\n</osm>`;

const refusal = async (content: string | Uint8Array): Promise<string> => {
  const error = await objectsOf(content).then(
    () => undefined,
    (e) => e,
  );
  return `${error?.name} ${error?.code} ${error?.message}`;
};

describe('an OSM XML file', () => {
  test('shows every object in the order of the file', async () => {
    expect(await objectsOf(toXml(CROSSING))).toEqual(CROSSING);
    expect(await objectsOf(toXml(CROSSING.toReversed()))).toEqual(CROSSING.toReversed());
  });

  test('may start with blanks, and hold comments, bounds and elements that are not known', async () => {
    const text = osm('<note>x</note><meta osm_base=""/><!-- y --><bounds minlat="0"/><node id="1" lat="0" lon="0"/>');
    expect(await objectsOf(`\u{feff}${text}`)).toEqual([node(1, 0, 0)]);
    expect(await objectsOf(`\n \n${text}`)).toEqual([node(1, 0, 0)]);
  });

  test('may spell characters as entities', async () => {
    const objects = [node(1, 0, 0, {name: 'A & B <"C">'})];
    expect(await objectsOf(toXml(objects))).toEqual(objects);
    const numbered = await objectsOf(osm('<way id="1"><tag k="name" v="&#x41;&#10;&apos;"/></way>'));
    expect(numbered).toEqual([way(1, [], {name: "A\n'"})]);
  });

  test('may cut characters and tags at the ends of its chunks', async () => {
    const filler = '<node id="1" lat="0" lon="0"><tag k="name" v="€"/></node>\n'.repeat(40_000);
    const objects = await objectsOf(osm(filler));
    expect(objects).toHaveLength(40_000);
    expect(objects.every((o) => o.tags.name === '€')).toBe(true);
  });

  test('leaves out what an editor has marked as deleted', async () => {
    const deleted = '<node id="1" visible="false"/><way id="2" action="delete"><nd ref="1"/></way>';
    const kept = '<node id="-3" action="modify" visible="true" lat="1" lon="2"/>';
    expect(await objectsOf(osm(deleted + kept))).toEqual([node(-3, 10_000_000, 20_000_000)]);
  });

  const damaged: [string, string, RegExp][] = [
    ['a change file', '<osmChange/>', /line 1: the document is <osmChange>, not <osm>/],
    ['a web page', '<!DOCTYPE html><html><p>busy<br></html>', /line 1: the document is <html>/],
    ['an entity that is not known', osm('<way id="&x;"/>'), /line 2: undefined entity/],
    ['tags that do not match', osm('\n<way id="1"></node>'), /line 3: /],
    ['an id that is no number', osm('<way id="x"/>'), /line 2: id="x" is not an id/],
    ['no id', osm('<way/>'), /line 2: id="" is not an id/],
    ['an id beyond 2^53', osm('<way id="9007199254740993"/>'), /is not an id/],
    ['a reference to no id', osm('<way id="1"><nd ref="1.5"/></way>'), /ref="1.5" is not an id/],
    [
      'a member of no kind',
      osm('<relation id="1"><member type="area" ref="1"/></relation>'),
      /a member of type "area"/,
    ],
    ['a node without place', osm('<node id="1" lat="3"/>'), /a node at lat="3" lon=""/],
    ['a node off the Earth', osm('<node id="1" lat="90.1" lon="0"/>'), /a node at lat="90.1"/],
    ['elements without end', '<osm><a>'.padEnd(4_000, '<a>'), /nested more than 8 deep/],
    ['an error that quotes two lines', osm('<way id="a&#10;b"/>'), /id="a b" is not an id/],
  ];
  test.each(damaged)('is refused, with the line, when it is %s', async (_, text, message) => {
    const found = await refusal(text);
    expect(found).toMatch(/^InputFailure XML_DAMAGED .*: damaged OSM XML at line \d+: [^\n]*$/);
    expect(found).toMatch(message);
  });

  test('is refused rather than held when one text or one object has no end', async () => {
    expect(await refusal(osm(`<!--${'x'.repeat(20 << 20)}-->`))).toMatch(/no element within 16777216 bytes/);
    expect(await refusal(osm(`<way id="1">${'<nd ref="1"/>'.repeat(1_000_001)}</way>`))).toMatch(
      /a way of more than 1000000 parts/,
    );
  });

  test('is refused wherever it is cut off', async () => {
    const whole = toXml(CROSSING).trimEnd();
    for (let length = 1; length < whole.length; length++) {
      const cut = readXml('cut', chunksOf(whole.slice(0, length)), {});
      await expect(cut, `${length} characters`).rejects.toMatchObject({code: 'XML_DAMAGED'});
    }
  });
});

describe('a packed OSM XML file', () => {
  const xml = toXml(row(3));
  // Two streams, as parallel packers write them. Python: bz2.compress(xml[:99]) + bz2.compress(xml[99:]).
  const BZIP2 = Buffer.from(
    'QlpoOTFBWSZTWVrAsZEAABTfgAgQUANhR4EABgAup51AIABUNUzRPUyNAGTTR5Qam1R6QDagaPUARvC6oHdbqmgMJHJYgNbAghAQ' +
      'hamQ85DpxZNJzoXB+WEaoHtJBUg1TutDOCZODnhQa4jf8XckU4UJBawLGRBCWmg5MUFZJlNZqkYu0wAAGVmACBBQAdgHJieMACAA' +
      'QJJRmgJoMQo0ZA0aZGjlgwOFKuXFJK4MhwZKNJWCARZmqorZk8M4U1kyaQ6Phb5PTSsiZxDZ+LuSKcKEhVIxdpg=',
    'base64',
  );

  test.each([
    ['gzip', gzipSync(xml)],
    ['gzip in two members', Buffer.concat([gzipSync(xml.slice(0, 99)), gzipSync(xml.slice(99))])],
    ['bzip2', BZIP2],
  ])('is told by its content and unpacked: %s', async (_, bytes) => {
    expect(await objectsOf(bytes)).toEqual(row(3));
  });

  test.each([
    ['gzip', gzipSync(xml), /^InputFailure (GZIP_DAMAGED|MAP_FORMAT) .*map: /],
    ['bzip2', BZIP2, /^InputFailure (BZIP2_DAMAGED|MAP_FORMAT|XML_DAMAGED) .*map: /],
  ])('is refused wherever it is cut off: %s', async (_, bytes, message) => {
    for (let length = 1; length < bytes.length; length++) {
      expect(await refusal(bytes.subarray(0, length)), `${length} bytes`).toMatch(message);
    }
  });
});
