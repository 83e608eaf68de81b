// Positions over a real NATS: who hears what, what a newcomer finds, and a server that comes and goes.
import {jetstream, jetstreamManager} from '@nats-io/jetstream';
import {connect, type NatsConnection} from '@nats-io/transport-node';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {positionReader} from '../../src/api/position-shapes.ts';
import {systemClock} from '../../src/domain/clock.ts';
import type {DriverPosition} from '../../src/domain/driver.ts';
import {startPositionFeed} from '../../src/loops/position-feed.ts';
import {NOW_MS, newId} from '../db/market.ts';
import {type NatsServer, startNats} from '../support/nats.ts';
import {installedProgram} from '../support/program.ts';

const program = installedProgram('nats-server', 'the tests of positions over NATS');
const REGION = 'north';
const iso = new Date(NOW_MS).toISOString();

let nats: NatsServer;
let publisher: NatsConnection;
beforeAll(async () => {
  if (program) nats = await startNats(program);
});
afterAll(() => nats?.drop());
beforeEach(async () => {
  if (program) publisher = await connect({servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50});
});
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await publisher?.close();
});

type Seen = {
  readonly heard: Record<'nats' | 'kept', DriverPosition[]>;
  readonly unreadable: string[];
  readonly keptFailed: string[];
  connected: number;
  disconnected: number;
};

/** A daemon's side, which owns the regions that are in `owned` at the time. */
function listen(url: string, owned: Set<string>): Seen {
  const seen: Seen = {heard: {nats: [], kept: []}, unreadable: [], keptFailed: [], connected: 0, disconnected: 0};
  const stop = startPositionFeed({
    servers: [url],
    credentials: undefined,
    regionIds: [REGION, 'south'],
    isOwner: (regionId) => owned.has(regionId),
    positions: {
      hear(_region, positions, source) {
        if (source !== 'http') seen.heard[source].push(...positions);
        return {newer: positions.length, older: 0, full: 0};
      },
    },
    read: positionReader(),
    clock: systemClock,
    observer: {
      connected: () => void seen.connected++,
      disconnected: () => void seen.disconnected++,
      unreadable: (_region, source, subject) => void seen.unreadable.push(`${source} ${subject}`),
      keptFailed: (region) => void seen.keptFailed.push(region),
    },
  });
  stops.push(stop);
  return seen;
}

const send = (subject: string, payload: unknown) => publisher.publish(subject, JSON.stringify(payload));
const at = {lon: 11.97, lat: 57.7, recordedAt: iso};
const place = {latE7: 577_000_000, lonE7: 119_700_000, recordedAtMs: NOW_MS};

/** Sends batches until one is heard: only then is the region listened to. */
async function listening(seen: Seen, regionId = REGION): Promise<void> {
  await expect
    .poll(
      () => {
        send(`cloudrun.positions.${regionId}`, {positions: [{driverId: newId(), ...at}]});
        return seen.heard.nats.length;
      },
      {timeout: 20_000},
    )
    .toBeGreaterThan(0);
  await publisher.flush();
  seen.heard.nats.length = 0;
}

const soon = (look: () => unknown) => expect.poll(look, {timeout: 20_000});

test.skipIf(!program)('the owner of a region hears its batches and its drivers, and nobody else does', async () => {
  const [owned, standby] = [new Set([REGION]), new Set<string>()];
  const [owner, other] = [listen(nats.url, owned), listen(nats.url, standby)];
  await listening(owner);
  const [a, b, c] = [newId(), newId(), newId()];
  send(`cloudrun.positions.${REGION}`, {regionId: REGION, positions: [{driverId: a.toUpperCase(), ...at}]});
  send(`cloudrun.position.${REGION}.${b}`, at);
  send('cloudrun.positions.south', {positions: [{driverId: c, ...at}]});
  await soon(() => owner.heard.nats.filter(({driverId}) => [a, b, c].includes(driverId))).toEqual([
    {driverId: a, ...place},
    {driverId: b, ...place},
  ]);
  expect(other.heard.nats).toEqual([]);

  // The lease passes on, and with it who hears: the newcomer first reads what is kept, the last of each driver.
  send(`cloudrun.position.${REGION}.${b}`, {...at, lat: 57.8});
  await soon(() => owner.heard.nats.at(-1)?.latE7).toBe(578_000_000);
  owned.clear();
  standby.add(REGION);
  await listening(other);
  await soon(() => other.heard.kept.filter(({driverId}) => driverId === b)).toEqual([
    {driverId: b, ...place, latE7: 578_000_000},
  ]);
  const before = owner.heard.nats.length;
  send(`cloudrun.position.${REGION}.${b}`, {...at, lat: 57.9});
  await soon(() => other.heard.nats.at(-1)?.latE7).toBe(579_000_000);
  expect(owner.heard.nats.length).toBe(before);
});

const BATCH = `cloudrun.positions.${REGION}`;
const ONE = `cloudrun.position.${REGION}.`;

test.skipIf(!program)('what cannot be read is counted and dropped, and what follows is heard', async () => {
  const seen = listen(nats.url, new Set([REGION]));
  await listening(seen);
  const driverId = newId();
  const bad: [string, string][] = [
    [BATCH, ''],
    [BATCH, '{"positions": [}'],
    [BATCH, '\u0000\u00ff'],
    [BATCH, JSON.stringify({positions: []})],
    [BATCH, JSON.stringify({positions: [{driverId, ...at, lat: 91}]})],
    [BATCH, JSON.stringify({positions: [{driverId, ...at, recordedAt: '2026-02-30T00:00:00Z'}]})],
    [BATCH, JSON.stringify({regionId: 'south', positions: [{driverId, ...at}]})],
    [ONE + driverId, JSON.stringify({...at, driverId})],
    [ONE + driverId, 'null'],
    [`${ONE}nobody`, JSON.stringify(at)],
  ];
  for (const [subject, payload] of bad) publisher.publish(subject, payload);
  send(BATCH, {positions: [{driverId, ...at}]});
  // What the test before has sent may still come.
  await soon(() => seen.heard.nats.filter((one) => one.driverId === driverId)).toEqual([{driverId, ...place}]);
  const told = seen.unreadable.filter((one) => one.startsWith('nats'));
  expect(told).toEqual(bad.map(([subject]) => `nats ${subject}`));
});

test.skipIf(!program)('a feed starts without a server, survives its death, and reads then what it missed', async () => {
  const own = await startNats(program!);
  stops.push(own.drop);
  await own.kill();
  const seen = listen(own.url, new Set([REGION]));
  await soon(() => seen.disconnected).toBeGreaterThan(1);
  expect(seen.connected).toBe(0);
  await own.start();
  await soon(() => seen.connected).toBe(1);
  await publisher.close();
  publisher = await connect({servers: own.url, maxReconnectAttempts: -1, reconnectTimeWait: 50});
  await listening(seen);

  // What came before the cut, or during it, is in the stream.
  const driverId = newId();
  await jetstream(publisher).publish(`${ONE}${driverId}`, JSON.stringify(at));
  seen.heard.kept.length = 0;
  const gone = seen.disconnected;
  await own.kill();
  await soon(() => seen.disconnected).toBeGreaterThan(gone);
  await own.start();
  await soon(() => seen.connected).toBe(2);
  await soon(() => seen.heard.kept).toEqual([{driverId, ...place}]);
  await listening(seen);
  expect((await (await jetstreamManager(publisher)).streams.info('CLOUDRUN_POSITIONS')).state.messages).toBe(1);
});

test.skipIf(!program)('without JetStream there is nothing to catch up with, and the rest works', async () => {
  const plain = await startNats(program!, []);
  stops.push(plain.drop);
  await publisher.close();
  publisher = await connect({servers: plain.url});
  const seen = listen(plain.url, new Set([REGION]));
  await listening(seen);
  await soon(() => seen.keptFailed).toEqual([REGION]);
  const driverId = newId();
  send(ONE + driverId, at);
  await soon(() => seen.heard.nats.at(-1)).toEqual({driverId, ...place});
});
