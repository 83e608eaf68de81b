// A small map as plain data, to be written in each format that the readers take. PBF is in pbf-writer.ts.

export type Tagging = Readonly<Record<string, string>>;
export type NodeData = {kind: 'node'; id: number; latE7: number; lonE7: number; tags: Tagging};
export type WayData = {kind: 'way'; id: number; refs: number[]; tags: Tagging};
export type RelationData = {
  kind: 'relation';
  id: number;
  members: {kind: 'node' | 'way' | 'relation'; id: number; role: string}[];
  tags: Tagging;
};
export type ObjectData = NodeData | WayData | RelationData;

export const node = (id: number, latE7: number, lonE7: number, tags: Tagging = {}): NodeData => ({
  kind: 'node',
  id,
  latE7,
  lonE7,
  tags,
});

export const way = (id: number, refs: number[], tags: Tagging = {highway: 'residential'}): WayData => ({
  kind: 'way',
  id,
  refs,
  tags,
});

/** Nodes 1, 2, 3 ... in a row to the east on the equator, 1,000 E7 (11.1 m) apart. */
export const row = (count: number): NodeData[] =>
  Array.from({length: count}, (_, i) => node(i + 1, 0, 1_000 * (i + 1)));

/** Two streets that cross, with tags, a relation and a one-way: something of everything, in canonical order. */
export const CROSSING: readonly ObjectData[] = [
  node(1, 410_000_000, -86_000_000),
  node(2, 410_010_000, -86_000_000, {highway: 'crossing'}),
  node(3, 410_020_000, -86_000_000),
  node(4, 410_010_000, -86_010_000),
  node(5, 410_010_000, -85_990_000, {barrier: 'gate'}),
  way(10, [1, 2, 3], {highway: 'residential', name: 'Rua do Álamo', maxspeed: '30'}),
  way(11, [4, 2, 5], {highway: 'primary', oneway: 'yes', ref: 'N 12'}),
  way(12, [1, 3], {building: 'yes'}),
  {
    kind: 'relation',
    id: 20,
    members: [
      {kind: 'way', id: 10, role: 'from'},
      {kind: 'node', id: 2, role: 'via'},
      {kind: 'way', id: 11, role: 'to'},
    ],
    tags: {type: 'restriction', restriction: 'no_left_turn'},
  },
];

const escaped = (text: string): string =>
  text.replace(/[&<"\n]/g, (c) => ({'&': '&amp;', '<': '&lt;', '"': '&quot;', '\n': '&#10;'})[c] as string);

const degrees = (e7: number): string => (e7 / 1e7).toFixed(7);

export function toXml(objects: readonly ObjectData[]): string {
  const lines = objects.map((o) => {
    const place = o.kind === 'node' ? ` lat="${degrees(o.latE7)}" lon="${degrees(o.lonE7)}"` : '';
    const refs = o.kind === 'way' ? o.refs.map((ref) => `<nd ref="${ref}"/>`) : [];
    const members = o.kind === 'relation' ? o.members : [];
    const parts = [
      ...refs,
      ...members.map((m) => `<member type="${m.kind}" ref="${m.id}" role="${escaped(m.role)}"/>`),
      ...Object.entries(o.tags).map(([k, v]) => `<tag k="${escaped(k)}" v="${escaped(v)}"/>`),
    ];
    return `<${o.kind} id="${o.id}"${place}>${parts.join('')}</${o.kind}>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n${lines.join('\n')}\n</osm>\n`;
}

/** Ways become LineStrings and tagged nodes Points, as osmtogeojson writes them. */
export function toGeoJson(objects: readonly ObjectData[]): string {
  const places = new Map(objects.filter((o) => o.kind === 'node').map((o) => [o.id, [o.lonE7 / 1e7, o.latE7 / 1e7]]));
  const features = objects.flatMap((o) => {
    const properties = {'@id': `${o.kind}/${o.id}`, ...o.tags};
    const feature = (type: string, coordinates: unknown) => [
      {type: 'Feature', id: `${o.kind}/${o.id}`, properties, geometry: {type, coordinates}},
    ];
    if (o.kind === 'way')
      return feature(
        'LineString',
        o.refs.map((ref) => places.get(ref)),
      );
    if (o.kind === 'node' && Object.keys(o.tags).length > 0) return feature('Point', places.get(o.id));
    return [];
  });
  return JSON.stringify({type: 'FeatureCollection', generator: 'test', features}, undefined, 1);
}
