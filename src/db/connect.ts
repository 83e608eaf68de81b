// The only way to the database at run time: single statements, each one round trip and its own transaction.
//
// postgres.js mixes rows of two transactions when a backend dies inside one, and can hang in COPY and reserve (its issues
// #1216, #1133, #1219); plain statements survived every kill. So nothing else is exposed. Whatever needs several
// steps under one lock is a function in migrations/; migrations themselves go through `pg`.
//
// Values in: see Parameter. Values out: int8 as a number (it must be a safe integer), timestamptz as epoch milliseconds
// (microseconds are cut off), date, numeric and arrays as text, json parsed, bytea as a Buffer.

import postgres from 'postgres';
import {addressOf, unreachable} from './database-url.ts';
import {encode, instantText, type Parameter, safeInteger} from './parameter.ts';
import type {Statement} from './statement.ts';

/** The server gives up on a statement after this. A tick's longest takes a tenth of a second. */
const STATEMENT_LIMIT_MS = 30_000;
const CONNECT_LIMIT_S = 10;
/** The client gives up after this, waiting for a connection included: then the server or the way to it is gone. */
const REPLY_LIMIT_MS = STATEMENT_LIMIT_MS + 2_000 * CONNECT_LIMIT_S;
const IDLE_LIMIT_S = 300;
/** Statements under way when the pool is closed may still end. */
const CLOSE_LIMIT_S = 5;

export type Database = {
  /** `host:port/name`, for messages. */
  readonly address: string;
  /** Rows of one statement. Rejects with what the server or the driver reported; see `failureKind`. */
  readonly query: <Row extends object>(statement: Statement, parameters?: readonly Parameter[]) => Promise<Row[]>;
  readonly close: () => Promise<void>;
};

export type ConnectOptions = {
  readonly maxConnections: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly monotonicMs: () => number;
  /** Shorter in tests. */
  readonly replyLimitMs?: number;
  /** Called as each statement ends; `ms` includes the wait for a free connection. */
  readonly onRoundTrip?: (statementName: string, ms: number, ok: boolean) => void;
};

/** Connects when the first statement asks for it; `ping` tells whether that works. InputFailure: DATABASE_URL_INVALID. */
export function connect(url: string, options: ConnectOptions): Database {
  const {monotonicMs, onRoundTrip, replyLimitMs = REPLY_LIMIT_MS} = options;
  const address = addressOf(url);
  let pool = openPool(url, options);

  async function query<Row extends object>(
    {name, text}: Statement,
    parameters: readonly Parameter[] = [],
  ): Promise<Row[]> {
    const sentTo = pool;
    const startMs = monotonicMs();
    let ok = false;
    const overdue = setTimeout(() => {
      // Every connection may be stuck in the same way. Closing this pool rejects what waits for it.
      if (pool === sentTo) pool = openPool(url, options);
      void sentTo.end({timeout: 0});
    }, replyLimitMs);
    try {
      const rows = await sentTo.unsafe<Row[]>(text, parameters.map(encode), ONE_PREPARED_STATEMENT);
      ok = true;
      return [...rows];
    } finally {
      clearTimeout(overdue);
      onRoundTrip?.(name, monotonicMs() - startMs, ok);
    }
  }
  return {address, query, close: () => pool.end({timeout: CLOSE_LIMIT_S})};
}

/** `simple` would send a statement without parameters unprepared; the option exists but is not declared. */
const ONE_PREPARED_STATEMENT = {prepare: true, simple: false} as postgres.UnsafeQueryOptions;

function openPool(url: string, {maxConnections, applicationName}: ConnectOptions) {
  return postgres(url, {
    max: maxConnections,
    // A statement sent behind another one on its connection would share its fate. (The option is not declared.)
    ...{max_pipeline: 0},
    // Would cost a query per connection; arrays are encoded here instead.
    fetch_types: false,
    connect_timeout: CONNECT_LIMIT_S,
    idle_timeout: IDLE_LIMIT_S,
    onnotice: () => {},
    connection: {application_name: applicationName, statement_timeout: STATEMENT_LIMIT_MS, TimeZone: 'UTC'},
    types: {
      int8: {to: 20, from: [20], serialize: String, parse: safeInteger},
      date: {to: 1082, from: [1082], serialize: String, parse: (text: string) => text},
      timestamptz: {to: 1184, from: [1184], serialize: instantText, parse: (text: string) => Date.parse(text)},
      json: {to: 114, from: [114, 3802], serialize: String, parse: (text: string) => JSON.parse(text)},
    },
  });
}

const PING: Statement = {name: 'ping', text: 'SELECT 1'};

/** For start-up, where the person who set the address looks on. InputFailure: DATABASE_UNREACHABLE. */
export async function ping(database: Database): Promise<void> {
  try {
    await database.query(PING);
  } catch (error) {
    throw unreachable(database.address, error);
  }
}
