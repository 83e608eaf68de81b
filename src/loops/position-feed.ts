// Positions over NATS. Whoever holds a region's lease hears its subjects, and nobody else, so that each position is
// written once:
//
//   cloudrun.positions.REGION          a batch, as it is posted over HTTP
//   cloudrun.position.REGION.DRIVER    one driver's, of which the stream CLOUDRUN_POSITIONS keeps the last
//
// Who takes a region over, or was cut off, reads what the stream kept. NATS may be away at the start or later: HTTP
// goes on, and the connection is tried again for as long as the daemon lives.

import {DeliverPolicy, jetstream, jetstreamManager, StorageType} from '@nats-io/jetstream';
import {connect, credsAuthenticator, type NatsConnection, nanos, type Subscription} from '@nats-io/transport-node';
import type {Clock} from '../domain/clock.ts';
import type {DriverPosition} from '../domain/driver.ts';
import type {PositionSource} from '../metrics.ts';
import {startCadence} from './cadence.ts';
import type {Positions} from './positions.ts';

const STREAM = 'CLOUDRUN_POSITIONS';
/** What the stream keeps of a driver who is silent; far longer than any position is of use. */
const KEEP_POSITIONS_H = 1;
const KEPT_AT_ONCE = 1_000;
const KEPT_WAIT_MS = 2_000;

/** How often leases are looked at, and a first connection is tried. */
const FOLLOW_EVERY_MS = 250;
/** After a reading of the stream that failed. */
const KEPT_RETRY_MS = 5_000;
const CONNECT_LIMIT_MS = 2_000;
const RECONNECT_EVERY_MS = 500;
/** A server that is silent for three of these is gone. */
const PING_EVERY_MS = 5_000;

/** What comes in is checked by the same schemas as over HTTP; undefined: it cannot be read. */
export type ReadPositions = {
  readonly batch: (bytes: Uint8Array, regionId: string) => DriverPosition[] | undefined;
  readonly one: (bytes: Uint8Array, driverId: string) => DriverPosition | undefined;
};

export type FeedObserver = {
  readonly connected: () => void;
  readonly disconnected: (error: unknown) => void;
  readonly unreadable: (regionId: string, source: PositionSource, subject: string) => void;
  /** What the stream kept could not be read: the region goes on with what the database has. */
  readonly keptFailed: (regionId: string, error: unknown) => void;
};

export type FeedOptions = {
  readonly servers: readonly string[];
  readonly credentials: Uint8Array | undefined;
  readonly regionIds: readonly string[];
  readonly isOwner: (regionId: string) => boolean;
  readonly positions: Pick<Positions, 'hear'>;
  readonly read: ReadPositions;
  readonly clock: Clock;
  readonly observer: FeedObserver;
};

type Heard = {readonly subscriptions: readonly Subscription[]; needsKept: boolean; triedMs: number};

/** Listens until the function it returns is called. */
export function startPositionFeed(options: FeedOptions): () => Promise<void> {
  const {regionIds, isOwner, clock, observer} = options;
  const heard = new Map<string, Heard>();
  let connection: NatsConnection | undefined;

  const open = async () => {
    try {
      connection = await openConnection(options);
    } catch (error) {
      observer.disconnected(error);
      return;
    }
    observer.connected();
    void watch(connection);
  };

  /** The client repairs a broken connection and subscribes again; what was missed meanwhile is in the stream. */
  const watch = async (watched: NatsConnection) => {
    for await (const status of watched.status()) {
      if (status.type === 'disconnect') observer.disconnected(new Error(`cut off from ${status.server}`));
      if (status.type !== 'reconnect') continue;
      observer.connected();
      for (const region of heard.values()) {
        region.needsKept = true;
        region.triedMs = Number.NEGATIVE_INFINITY;
      }
    }
    const error = await watched.closed();
    heard.clear();
    connection = undefined;
    if (error) observer.disconnected(error);
  };

  const follow = async () => {
    if (!connection) await open();
    if (!connection || connection.isClosed()) return;
    for (const regionId of regionIds) {
      const hears = heard.get(regionId);
      if (isOwner(regionId) === (hears !== undefined)) continue;
      if (hears) {
        for (const subscription of hears.subscriptions) subscription.unsubscribe();
        heard.delete(regionId);
      } else
        heard.set(regionId, {
          subscriptions: subscribe(connection, regionId, options),
          needsKept: true,
          triedMs: Number.NEGATIVE_INFINITY,
        });
    }
    for (const [regionId, region] of heard) {
      if (!region.needsKept || clock.monotonicMs() - region.triedMs < KEPT_RETRY_MS) continue;
      region.triedMs = clock.monotonicMs();
      // A reconnect meanwhile asks for another reading.
      region.needsKept = false;
      try {
        await readKept(connection, regionId, options);
      } catch (error) {
        region.needsKept = true;
        observer.keptFailed(regionId, error);
      }
    }
  };

  const cadence = startCadence(FOLLOW_EVERY_MS, clock, follow);
  return async () => {
    const ended = cadence.stop();
    // What waits for an answer from NATS is told at once that none comes.
    await connection?.close();
    await ended;
    await connection?.close();
  };
}

function openConnection({servers, credentials}: FeedOptions): Promise<NatsConnection> {
  return connect({
    servers: [...servers],
    name: 'cloudrun',
    timeout: CONNECT_LIMIT_MS,
    // Once it was connected: until then it gives up at once, and we try again.
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_EVERY_MS,
    ignoreAuthErrorAbort: true,
    pingInterval: PING_EVERY_MS,
    maxPingOut: 2,
    // Servers of which one speaks TLS must all do so.
    ...(servers.some((server) => server.startsWith('tls:')) && {tls: {}}),
    ...(credentials && {authenticator: credsAuthenticator(credentials)}),
  });
}

const subjectOf = (regionId: string, driver: string): string => `cloudrun.position.${regionId}.${driver}`;
const driverOf = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1);

function subscribe(connection: NatsConnection, regionId: string, {positions, read, observer}: FeedOptions) {
  const hear = (subject: string, given: DriverPosition[] | undefined) => {
    if (given) positions.hear(regionId, given, 'nats');
    else observer.unreadable(regionId, 'nats', subject);
  };
  // An error here is that of the connection or of a permission, which the connection's status tells of.
  return [
    connection.subscribe(`cloudrun.positions.${regionId}`, {
      callback: (error, message) => {
        if (!error) hear(message.subject, read.batch(message.data, regionId));
      },
    }),
    connection.subscribe(subjectOf(regionId, '*'), {
      callback: (error, {subject, data}) => {
        if (error) return;
        const one = read.one(data, driverOf(subject));
        hear(subject, one && [one]);
      },
    }),
  ];
}

/** Makes the stream where there is none: one that somebody has made with other settings is left as it is. */
async function readKept(connection: NatsConnection, regionId: string, options: FeedOptions): Promise<void> {
  const {positions, read, observer} = options;
  const {streams} = await jetstreamManager(connection);
  await streams.info(STREAM).catch(() =>
    streams.add({
      name: STREAM,
      subjects: [subjectOf('*', '*')],
      storage: StorageType.File,
      max_msgs_per_subject: 1,
      max_age: nanos(KEEP_POSITIONS_H * 3_600_000),
    }),
  );
  const consumer = await jetstream(connection).consumers.get(STREAM, {
    filter_subjects: subjectOf(regionId, '*'),
    deliver_policy: DeliverPolicy.LastPerSubject,
  });
  let {num_pending: left} = await consumer.info(true);
  while (left > 0) {
    const kept: DriverPosition[] = [];
    let last: number | undefined;
    for await (const message of await consumer.fetch({max_messages: KEPT_AT_ONCE, expires: KEPT_WAIT_MS})) {
      const one = read.one(message.data, driverOf(message.subject));
      if (one) kept.push(one);
      else observer.unreadable(regionId, 'kept', message.subject);
      last = message.info.pending;
    }
    if (last === undefined) throw new Error(`the stream went silent ${left} positions before its end`);
    left = last;
    positions.hear(regionId, kept, 'kept');
  }
}
