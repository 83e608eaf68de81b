import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {InputFailure} from '../../native-graph/failure.ts';
import {openGraph, saveGraph, seal} from '../../native-graph/file.ts';
import {
  ENTRY_BYTES,
  HEADER_BYTES,
  overlay,
  type RoadGraph,
  readMeta,
  readTable,
  SECTIONS,
  TABLE_END,
} from '../../native-graph/layout.ts';
import {positionsOf} from '../../native-graph/position.ts';
import {PROFILE_ID} from '../../native-graph/profile/car.ts';
import {everyPick, NO_LIMIT_MS, timesFrom, timesTo} from '../../native-graph/route/dijkstra.ts';
import {route} from '../../native-graph/route/path.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import {createSnapper, nearestPositions} from '../../native-graph/snap.ts';
import {verify} from '../../native-graph/verify.ts';
import {randomStream} from '../../src/domain/random.ts';
import {randomNetwork} from '../support/random-network.ts';
import {IS_SOAK} from '../support/runs.ts';
import {drawnNetwork, town} from '../support/town.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-graph-file-'));
afterAll(() => rmSync(folder, {recursive: true}));
const file = join(folder, 'town.crg');

const {graph} = town(`
  a-b>c
  | ^ v
  d-e-f
`);
saveGraph(graph, file);
const good = readFileSync(file);

/** Opens these bytes as a file; returns the failure that names it, or the graph. */
function opened(bytes: Uint8Array): InputFailure | RoadGraph {
  const path = join(folder, 'changed.crg');
  writeFileSync(path, bytes);
  return openedAt(path);
}

function openedAt(path: string): InputFailure | RoadGraph {
  try {
    return openGraph(path);
  } catch (error) {
    if (!(error instanceof InputFailure)) throw error;
    expect(error.message).toContain(path);
    expect(error.message).not.toContain('\n');
    return error;
  }
}

function codeOf(bytes: Uint8Array): string {
  const result = opened(bytes);
  return result instanceof InputFailure ? result.code : 'opened';
}

function changed(at: number, value: number): Buffer {
  const bytes = Buffer.from(good);
  bytes[at] = value;
  return bytes;
}

describe('what was saved', () => {
  test('comes back byte for byte', () => {
    const back = openGraph(file);
    expect(Buffer.from(back.bytes).equals(Buffer.from(graph.bytes))).toBe(true);
    expect(verify(back)).toBeUndefined();
    expect(back.bytes).toBeInstanceOf(SharedArrayBuffer);
  });

  test('comes back from any network', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const made = assemble(randomNetwork(randomStream(seed, 'file')), {minComponentSegments: 1}).graph;
        saveGraph(made, file);
        expect(Buffer.from(openGraph(file).bytes).equals(Buffer.from(made.bytes))).toBe(true);
      }),
      {numRuns: 50},
    );
  });

  test('replaces the old file, and leaves nothing else in the folder', () => {
    const own = join(folder, 'own');
    mkdirSync(own);
    const path = join(own, 'a.crg');
    writeFileSync(path, 'something older');
    saveGraph(graph, path);
    expect(readdirSync(own)).toEqual(['a.crg']);
    expect(readFileSync(path).equals(good)).toBe(true);
  });

  test('is not left in part: where it cannot be put in place, the old stays and no temporary file', () => {
    const own = join(folder, 'blocked');
    const path = join(own, 'a.crg');
    mkdirSync(join(path, 'a folder in the way'), {recursive: true});
    expect(() => saveGraph(graph, path)).toThrow(expect.objectContaining({code: 'GRAPH_UNWRITABLE'}));
    expect(readdirSync(own)).toEqual(['a.crg']);
    expect(existsSync(join(path, 'a folder in the way'))).toBe(true);
  });

  test('cannot be put into a folder that is not there', () => {
    const path = join(folder, 'nowhere', 'a.crg');
    expect(() => saveGraph(graph, path)).toThrow(expect.objectContaining({code: 'GRAPH_UNWRITABLE'}));
  });
});

describe('what is refused', () => {
  test('a file that is not there, and a folder', () => {
    const absent = join(folder, 'absent.crg');
    expect(() => openGraph(absent)).toThrow(expect.objectContaining({code: 'GRAPH_MISSING'}));
    expect(() => openGraph(folder)).toThrow(expect.objectContaining({code: 'GRAPH_UNREADABLE'}));
  });

  test('another kind of file', () => {
    expect(codeOf(Buffer.from('<?xml version="1.0"?><osm version="0.6"></osm>'))).toBe('GRAPH_FOREIGN');
    expect(codeOf(Buffer.alloc(10_000))).toBe('GRAPH_FOREIGN');
    expect(codeOf(Buffer.from('x'))).toBe('GRAPH_FOREIGN');
  });

  test('another version, with what to run', () => {
    const result = opened(changed(8, 99));
    expect(result).toMatchObject({code: 'GRAPH_VERSION'});
    expect((result as InputFailure).message).toContain('npx cloudrun graph build');
  });

  test('roads and speeds of another profile, with what to run', async () => {
    const {source, assembly} = readMeta(graph);
    const path = join(folder, 'profile.crg');
    for (const [format, profile, code] of [
      ['osm-pbf', 'car-of-old', 'GRAPH_PROFILE'],
      ['geojson', 'car-of-old', 'GRAPH_PROFILE'],
      ['osm-pbf', PROFILE_ID, undefined],
      ['dimacs', 'dimacs', undefined],
    ] as const) {
      const network = {...drawnNetwork('a-b'), source: {...source, file: 'old.osm.pbf', format, profile}};
      saveGraph(assemble(network, assembly).graph, path);
      const result = openedAt(path);
      if (code === undefined) expect(result).not.toBeInstanceOf(InputFailure);
      else expect(result).toMatchObject({code, message: expect.stringContaining('graph build old.osm.pbf')});
    }
  });

  test('every length but the right one', () => {
    const path = join(folder, 'shorter.crg');
    writeFileSync(path, good);
    for (let length = good.length - 1; length >= 0; length--) {
      truncateSync(path, length);
      expect(openedAt(path), `${length} bytes`).toMatchObject({code: 'GRAPH_TRUNCATED'});
    }
    expect(codeOf(Buffer.concat([good, Buffer.alloc(1)]))).toBe('GRAPH_DAMAGED');
    expect(codeOf(Buffer.concat([good, good]))).toBe('GRAPH_DAMAGED');
  });

  test('every changed byte, padding included, of the table, and of the rest one in seven', () => {
    const expected = (at: number): string => (at < 8 ? 'GRAPH_FOREIGN' : at < 12 ? 'GRAPH_VERSION' : 'GRAPH_DAMAGED');
    // Seven, so that each bit of a byte has its turn.
    for (let at = 0; at < good.length; at += at < TABLE_END || IS_SOAK ? 1 : 7) {
      const code = codeOf(changed(at, good[at] ^ (1 << (at % 8))));
      // The length of the file stands in bytes 16 to 23; the file may be shorter or longer than a changed one says.
      if (at >= 16 && at < 24) expect(['GRAPH_TRUNCATED', 'GRAPH_DAMAGED'], `byte ${at}`).toContain(code);
      else expect(code, `byte ${at}`).toBe(expected(at));
    }
  });

  test('a section table that does not fit its file, even with right checksums', () => {
    for (let at = 16; at < TABLE_END; at++) {
      const inEntry = (at - HEADER_BYTES) % ENTRY_BYTES;
      // Checksums are written anew, and what is kept at zero for later says nothing.
      if (at < HEADER_BYTES ? at >= 24 : inEntry >= 40) continue;
      const bytes = new SharedArrayBuffer(good.length);
      Buffer.from(bytes).set(changed(at, good[at] ^ 0x41));
      try {
        seal(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError); // The table points outside the file, so there is nothing to sum up.
        continue;
      }
      expect(['GRAPH_TRUNCATED', 'GRAPH_DAMAGED'], `byte ${at}`).toContain(codeOf(Buffer.from(bytes)));
    }
  });
});

test('a file with right checksums and wrong contents is refused, breaks a sentence, or still answers', () => {
  const sections = readTable(graph.bytes);
  const outcomes = {refused: 0, sentence: 0, answers: 0};
  for (let i = 0; i < SECTIONS.length; i++) {
    const {offset, bytes: length} = sections[i];
    for (let at = offset; at < offset + length; at++) {
      const bytes = new SharedArrayBuffer(good.length);
      Buffer.from(bytes).set(changed(at, good[at] ^ (at % 3 === 0 ? 0xff : 0x01)));
      seal(bytes);
      const result = opened(Buffer.from(bytes));
      if (result instanceof InputFailure) {
        expect(['index', 'meta'], `byte ${at}`).toContain(SECTIONS[i].name);
        outcomes.refused++;
      } else if (verify(result) !== undefined) outcomes.sentence++;
      else {
        answerEverything(result);
        outcomes.answers++;
      }
    }
  }
  expect(outcomes.refused).toBeGreaterThan(0);
  expect(outcomes.sentence).toBeGreaterThan(outcomes.answers);
});

/** A graph that breaks no sentence must serve every query without an error. */
function answerEverything(g: RoadGraph): void {
  const near = nearestPositions(createSnapper(g), 0, 0, 1_000, 4);
  const positions = positionsOf(near);
  const scratch = createScratch(g);
  const out = new Int32Array(near.length);
  near.forEach((to, i) => {
    timesFrom(g, scratch, positions, i, positions, everyPick(positions), NO_LIMIT_MS, out);
    timesTo(g, scratch, positions, everyPick(positions), positions, i, NO_LIMIT_MS, out);
    route(g, scratch, near[0], to);
  });
}

test('views over the same bytes are the same graph', () => {
  const again = overlay(graph.bytes);
  expect(again).toEqual(graph);
});
