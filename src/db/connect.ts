// The only way to the database at run time: single statements, each one round trip and its own transaction.
//
// postgres.js mixes rows of two transactions when a backend dies inside one, and can hang in COPY and reserve (its
// issues #1216, #1133, #1219). So nothing but a statement is exposed; whatever needs several steps under one lock is a
// function in migrations/, and migrations go through `pg`.
//
// What goes wrong in postgres.js goes wrong where it repairs a broken connection: it hands a dead backend's last words
// to the next statement, waits up to 20 s before it connects again, and cannot close what it believes to be busy. So
// each client here has one connection and one statement at a time, and a client that lost its server is thrown away.
//
// Values in: see Parameter. Values out: int8 as a number (it must be a safe integer), timestamptz as epoch milliseconds
// (microseconds are cut off), date, numeric and arrays as text, json parsed, bytea as a Buffer.

import {setTimeout as delay} from 'node:timers/promises';
import postgres from 'postgres';
import {addressOf, unreachable} from './database-url.ts';
import {type FailureKind, failureKind} from './failure-kind.ts';
import {encode, instantText, type Parameter, safeInteger} from './parameter.ts';
import type {Statement} from './statement.ts';

const CONNECT_LIMIT_S = 10;
/** The server gives up on a statement after this. A tick's longest takes a tenth of a second. */
const STATEMENT_LIMIT_MS = 30_000;
/** The client gives up after this, connecting included: then the server or the way to it is gone. */
const REPLY_LIMIT_MS = STATEMENT_LIMIT_MS + 2_000 * CONNECT_LIMIT_S;
/** A connection that was idle for so long is closed; its client opens another when it is used again. */
const IDLE_LIMIT_S = 300;
/** What statements under way may still take when the database is closed. */
const CLOSE_LIMIT_MS = 5_000;

export type Database = {
  /** `host:port/name`, for messages. */
  readonly address: string;
  /** Rows of one statement. Rejects with what the server or the driver reported: see `failureKind`. */
  readonly query: <Row extends object>(statement: Statement, parameters?: readonly Parameter[]) => Promise<Row[]>;
  /** Statements that wait for a free connection. */
  readonly waiting: () => number;
  /** Waits for the statements under way, within a limit. Statements that come later are `gone`. */
  readonly close: () => Promise<void>;
};

export type ConnectOptions = {
  readonly maxConnections: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly monotonicMs: () => number;
  /** Called as each statement ends, well or not; `ms` includes the wait for a free connection. */
  readonly onRoundTrip?: (statementName: string, ms: number, failure: FailureKind | undefined) => void;
  /** Shorter in tests. */
  readonly replyLimitMs?: number;
};

/** Connects when a statement first asks for it; `ping` tells whether that works. InputFailure: DATABASE_URL_INVALID. */
export function connect(url: string, options: ConnectOptions): Database {
  const {maxConnections, applicationName, monotonicMs, onRoundTrip, replyLimitMs = REPLY_LIMIT_MS} = options;
  const address = addressOf(url);
  const open = () => openClient(url, applicationName);
  const all = new Set(Array.from({length: maxConnections}, open));
  const free = [...all];
  const waiters: ((client: Client) => void)[] = [];
  let closing: Promise<void> | undefined;

  /** First come, first served. The client used last is the one that surely has a connection. */
  const take = (): Client | Promise<Client> => free.pop() ?? new Promise((resolve) => waiters.push(resolve));

  const give = (client: Client) => {
    const next = waiters.shift();
    if (next) next(client);
    else free.push(client);
  };

  const replace = (client: Client) => {
    all.delete(client);
    void client.end({timeout: 0});
    const fresh = open();
    all.add(fresh);
    give(fresh);
  };

  async function query<Row extends object>(statement: Statement, parameters: readonly Parameter[] = []) {
    const {name, text, planned} = statement;
    if (closing) throw Object.assign(new Error(`${address} has been closed`), {code: 'CONNECTION_ENDED'});
    const startMs = monotonicMs();
    const client = await take();
    // Ending the client rejects what it still waits for.
    const overdue = setTimeout(() => void client.end({timeout: 0}), replyLimitMs);
    let failure: FailureKind | undefined;
    try {
      const once = planned === 'each-time' ? ONE_STATEMENT : ONE_PREPARED_STATEMENT;
      return [...(await client.unsafe<Row[]>(text, parameters.map(encode), once))];
    } catch (error) {
      failure = failureKind(error);
      throw error;
    } finally {
      clearTimeout(overdue);
      if (failure === 'gone') replace(client);
      else give(client);
      onRoundTrip?.(name, monotonicMs() - startMs, failure);
    }
  }

  async function finish() {
    const idle = Promise.all(Array.from(all, take));
    await Promise.race([idle, delay(CLOSE_LIMIT_MS, undefined, {ref: false})]);
    await Promise.all(Array.from(all, (client) => client.end({timeout: 0})));
  }
  return {address, query, waiting: () => waiters.length, close: () => (closing ??= finish())};
}

type Client = ReturnType<typeof openClient>;

/** `simple` would send a statement without parameters unprepared; the option exists but is not declared. */
const ONE_PREPARED_STATEMENT = {prepare: true, simple: false} as postgres.UnsafeQueryOptions;
/** Parsed at each call, which costs a round trip more. */
const ONE_STATEMENT = {prepare: false, simple: false} as postgres.UnsafeQueryOptions;

const openClient = (url: string, applicationName: string) =>
  postgres(url, {
    max: 1,
    // Would cost a query per connection; arrays are encoded here instead.
    fetch_types: false,
    connect_timeout: CONNECT_LIMIT_S,
    idle_timeout: IDLE_LIMIT_S,
    onnotice: () => {},
    // Compiling a statement takes longer than any of ours runs: of a snapshot it was half.
    connection: {
      application_name: applicationName,
      statement_timeout: STATEMENT_LIMIT_MS,
      TimeZone: 'UTC',
      jit: 'off',
    },
    types: {
      int8: {to: 20, from: [20], serialize: String, parse: safeInteger},
      date: {to: 1082, from: [1082], serialize: String, parse: (text: string) => text},
      timestamptz: {to: 1184, from: [1184], serialize: instantText, parse: (text: string) => Date.parse(text)},
      json: {to: 114, from: [114, 3802], serialize: String, parse: (text: string) => JSON.parse(text)},
    },
  });

const PING: Statement = {name: 'ping', text: 'SELECT 1'};

/** For start-up, where the person who set the address looks on. InputFailure: DATABASE_UNREACHABLE. */
export async function ping(database: Database): Promise<void> {
  try {
    await database.query(PING);
  } catch (error) {
    throw unreachable(database.address, error);
  }
}
