// Two daemons and one NATS: positions reach the owner of each region; when one daemon is killed, the other takes its
// region over with the last position of every driver, even of those whom nobody heard in between.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {jetstream} from '@nats-io/jetstream';
import {connect, type NatsConnection} from '@nats-io/transport-node';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {saveGraph} from '../../native-graph/file.ts';
import {setDispatchClock} from '../../src/db/clock.ts';
import {readDriver, upsertDrivers} from '../../src/db/drivers.ts';
import {putRegion} from '../../src/db/regions.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import {newId} from '../db/market.ts';
import {type Running, start} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {type NatsServer, startNats} from '../support/nats.ts';
import {installedProgram} from '../support/program.ts';
import {town} from '../support/town.ts';

const program = installedProgram('nats-server', 'the test of two daemons over NATS');
const REGIONS = ['east', 'west'] as const;
type Region = (typeof REGIONS)[number];
const folder = mkdtempSync(join(tmpdir(), 'cloudrun-positions-'));
const path = join(folder, 'town.crg');

let database: TestDatabase;
let nats: NatsServer;
let publisher: NatsConnection;
const drivers = {east: newId(), west: newId()};
const running: Running[] = [];

beforeAll(async () => {
  if (!program) return;
  saveGraph(town('a-b-c').graph, path);
  database = await createDatabase();
  await setDispatchClock(database.db, {nowMs: Date.now(), scale: 1});
  for (const id of REGIONS) {
    const settings = STARTING_SETTINGS;
    await putRegion(database.db, {id, name: id, timeZone: 'UTC', graph: id, settings, weights: STARTING_WEIGHTS});
    const profile = {name: 'D', bornOn: '1990-01-31', optedIn: true, capacity: 1, shiftOn: true};
    await upsertDrivers(database.db, [{id: drivers[id], regionId: id, ...profile}]);
  }
  nats = await startNats(program);
  publisher = await connect({servers: nats.url});
});
afterAll(async () => {
  await publisher?.close();
  for (const {child, ended} of running) {
    child.kill('SIGKILL');
    await ended;
  }
  await nats?.drop();
  await database?.drop();
  rmSync(folder, {recursive: true, force: true});
});

async function serve(...graphs: Region[]) {
  const daemon = start(['serve'], {
    DATABASE_URL: database.url,
    CLOUDRUN_GRAPHS: graphs.map((name) => `${name}=${path}`).join(','),
    CLOUDRUN_PORT: '0',
    CLOUDRUN_THREADS: '1',
    CLOUDRUN_NATS_URL: nats.url,
  });
  running.push(daemon);
  const [, address] = await daemon.printed(/"address":"(http:[^"]+)".*"msg":"dispatching"/);
  /** Positions of a region that came from NATS and were newer. */
  const heard = async (region: Region, source: 'nats' | 'kept') => {
    const text = await (await fetch(`${address}/metrics`)).text();
    const sample = `cloudrun_positions_total{region="${region}",source="${source}",outcome="newer"} `;
    return Number(text.split(sample)[1]?.split('\n')[0] ?? 0);
  };
  /** A busy machine makes the daemon shed load; it says to ask again, and so does every good client. */
  const ask = async (path: string, request: RequestInit = {}) => {
    for (;;) {
      const answer = await fetch(`${address}${path}`, request);
      // biome-ignore lint/suspicious/noExplicitAny: whatever the daemon answers; each test says what it expects.
      const body = (await answer.json()) as any;
      if (body.code !== 'OVERLOADED') return body;
      await delay(200);
    }
  };
  const eligibility = async (region: Region): Promise<string[]> => {
    const {reasons} = await ask(`/v1/drivers/${drivers[region]}/eligibility?regionId=${region}`);
    return reasons.map(({code}: {code: string}) => code);
  };
  const post = (region: Region, lat: number) =>
    ask('/v1/drivers/positions', {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(batchOf(region, lat)),
    });
  return {...daemon, heard, eligibility, post};
}

const soon = (look: () => unknown) => expect.poll(look, {timeout: 30_000, interval: 100});
const latOf = async (region: Region) => (await readDriver(database.db, region, drivers[region]))?.latE7;

const batchOf = (regionId: Region, lat: number) => ({
  regionId,
  positions: [{driverId: drivers[regionId], lon: 0, lat, recordedAt: new Date().toISOString()}],
});

const send = (region: Region, lat: number) =>
  publisher.publish(`cloudrun.positions.${region}`, JSON.stringify(batchOf(region, lat)));

test.skipIf(!program)('positions reach the owner, and the next owner when it is killed', async () => {
  const first = await serve('east');
  const second = await serve('east', 'west');
  expect(await second.eligibility('west')).toContain('DRIVER_NO_POSITION');
  let lat = 0;
  for (const [owner, other, region] of [
    [first, second, 'east'],
    [second, first, 'west'],
  ] as const) {
    await soon(() => {
      send(region, (lat += 0.001));
      return owner.heard(region, 'nats');
    }).toBeGreaterThan(0);
    expect(await other.heard(region, 'nats')).toBe(0);
    expect(await owner.eligibility(region)).not.toContain('DRIVER_NO_POSITION');
    await soon(() => latOf(region)).toBe(Math.round(lat * 1e7));
  }

  first.child.kill('SIGKILL');
  await first.ended;
  // Nobody hears this one.
  const position = {lon: 0, lat: 0.5, recordedAt: new Date().toISOString()};
  await jetstream(publisher).publish(`cloudrun.position.east.${drivers.east}`, JSON.stringify(position));
  expect(await second.heard('east', 'kept')).toBe(0);
  await soon(() => second.heard('east', 'kept')).toBe(1);
  await soon(() => latOf('east')).toBe(5_000_000);

  // What is acknowledged is in the database after a SIGTERM, however soon that comes.
  expect(await second.post('west', 0.7)).toEqual({received: 1, recorded: 1});
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
  expect(await latOf('west')).toBe(7_000_000);
});
