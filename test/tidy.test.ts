// The style rules a machine can hold: who may import whom, banned calls, the length of files and lines.
import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

/** Folder or file → what it may import besides itself. The longest match owns a file; '*' is everything. */
const LAYERS: Readonly<Record<string, readonly string[] | '*'>> = {
  'native-graph': [],
  'src/domain': [],
  'src/flow': [],
  'src/config.ts': ['src/domain'],
  'src/metrics.ts': ['src/domain'],
  'src/router': ['src/domain', 'native-graph'],
  'src/dispatch': ['src/domain', 'src/flow'],
  'src/pool': ['src/domain', 'src/flow', 'native-graph', 'src/pool/messages.ts', 'src/config.ts', 'src/metrics.ts'],
  'src/pool/messages.ts': ['src/domain', 'src/flow', 'native-graph'],
  'src/db': ['src/domain', 'src/config.ts', 'src/metrics.ts'],
  'src/positions': ['src/domain', 'native-graph'],
  'src/loops': ['src/domain', 'src/db', 'src/dispatch', 'src/positions', 'src/config.ts', 'src/metrics.ts'],
  'src/api': [
    'src/domain',
    'src/db',
    'src/dispatch',
    'src/router',
    'src/loops',
    'src/positions',
    'native-graph',
    'src/config.ts',
    'src/metrics.ts',
  ],
  'src/sim': ['src/domain', 'src/dispatch', 'src/flow'],
  // The style that all pages share.
  'src/api/page': [],
  web: ['src/api/page'],
  workers: ['native-graph', 'src/flow', 'src/pool/messages.ts'],
  'src/cli': '*',
  'src/main.ts': '*',
  bench: '*',
  test: '*',
};

/** Where a clock, chance or the environment may be read. */
/** A page in a browser is one of its own. */
const ROOTS = ['web/', 'src/cli/', 'src/main.ts', 'src/domain/clock.ts', 'test/', 'bench/'];

/** What postgres.js must not be asked for: see src/db/connect.ts. */
const CLIENT_SIDE = /\bsql\.(begin|reserve|listen|subscribe)\(/;

const LINES_LIMIT = 300;
const COLUMNS_LIMIT = 120;

const root = fileURLToPath(new URL('..', import.meta.url));
const layerOf = (path: string) =>
  Object.keys(LAYERS)
    .filter((layer) => path === layer || path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];

const FOLDERS = ['src', 'web', 'workers', 'native-graph', 'bench', 'test', 'migrations'];
const TEXTS = /\.(ts|mjs|sql|js|css)$/;
/** Written by a machine. */
const GENERATED = /^(test\/golden|web\/built[^/]*)\//;
const files = FOLDERS.flatMap((folder) =>
  readdirSync(`${root}${folder}`, {recursive: true, encoding: 'utf8'})
    .filter((name) => TEXTS.test(name))
    .filter((name) => !GENERATED.test(`${folder}/${name}`))
    .map((name) => ({path: `${folder}/${name}`, text: readFileSync(`${root}${folder}/${name}`, 'utf8')})),
);
const sources = files.filter(({path}) => path.endsWith('.ts'));

/** Paths that a source imports from this project, relative to its root. */
function imports(path: string, text: string): string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return Array.from(found, ([, target]) => new URL(target, `file:///${path}`).pathname.slice(1));
}

test.each(sources)('$path imports only what stands below it', ({path, text}) => {
  const layer = layerOf(path);
  expect(layer, `${path} stands in a folder without a rule`).toBeDefined();
  const allowed = LAYERS[layer];
  if (allowed === '*') return;
  for (const target of imports(path, text)) {
    expect([layer, ...allowed], `${path} imports ${target}`).toContain(layerOf(target));
  }
});

test('clocks, chance and the environment are parameters', () => {
  const banned = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bMath\.random\(/;
  const offenders = sources
    .filter(({path}) => !ROOTS.some((allowed) => path.startsWith(allowed)))
    .filter(({path, text}) => banned.test(text) || (path !== 'src/config.ts' && /\bprocess\.env\b/.test(text)));
  expect(offenders.map(({path}) => path)).toEqual([]);
});

test('a number of cases is whole: fast-check never comes to the end of half a case', () => {
  const offenders = files.filter(({path, text}) => path.startsWith('test/') && /numRuns: [^(\n]*\/ /.test(text));
  expect(offenders.map(({path}) => path)).toEqual([]);
});

test('postgres.js runs no client-side transaction', () => {
  const offenders = sources.filter(({path, text}) => path.startsWith('src/db/') && CLIENT_SIDE.test(text));
  expect(offenders.map(({path}) => path)).toEqual([]);
});

test('no file is longer or wider than a reader can take', () => {
  const long = files.filter(({text}) => text.split('\n').length - 1 > LINES_LIMIT).map(({path}) => path);
  const wide = files.flatMap(({path, text}) =>
    text.split('\n').flatMap((line, i) => (line.length > COLUMNS_LIMIT ? [`${path}:${i + 1}`] : [])),
  );
  expect({long, wide}).toEqual({long: [], wide: []});
});

test('no folder of grab-bags and no empty names', () => {
  const names = /(^|\/)(utils?|helpers?|lib|common|misc|types|index)(\.ts|\/)|(Service|Manager|Impl)\b.*\.ts$/;
  expect(files.map(({path}) => path).filter((path) => names.test(path))).toEqual([]);
});

test('nothing names a path of the machine it was written on', () => {
  const offenders = files.filter(({text}) => /\/(work|root|home\/[a-z]+)\//.test(text.replace(/https?:\S+/g, '')));
  expect(offenders.map(({path}) => path)).toEqual([]);
});
