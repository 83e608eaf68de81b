// Sends positions from a process of its own, so that making and sending them takes nothing from the daemon that is
// measured. Told what to send by messages of its parent (Order), which it answers with what was taken.

import {setTimeout as delay} from 'node:timers/promises';
import {connect, type NatsConnection} from '@nats-io/transport-node';

export type Feeder = {readonly url: string; readonly natsUrl: string | undefined; readonly regionId: string};
export type Place = {readonly driverId: string; readonly lon: number; readonly lat: number};
export type Way = 'http' | 'nats batches' | 'nats singles';

export type Order =
  | {readonly kind: 'open'; readonly feeder: Feeder; readonly places: readonly Place[]}
  /** Makes the messages of a flood, which `flood` then sends as fast as they are taken. */
  | {readonly kind: 'make'; readonly way: Way; readonly batches: number; readonly batchSize: number}
  | {readonly kind: 'flood'}
  /** So many positions a second until `stop`. */
  | {readonly kind: 'feed'; readonly way: Way; readonly perSecond: number; readonly batchSize: number}
  | {readonly kind: 'stop'};

export type Done = {readonly sent: number; readonly shed: number};

/** Requests under way at a time. */
const CONNECTIONS = 2;
/** Messages that are sent over NATS before one looks whether they have gone. */
const FLUSH_EVERY = 500;

let feeder: Feeder | undefined;
let places: readonly Place[] = [];
let nats: NatsConnection | undefined;
let made: (readonly [way: Way, size: number, body: string, subject: string])[] = [];
let next = 0;
let published = 0;
let feeding: Promise<Done> | undefined;
let isStopped = false;

/** Newer than the one before: real time, at which dispatch time runs here. */
function make(way: Way, size: number): typeof made {
  const recordedAt = new Date().toISOString();
  const {regionId} = feeder!;
  const positions = Array.from({length: size}, () => ({...places[next++ % places.length]!, recordedAt}));
  if (way !== 'nats singles') {
    return [[way, size, JSON.stringify({regionId, positions}), `cloudrun.positions.${regionId}`]];
  }
  return positions.map(({driverId, ...at}) => [
    way,
    1,
    JSON.stringify(at),
    `cloudrun.position.${regionId}.${driverId}`,
  ]);
}

/** How often it was told to come back. */
async function send([way, , body, subject]: (typeof made)[number]): Promise<number> {
  if (way !== 'http') {
    nats!.publish(subject, body);
    if (++published % FLUSH_EVERY === 0) await nats!.flush();
    return 0;
  }
  for (let shed = 0; ; shed++) {
    const headers = {'content-type': 'application/json'};
    const answer = await fetch(`${feeder!.url}/v1/drivers/positions`, {method: 'POST', headers, body});
    await answer.text();
    if (answer.ok) return shed;
    if (answer.status !== 503) throw new Error(`positions were answered ${answer.status}`);
    await delay(100);
  }
}

async function flood(): Promise<Done> {
  const queue = made;
  const sent = queue.reduce((sum, [, size]) => sum + size, 0);
  let shed = 0;
  const work = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) shed += await send(one);
  };
  await Promise.all(Array.from({length: CONNECTIONS}, work));
  await nats?.flush();
  return {sent, shed};
}

async function feed(way: Way, perSecond: number, batchSize: number): Promise<Done> {
  const everyMs = (1_000 * batchSize) / perSecond;
  const done = {sent: 0, shed: 0};
  for (let dueMs = performance.now(); !isStopped; dueMs += everyMs) {
    await delay(Math.max(0, dueMs - performance.now()));
    for (const one of make(way, batchSize)) done.shed += await send(one);
    done.sent += batchSize;
  }
  return done;
}

async function obey(order: Order): Promise<Done> {
  switch (order.kind) {
    case 'open':
      ({feeder, places} = order);
      if (feeder.natsUrl !== undefined) nats = await connect({servers: feeder.natsUrl});
      return {sent: 0, shed: 0};
    case 'make':
      made = Array.from({length: order.batches}, () => make(order.way, order.batchSize)).flat();
      return {sent: 0, shed: 0};
    case 'flood':
      return flood();
    case 'feed':
      isStopped = false;
      feeding = feed(order.way, order.perSecond, order.batchSize);
      return {sent: 0, shed: 0};
    case 'stop': {
      isStopped = true;
      const done = await feeding;
      feeding = undefined;
      return done ?? {sent: 0, shed: 0};
    }
    default:
      return order satisfies never;
  }
}

process.on('message', async (order: Order) => process.send!(await obey(order)));
