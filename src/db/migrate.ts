// Brings a database to the schema of this checkout: the files of migrations/ in order, each once and in a transaction.
//
// Our own rather than node-pg-migrate: that one knows applied files by name alone, so that an edited file passes
// unseen, and its builder, templates and down-migrations have no use here.
//
// Invariant: what is applied is a prefix of the files, byte for byte.

import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Client} from 'pg';
import {InputFailure} from '../domain/failure.ts';
import type {Database} from './connect.ts';
import {addressOf, unreachable} from './database-url.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
/** Any fixed number; the lock is held by one migrating process per database. */
const LOCK_KEY = 7_201_812;
const CONNECT_LIMIT_MS = 10_000;

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  name text PRIMARY KEY,
  sha256 text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)`;
/** On a cluster, what the migrations made is spread over its nodes: migrations/0039-distributed.sql. */
const DISTRIBUTE = `DO $$ BEGIN
  IF to_regproc('distribute') IS NOT NULL THEN PERFORM distribute(); END IF;
END $$`;
const APPLIED = 'SELECT name, sha256 FROM schema_migrations ORDER BY name COLLATE "C"';

type Migration = {readonly name: string; readonly sql: string; readonly sha256: string};
type Applied = {readonly name: string; readonly sha256: string};

export type MigrateOptions = {
  /** Where the numbered files are; for tests. */
  readonly folder?: string;
  readonly onApplied?: (name: string) => void;
};

/**
 * Names of the files that were applied. Any number of processes may call it at once. InputFailure:
 * DATABASE_URL_INVALID, DATABASE_UNREACHABLE, MIGRATION_CHANGED, DATABASE_AHEAD; Error when a file fails, and then
 * the files before it stay applied.
 */
export async function migrate(url: string, {folder = MIGRATIONS, onApplied}: MigrateOptions = {}): Promise<string[]> {
  const migrations = readMigrations(folder);
  const client = await open(url);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    await client.query(CREATE_TABLE);
    const pending = notYetApplied(migrations, (await client.query<Applied>(APPLIED)).rows);
    for (const migration of pending) {
      await apply(client, migration);
      onApplied?.(migration.name);
    }
    // Each time: what an earlier call could not do to the end is done now.
    await client.query(DISTRIBUTE);
    return pending.map(({name}) => name);
  } finally {
    await client.end();
  }
}

/** Names of the files that `migrate` would apply. InputFailure: MIGRATION_CHANGED, DATABASE_AHEAD. */
export async function pendingMigrations(database: Database, folder = MIGRATIONS): Promise<string[]> {
  const [found] = await database.query<{there: boolean}>({
    name: 'schema_migrations_there',
    text: `SELECT to_regclass('schema_migrations') IS NOT NULL AS there`,
  });
  const applied = found?.there ? await database.query<Applied>({name: 'schema_migrations', text: APPLIED}) : [];
  return notYetApplied(readMigrations(folder), applied).map(({name}) => name);
}

/** InputFailure: DATABASE_NOT_MIGRATED, and those of pendingMigrations. */
export async function requireMigrated(database: Database): Promise<void> {
  const pending = await pendingMigrations(database);
  if (pending.length === 0) return;
  throw new InputFailure('DATABASE_NOT_MIGRATED', `${pending.length} migrations are missing: run npx cloudrun migrate`);
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    if (Number.parseInt(name, 10) !== index + 1) throw new Error(`${name} should be number ${index + 1} of ${folder}`);
    const sql = readFileSync(join(folder, name), 'utf8');
    return {name, sql, sha256: createHash('sha256').update(sql).digest('hex')};
  });
}

function notYetApplied(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  for (const [index, {name, sha256}] of applied.entries()) {
    const migration = migrations[index];
    if (migration?.name !== name)
      throw new InputFailure(
        'DATABASE_AHEAD',
        `the database has the migration ${name}, which this version does not know`,
      );
    if (migration.sha256 !== sha256)
      throw new InputFailure('MIGRATION_CHANGED', `${name} differs from what was applied: add a new file instead`);
  }
  return migrations.slice(applied.length);
}

async function open(url: string): Promise<Client> {
  const address = addressOf(url);
  const client = new Client({connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS});
  // A connection that breaks fails the statement under way, which reports it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(address, error);
  }
  return client;
}

async function apply(client: Client, {name, sql, sha256}: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)', [name, sha256]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    const {message, position} = error as {message: string; position?: string};
    const line = position ? `, line ${sql.slice(0, Number(position)).split('\n').length}` : '';
    throw new Error(`migration ${name}${line}: ${message}`, {cause: error});
  }
}
