// Blocks are read by a runner, in any number at a time and in any order: the visitor must not notice.

import {setImmediate} from 'node:timers/promises';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {type BlockReply, type BlockRunner, inProcess, readBlock} from '../../../native-graph/osm/block-reader.ts';
import type {Left, MapVisitor, Wanted} from '../../../native-graph/osm/elements.ts';
import {openMap} from '../../../native-graph/osm/map.ts';
import {systemClock} from '../../../src/domain/clock.ts';
import {createThreads} from '../../../src/pool/threads.ts';
import {CROSSING, node, type ObjectData, way} from '../../support/map-data.ts';
import {mapFiles, readAll} from '../../support/map-file.ts';
import {blob, headerBlock, toPbf} from '../../support/pbf-writer.ts';
import {randomMaps} from '../../support/random-maps.ts';
import {runs} from '../../support/runs.ts';

const write = mapFiles();

/** Sends jobs and replies as threads do, and lets the blocks under way end in an order drawn from `orders`. */
function shuffling(blocksInFlight: number, orders: readonly number[]): BlockRunner & {readonly most: () => number} {
  let calls = 0;
  let under = 0;
  let most = 0;
  return {
    blocksInFlight,
    most: () => most,
    async run(job) {
      const turns = orders[calls++ % orders.length];
      most = Math.max(most, ++under);
      const reply = structuredClone(readBlock(structuredClone(job)));
      for (let i = 0; i < turns; i++) await setImmediate();
      under--;
      return reply;
    },
  };
}

/** Every call that a visitor gets, or how the file is refused. */
async function shownBy(
  path: string,
  runner: BlockRunner,
  wanted?: Wanted,
): Promise<{calls: unknown[]; failure: string}> {
  const calls: unknown[] = [];
  const visitor: MapVisitor = {
    ...(wanted && {wanted}),
    node: (id, latE7, lonE7, tags) => calls.push(['node', id, latE7, lonE7, tags.get('highway'), tags.get('barrier')]),
    way: (id, refs, tags) => calls.push(['way', id, ...Array.from(refs), tags.get('highway'), tags.get('name')]),
    relation: (id, members, tags) => calls.push(['relation', id, structuredClone(members), tags.get('type')]),
  };
  const failure = await openMap(path)
    .then((map) => map.read(visitor, undefined, runner))
    .then(
      () => 'none',
      (e) => `${e.name} ${e.code} ${e.message}`,
    );
  return {calls, failure};
}

const runners = fc.tuple(fc.integer({min: 1, max: 9}), fc.array(fc.integer({min: 0, max: 6}), {minLength: 1}));

describe('a file read in parallel', () => {
  test('shows the same objects in the same order, however many are under way, whichever ends first', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomMaps,
        fc.integer({min: 1, max: 9}),
        fc.boolean(),
        runners,
        async (map, blockSize, dense, [most, orders]) => {
          const path = write(toPbf(map, {blockSize, dense}));
          const runner = shuffling(most, orders);
          expect(await shownBy(path, runner)).toEqual(await shownBy(path, inProcess));
          expect(runner.most()).toBeLessThanOrEqual(most);
        },
      ),
      {numRuns: runs(150)},
    );
  });

  test('is refused with the same words when bytes are damaged, and shows the same objects before', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), {minLength: 1, maxLength: 3}),
        fc.boolean(),
        runners,
        async (edits, raw, [most, orders]) => {
          const bytes = toPbf([...CROSSING, ...CROSSING], {blockSize: 2, raw});
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          const path = write(bytes);
          const alone = await shownBy(path, inProcess);
          expect(await shownBy(path, shuffling(most, orders))).toEqual(alone);
          if (alone.failure !== 'none') refused++;
        },
      ),
      {numRuns: runs(600)},
    );
    expect(refused).toBeGreaterThan(runs(100));
  });

  test('names the first damaged block, though a later one is found first', async () => {
    const header = blob('OSMHeader', headerBlock(['OsmSchema-V0.6']));
    const bad = blob('OSMData', Buffer.alloc(20, 0xff));
    const path = write(Buffer.concat([header, bad, bad, Buffer.from([9])]));
    const {failure} = await shownBy(path, shuffling(4, [6, 0]));
    expect(failure).toMatch(`InputFailure PBF_DAMAGED ${path}: damaged OSM PBF at byte ${header.length}: `);
  });

  test('ends with what goes wrong in a runner, and leaves nothing under way', async () => {
    let under = 0;
    const run = async (): Promise<BlockReply> => {
      under++;
      await setImmediate();
      under--;
      throw new RangeError('the thread is gone');
    };
    const {failure} = await shownBy(write(toPbf(CROSSING, {blockSize: 1})), {blocksInFlight: 3, run});
    expect(failure).toContain('RangeError');
    expect(under).toBe(0);
  });
});

describe('worker threads', () => {
  const pools: {close(): Promise<void>}[] = [];
  afterAll(async () => void (await Promise.all(pools.map((pool) => pool.close()))));

  function threadRunner(threads: number): BlockRunner {
    const pool = createThreads({
      threads,
      queueLimit: 8,
      jobLimitMs: 60_000,
      heapLimitMb: 128,
      monotonicMs: systemClock.monotonicMs,
    });
    pools.push(pool);
    const module = new URL('../../../workers/decode-blocks.ts', import.meta.url);
    return {
      blocksInFlight: 8,
      run: async (job) =>
        (await pool.runAll<BlockReply>(module, 'decode', [{...job, body: new Uint8Array(job.body)}]))[0],
    };
  }

  test.each([1, 3])('give the network that one thread gives, and its failures: %i of them', async (threads) => {
    const runner = threadRunner(threads);
    const town = toPbf(streets(300), {blockSize: 7});
    const path = write(town, 'town');
    expect(await importNetwork(path, {runner})).toEqual(await importNetwork(path));
    for (const at of [town.length >> 1, town.length - 3, 200]) {
      const damaged = Buffer.from(town);
      damaged[at] ^= 0xff;
      const broken = write(damaged, 'broken');
      expect(await shownBy(broken, runner)).toEqual(await shownBy(broken, inProcess));
    }
  });
});

/** A row of blocks with a street along each, and `others` buildings at every one. */
function streets(count: number, others = 0): ObjectData[] {
  const nodes = Array.from({length: count + 1}, (_, i) => node(i + 1, 0, i * 10_000));
  const houses = Array.from({length: count * others}, (_, i) => node(1_000_000 + i, 5, i, {building: `b${i}`}));
  const roads = Array.from({length: count}, (_, i) =>
    way(i + 1, [i + 1, i + 2], {highway: 'residential', name: `S ${i}`}),
  );
  const walls = houses.map(({id}, i) => way(1_000_000 + i, [id, id, id, id], {building: 'yes', note: `n${i}`}));
  return [...nodes, ...houses, ...roads, ...walls];
}

describe('what is not wanted', () => {
  test('is not shown but counted, and all else is', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomMaps,
        fc.integer({min: 1, max: 20}),
        fc.array(fc.integer({min: 1, max: 30})),
        async (map, blockSize, ids) => {
          const path = write(toPbf(map, {blockSize}));
          const nodeIds = Float64Array.from(new Set(ids)).sort();
          const wanted = {nodeIds, wayKeys: ['highway', 'none'], relationTypes: ['restriction']};
          const left: Left[] = [];
          const shown = await shownBy(path, inProcess, wanted);
          const source = await openMap(path);
          await source.read({
            wanted,
            node: () => {},
            way: () => {},
            relation: () => {},
            left: (count) => left.push(count),
          });
          const all = (await readAll(path)).objects;
          const kept = all.filter((o) =>
            o.kind === 'node'
              ? ids.includes(o.id)
              : o.kind === 'way'
                ? o.tags.highway !== undefined
                : o.tags.type === 'restriction',
          );
          expect(shown.calls.map((call) => (call as unknown[]).slice(0, 2))).toEqual(kept.map((o) => [o.kind, o.id]));
          for (const kind of ['node', 'way', 'relation'] as const) {
            const of = (objects: ObjectData[]): number => objects.filter((o) => o.kind === kind).length;
            expect(left.reduce((sum, count) => sum + count[kind], 0)).toBe(of(all) - of(kept));
          }
        },
      ),
      {numRuns: runs(200)},
    );
  });

  test('takes no memory: a hundred buildings at every house leave no trace in what threads hand over', async () => {
    const handedOver = async (others: number): Promise<[number, unknown]> => {
      let parts = 0;
      const runner: BlockRunner = {
        blocksInFlight: 2,
        async run(job) {
          const reply = readBlock(job);
          if (reply.kind === 'read') {
            parts += reply.digest.strings.length > 1 ? 1 : 0;
            for (const group of reply.digest.groups) {
              parts += Object.values(group).reduce(
                (sum, column) => sum + (typeof column === 'string' ? 0 : column.length),
                0,
              );
            }
          }
          return reply;
        },
      };
      const path = write(toPbf(streets(40, others), {blockSize: others === 0 ? 100 : 1_000}), `with-${others}`);
      const {source, ...network} = await importNetwork(path, {runner});
      expect(source.ways).toBe(40 * (1 + others));
      expect(source.nodes).toBe(41 + 40 * others);
      return [parts, network];
    };
    const [few, network] = await handedOver(0);
    const [many, same] = await handedOver(100);
    expect(same).toEqual(network);
    expect(many).toBeLessThanOrEqual(few + 2);
  });
});
