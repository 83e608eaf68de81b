// The calls of the load, each route at a rate of its own: autocannon keeps it whatever the answers take, and corrects
// its latencies for requests that had to wait for earlier ones.

import autocannon from 'autocannon';
import {systemClock} from '../../src/domain/clock.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import type {NewTask} from '../../src/domain/task.ts';
import {type Held, type Orders, UNITS} from './orders.ts';

/** Of all calls but positions. A task that is accepted is also picked up and delivered, so that its driver is free. */
const SHARES = {
  'read a task': 0.25,
  'list tasks': 0.1,
  'list drivers': 0.05,
  'eligibility of a driver': 0.1,
  'create a task': 0.1,
  accept: 0.12,
  reject: 0.04,
  'pick up': 0.12,
  deliver: 0.12,
} as const;
const POSITIONS = 'positions';
export type Route = keyof typeof SHARES | typeof POSITIONS;

/** Every driver tells its position so often, and so many of them share a call. */
const POSITION_EVERY_S = 5;
const POSITIONS_A_CALL = 500;
/** A connection sends its next request when the last is answered; so many a second leave it room. */
const CALLS_PER_CONNECTION = 10;

export type Driver = {readonly id: string; readonly latE7: number; readonly lonE7: number};

type Call = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** Told when the answer is a success. */
  readonly done?: () => void;
};

export type Answered = {
  readonly route: Route;
  readonly sent: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** 503 with Retry-After: shed. */
  readonly shed: number;
  /** 409 and 404: somebody else was first. */
  readonly tooLate: number;
  /** Whatever else is no success: connections that broke, time-outs, other statuses. */
  readonly failed: number;
};

export type Traffic = {
  /** Sends for so long and says how it was answered. */
  readonly run: (seconds: number) => Promise<Answered[]>;
};

export function openTraffic(
  address: string,
  orders: Orders,
  drivers: readonly Driver[],
  {rate, seed}: {readonly rate: number; readonly seed: number},
): Traffic {
  const random = randomStream(seed, 'traffic');
  const callOf = callsOf(orders, drivers, random);
  const perCall = Math.min(POSITIONS_A_CALL, drivers.length);
  const feeding = Math.max(1, drivers.length / perCall / POSITION_EVERY_S);
  const rates = Object.entries(SHARES).map(([route, share]) => [route as Route, Math.max(1, share * rate)] as const);
  return {
    run: (seconds) =>
      Promise.all(
        [...rates, [POSITIONS, feeding] as const].map(([route, perSecond]) =>
          fire(address, route, perSecond, seconds, () => callOf(route, perCall)),
        ),
      ),
  };
}

async function fire(address: string, route: Route, rate: number, seconds: number, next: () => Call) {
  const connections = Math.ceil(rate / CALLS_PER_CONNECTION);
  const result = await autocannon({
    url: address,
    duration: seconds,
    connections,
    overallRate: Math.round(rate),
    timeout: 30,
    requests: [
      {
        // The context is the connection's: what an answer belongs to is known there.
        setupRequest(request, context) {
          const {method, path, body, done} = next();
          Object.assign(context, {done});
          const headers = body === undefined ? {} : {'content-type': 'application/json'};
          return {...request, method, path, headers, ...(body !== undefined && {body})};
        },
        onResponse(status, _body, context) {
          if (status < 300) (context as {done?: () => void}).done?.();
        },
      },
    ],
  });
  const count = (status: number) => result.statusCodeStats?.[`${status}`]?.count ?? 0;
  const tooLate = count(409) + count(404);
  return {
    route,
    sent: result.requests.total,
    perSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    maxMs: result.latency.max,
    shed: count(503),
    tooLate,
    failed: result.errors + result.non2xx - count(503) - tooLate,
  };
}

/** A request of a route, as of the instant it is asked for. */
function callsOf(orders: Orders, drivers: readonly Driver[], random: Random) {
  const accepted: Held[] = [];
  const pickedUp: Held[] = [];
  let turn = 0;
  const some = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const get = (path: string): Call => ({method: 'GET', path});
  /** Where nothing waits to be done, it is tried on a task that somebody else is at: most often refused. */
  const act = (from: Held[], action: string, more: object, then?: Held[]): Call => {
    const held = from.pop() ?? {taskId: some(orders.taskIds), driverId: some(drivers).id};
    const body = JSON.stringify({driverId: held.driverId, ...more});
    const path = `/v1/tasks/${held.taskId}/${action}`;
    return {method: 'POST', path, body, ...(then && {done: () => void then.push(held)})};
  };
  const post = (path: string, content: object): Call => ({method: 'POST', path, body: JSON.stringify(content)});
  return (route: Route, perCall: number): Call => {
    switch (route) {
      case 'read a task':
        return get(`/v1/tasks/${some(orders.taskIds)}`);
      case 'list tasks':
        return get('/v1/tasks?state=OFFERED&limit=100');
      case 'list drivers':
        return get(`/v1/drivers?limit=100&cursor=${some(drivers).id}`);
      case 'eligibility of a driver':
        return get(`/v1/drivers/${some(drivers).id}/eligibility`);
      case 'create a task':
        return post('/v1/tasks', taskBody(orders.next()));
      case 'accept':
        return act(orders.offers, 'accept', {}, accepted);
      case 'reject':
        return act(orders.offers, 'reject', {reason: 'declined'});
      case 'pick up': {
        const verification = {verifiedBy: 'clerk-1', units: UNITS, driverIdentified: true};
        return act(accepted, 'pickup', {verification}, pickedUp);
      }
      case 'deliver':
        return act(pickedUp, 'deliver', {idScan: ID_SCAN});
      case 'positions': {
        const nowMs = systemClock.wallMs();
        const positions = Array.from({length: perCall}, () => positionOf(drivers[turn++ % drivers.length], nowMs));
        return post('/v1/drivers/positions', {positions});
      }
      default:
        return route satisfies never;
    }
  };
}

const ID_SCAN = {
  method: 'barcode',
  result: 'passed',
  documentKind: 'driving_licence',
  documentExpiresOn: '2099-12-31',
  over21: true,
};

const iso = (ms: number) => new Date(ms).toISOString();

const taskBody = ({regionId, purchaserHmac, customerAddressId, ...task}: NewTask) => {
  const {dropLatE7, dropLonE7, readyAtMs, dueAtMs, latestAtMs, ageCheckUntilMs, ...rest} = task;
  return {
    ...rest,
    drop: {lon: dropLonE7 / 1e7, lat: dropLatE7 / 1e7},
    readyAt: iso(readyAtMs),
    dueAt: iso(dueAtMs),
    latestAt: iso(latestAtMs),
    ageCheckUntil: iso(ageCheckUntilMs!),
  };
};

/** Drivers go to and fro about where they started, at the speed of a car in a city: 300 m there and back in 3 min. */
const SWING_E7 = 27_000;
const SWING_MS = 180_000;

function positionOf({id, latE7, lonE7}: Driver, nowMs: number) {
  const phase = Number.parseInt(id.slice(0, 4), 16);
  const swing = SWING_E7 * Math.sin((2 * Math.PI * nowMs) / SWING_MS + phase);
  const at = {lon: lonE7 / 1e7, lat: (latE7 + Math.round(swing)) / 1e7};
  return {driverId: id, ...at, recordedAt: iso(nowMs)};
}
