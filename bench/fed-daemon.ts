// A daemon with a city's drivers, its Postgres (fsync on), a NATS, and a process that feeds it positions.

import {fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {pino} from 'pino';
import {type Daemon, startDaemon} from '../src/cli/daemon.ts';
import {placesOn} from '../src/cli/demo-roads.ts';
import {DEFAULTS} from '../src/config.ts';
import {setDispatchClock} from '../src/db/clock.ts';
import {listDrivers} from '../src/db/drivers.ts';
import {releaseLease} from '../src/db/leases.ts';
import {systemClock} from '../src/domain/clock.ts';
import type {Driver} from '../src/domain/driver.ts';
import {type NatsServer, startNats} from '../test/support/nats.ts';
import {installedProgram} from '../test/support/program.ts';
import {cityRoads, GRAPH} from './city.ts';
import type {Size} from './harness.ts';
import {type Market, REGION, withMarket} from './market.ts';
import type {Done, Order, Place, Way} from './position-feeder.ts';

export type Sizes = {
  readonly drivers: number;
  readonly tasks: number;
  /** Positions of one message; NATS takes up to 1 MB. */
  readonly httpBatch: number;
  readonly natsBatch: number;
  /** Positions of one flood. */
  readonly flood: number;
  /** The same where each is a message. */
  readonly singles: number;
  readonly ticks: number;
};
export const SIZES: Record<Size, Sizes> = {
  smoke: {drivers: 60, tasks: 5, httpBatch: 30, natsBatch: 30, flood: 60, singles: 60, ticks: 1},
  full: {drivers: 20_000, tasks: 200, httpBatch: 10_000, natsBatch: 1_000, flood: 200_000, singles: 50_000, ticks: 5},
};
const PAGE = 1_000;

export async function withCity(sizes: Sizes, use: (market: Market, drivers: Driver[]) => Promise<void>): Promise<void> {
  const place = placesOn(await cityRoads());
  await withMarket({drivers: sizes.drivers, connections: 4}, GRAPH, place, async (market) => {
    await market.order(0, sizes.tasks);
    await use(market, await allDrivers(market));
  });
}

/** A daemon whose region is paused: it ticks when it is asked to. Positions are of now, and so is dispatch time. */
export async function withDaemon(
  market: Market,
  drivers: readonly Driver[],
  use: (daemon: Daemon, feeder: Fed, ways: readonly Way[]) => Promise<void>,
): Promise<void> {
  const program = installedProgram('nats-server', 'positions over NATS');
  const nats = program === undefined ? undefined : await startNats(program);
  const graph = await cityRoads();
  await setDispatchClock(market.db, {nowMs: Date.now(), scale: 1});
  await releaseLease(market.db, market.regionId, market.fence);
  const daemon = await startDaemon({
    config: {
      ...DEFAULTS,
      databaseUrl: market.url,
      port: 0,
      graphs: [{name: GRAPH, path: ''}],
      sealingKeys: [],
      webhookAllow: [],
      nats: nats && {servers: [nats.url], credentialsPath: undefined},
    },
    openGraph: () => graph,
    scaledTime: false,
    log: pino({level: 'silent'}),
    clock: systemClock,
  });
  const feeder = await startFeeder(daemon, nats, drivers);
  try {
    await post(daemon, `/internal/dispatch/regions/${REGION}/pause`);
    await use(daemon, feeder, nats ? ['http', 'nats batches', 'nats singles'] : ['http']);
  } finally {
    feeder.end();
    await daemon.stop();
    await nats?.drop();
  }
}

async function allDrivers({db, regionId}: Market): Promise<Driver[]> {
  const all: Driver[] = [];
  for (let page: Driver[] = []; all.length === 0 || page.length === PAGE; all.push(...page)) {
    const after = all.at(-1)?.id;
    page = await listDrivers(db, regionId, {limit: PAGE, ...(after !== undefined && {afterId: after})});
  }
  return all;
}

export const placesOf = (drivers: readonly Driver[]): Place[] =>
  drivers.flatMap(({id, lonE7, latE7}) =>
    lonE7 === null || latE7 === null ? [] : [{driverId: id, lon: lonE7 / 1e7, lat: latE7 / 1e7}],
  );

export type Fed = {readonly tell: (order: Order) => Promise<Done>; readonly end: () => void};

async function startFeeder(daemon: Daemon, nats: NatsServer | undefined, drivers: readonly Driver[]): Promise<Fed> {
  const child = fork(fileURLToPath(new URL('position-feeder.ts', import.meta.url)));
  const tell = async (order: Order) => {
    child.send(order);
    const [done] = await once(child, 'message');
    return done as Done;
  };
  const feeder = {url: daemon.address, natsUrl: nats?.url, regionId: REGION};
  await tell({kind: 'open', feeder, places: placesOf(drivers)});
  return {tell, end: () => void child.kill()};
}

/** Positions that came in since the start, whatever became of them. */
export async function takenIn({metrics}: Daemon): Promise<number> {
  const {values} = await metrics.positions.get();
  return values.reduce((sum, {value}) => sum + value, 0);
}

/** As every good client does, it comes back when it is told to. */
export async function post({address}: Daemon, path: string, body: object = {}): Promise<void> {
  for (;;) {
    const headers = {'content-type': 'application/json'};
    const answer = await fetch(`${address}${path}`, {method: 'POST', headers, body: JSON.stringify(body)});
    const text = await answer.text();
    if (answer.ok) return;
    if (answer.status !== 503 && answer.status !== 409)
      throw new Error(`${path} was answered ${answer.status} ${text}`);
    await new Promise((later) => setTimeout(later, 100));
  }
}
