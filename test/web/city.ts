// A city for the page: Gothenburg's roads under the people of the demo, standing still, with tasks in every state, and
// the HTTP side of a daemon over them, which can be stopped and started again on its port.

import type {AddressInfo} from 'node:net';
import type {FastifyInstance} from 'fastify';
import {readMeta} from '../../native-graph/layout.ts';
import {openTokens} from '../../src/api/access/tokens.ts';
import type {DispatchPort, World} from '../../src/api/world.ts';
import {outlineOf, placesOn} from '../../src/cli/demo-roads.ts';
import {seedCity} from '../../src/cli/demo-world.ts';
import {listDrivers} from '../../src/db/drivers.ts';
import {putRegion, readRegion, setRegionArea} from '../../src/db/regions.ts';
import {readSnapshot} from '../../src/db/snapshot.ts';
import {listStores, upsertStores} from '../../src/db/stores.ts';
import {createTasks} from '../../src/db/tasks.ts';
import {keepPayloadPartitions, saveTick} from '../../src/db/ticks.ts';
import {decide} from '../../src/dispatch/decision.ts';
import {explainer} from '../../src/dispatch/explain/explain.ts';
import type {Scope} from '../../src/domain/access.ts';
import {systemClock} from '../../src/domain/clock.ts';
import type {Area} from '../../src/domain/rule.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import type {TaskState} from '../../src/domain/state.ts';
import {makeToken} from '../api/access/tokens.ts';
import {fakeDispatch, fakeServer, fakeWorld, header} from '../api/world.ts';
import {bring, HOUR_MS, type Market, MINUTE_MS, NOW_MS, newId, openMarket, sortedIds, taskOf} from '../db/market.ts';
import {gothenburgGraph} from '../support/city.ts';
import {createDatabase} from '../support/database.ts';
import {fakeWorld as tickWorld} from '../support/fake-world.ts';
import {plainRoads} from '../support/plain-roads.ts';

const DRIVERS = 240;
const TASKS = 44;
const TICKS = 20;
const SEED = 11;
/** By number of the task; those after it wait. */
const STATES: readonly TaskState[] = ['ASSIGNED', 'PICKED_UP', 'PICKED_UP', 'OFFERED', 'ASSIGNED', 'RETURNING'];
const BROUGHT = 30;

export type PageCity = {
  readonly url: string;
  readonly regionId: string;
  readonly driverIds: readonly string[];
  /** By number: as STATES has them, then waiting ones. */
  readonly taskIds: readonly string[];
  readonly market: Market;
  readonly world: World;
  /** A region beside it, drawn as it is, where nobody is yet. */
  readonly emptyRegionId: string;
  /** What was asked of the dispatcher. */
  readonly asked: readonly string[];
  /** From now on the dispatcher says so of itself; nothing told: as it was. */
  pretend(told?: Partial<Pick<DispatchPort, 'leases' | 'readiness'>>): void;
  /** From now on a token is wanted: one with these scopes. */
  lock(scopes: readonly Scope[]): Promise<{readonly token: string}>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

export async function openCity(): Promise<PageCity> {
  const database = await createDatabase();
  const {db} = database;
  const opened = await openMarket(db, {drivers: 0, tasks: 0});
  const {regionId} = opened;
  const graph = await gothenburgGraph();
  await seedCity({db, regionId, seed: SEED, drivers: DRIVERS, place: placesOn(graph)}, NOW_MS, NOW_MS);
  const [first] = (await listStores(db, regionId, {limit: 100})).filter(({id}) => id !== opened.store.id);
  // The market's own store stands elsewhere: it moves in next to another.
  await upsertStores(db, [{...opened.store, latE7: first!.latE7 + 30_000, lonE7: first!.lonE7 + 30_000}]);
  const stores = await listStores(db, regionId, {limit: 100});
  const driverIds = (await listDrivers(db, regionId, {limit: DRIVERS})).map(({id}) => id);
  const positions = await listDrivers(db, regionId, {limit: DRIVERS});
  const taskIds = sortedIds(TASKS);
  const market = {...opened, drivers: driverIds, tasks: taskIds};
  await createTasks(
    db,
    regionId,
    taskIds.map((id, i) => {
      const near = positions[(i * 7 + 3) % DRIVERS]!;
      return taskOf(market, {
        id,
        storeId: stores[i % stores.length]!.id,
        dropLatE7: near.latE7! + 9_000,
        dropLonE7: near.lonE7! - 9_000,
        readyAtMs: NOW_MS - ((i * 5) % 19) * MINUTE_MS,
      });
    }),
  );
  for (const [i, taskId] of taskIds.slice(0, BROUGHT).entries()) {
    await bring(market, taskId, driverIds[(i * 5 + 2) % DRIVERS]!, STATES[i % STATES.length]!);
  }
  await saveTicks(market);
  const emptyRegionId = await drawRegions(market, outlineOf(graph));

  let told: Parameters<PageCity['pretend']>[0];
  const lease = (id: string) => ({regionId: id, ...(id === regionId ? HERE : ELSEWHERE)});
  const dispatch = fakeDispatch({
    regions: [regionId, emptyRegionId],
    leases: () => told?.leases?.() ?? [lease(regionId), lease(emptyRegionId)],
    readiness: () => told?.readiness?.() ?? {ready: true, checks: []},
    taskPrices: () => new Map(taskIds.map((id, i) => [id, 60_000 + i * 9_000])),
  });
  const roads = plainRoads(graph);
  const overrides = {
    dispatch,
    attribution: () => readMeta(graph).source.attribution,
    routing: () => (use) => use(roads),
    // Any tick is that of the city as it stands.
    explaining: {
      async ask(_regionId, _tickId, use) {
        const world = tickWorld((await readSnapshot(db, regionId))!);
        const decision = await decide(world);
        const decideOn = (snapshot: Snapshot) => decide(tickWorld(snapshot));
        return {kind: 'answered', answer: await use(decision, explainer(decision, world), decideOn)};
      },
    },
    tokens: openTokens(db, systemClock, false),
  } satisfies Partial<World>;
  let app: FastifyInstance | undefined;
  let port = 0;
  const start = async () => {
    app = fakeServer(db, overrides);
    await app.listen({host: '127.0.0.1', port});
    ({port} = app.server.address() as AddressInfo);
  };
  const stop = async () => {
    app?.server.closeAllConnections();
    await app?.close();
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}/`,
    regionId,
    emptyRegionId,
    driverIds,
    taskIds,
    market,
    pretend(next) {
      told = next;
    },
    world: fakeWorld(db, overrides),
    asked: dispatch.asked,
    async lock(scopes) {
      const {text} = await makeToken(db, scopes);
      overrides.tokens = openTokens(db, systemClock, true);
      await stop();
      await start();
      return {token: text};
    },
    stop,
    start,
    async close() {
      await stop();
      await database.drop();
    },
  };
}

const HERE = {owner: 'here/1', fence: 3, here: true};
const ELSEWHERE = {owner: 'there/2', fence: 8, here: false};

/** The region within its outline, and one to the east of it. */
async function drawRegions({db, regionId}: Market, outline: Area): Promise<string> {
  const [ring] = outline.coordinates as [[number, number][]];
  const region = (await readRegion(db, regionId))!;
  await putRegion(db, {...region, name: 'Göteborg'});
  await setRegionArea(db, regionId, outline);
  const id = `${regionId}-east`;
  await putRegion(db, {...region, id, name: 'Partille'});
  const east = Math.max(...ring.map(([lon]) => lon));
  const [south, north] = [57.67, 57.75];
  const corners = [
    [east - 0.02, south],
    [east + 0.12, south + 0.01],
    [east + 0.1, north],
    [east - 0.02, north - 0.005],
    [east - 0.02, south],
  ] as [number, number][];
  await setRegionArea(db, id, {type: 'Polygon', coordinates: [corners]});
  return id;
}

async function saveTicks({db, regionId, fence}: Market): Promise<void> {
  await keepPayloadPartitions(db, {nowMs: NOW_MS - HOUR_MS, keepHours: 1});
  for (let i = 0; i < TICKS; i++) {
    const wave = 1 + ((i * 7) % 5) / 4;
    await saveTick(db, {
      ...header,
      id: newId(),
      regionId,
      fence,
      atMs: NOW_MS - (TICKS - i) * 20_000,
      counts: {...header.counts, drivers: DRIVERS, eligibleDrivers: 190 + i, pairs: 80 + 11 * ((i * 3) % 7)},
      stageMs: {
        snapshot: 9 * wave,
        eligibility: 0.4,
        candidates: 6 * wave,
        etas: 2.4,
        pairs: 0.3,
        costs: 0.2,
        solve: 3 * wave,
        certificate: 0.2,
        offers: 5 * wave,
        record: 1.2,
      },
      payload: new Uint8Array(),
    });
  }
}
