// A migrated database per test file, cloned from a template in a tenth of a second. Always the real Postgres.

import {randomUUID} from 'node:crypto';
import {join} from 'node:path';
import {Client} from 'pg';
import {inject} from 'vitest';
import {connect, type Database} from '../../src/db/connect.ts';
import {startEmbedded} from '../../src/db/embedded/start.ts';
import {migrate} from '../../src/db/migrate.ts';
import {systemClock} from '../../src/domain/clock.ts';

const TEMPLATE = 'migrated';
/** Nothing in a test's database has to survive a power cut. */
const SETTINGS = {fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '200'};
/** Any fixed number: held by the one worker that makes the template. */
const TEMPLATE_LOCK_KEY = 1;

export type TestDatabase = {
  readonly url: string;
  readonly db: Database;
  /** Closes `db` and disconnects everybody else. */
  readonly drop: () => Promise<void>;
};

/** The superuser's address on the run's server, started when it does not run yet. */
async function serverUrl(): Promise<string> {
  // Never stopped here: other workers use it, and the run's guard stops it.
  const {url} = await startEmbedded({dataDir: join(inject('runFolder'), 'shared'), settings: SETTINGS});
  return url;
}

/** A database with all migrations applied, or an empty one. */
export async function createDatabase({migrated = true} = {}): Promise<TestDatabase> {
  const admin = await serverUrl();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  if (migrated) await makeTemplate(admin);
  await execute(admin, `CREATE DATABASE ${name} TEMPLATE ${migrated ? TEMPLATE : 'template0'} STRATEGY file_copy`);
  const url = databaseUrl(admin, name);
  const db = connect(url, {maxConnections: 10, applicationName: name, monotonicMs: systemClock.monotonicMs});
  const drop = async () => {
    await db.close();
    await execute(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  return {url, db, drop};
}

async function makeTemplate(admin: string): Promise<void> {
  await execute(admin, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK_KEY]);
    const {rowCount} = await client.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (rowCount) return;
    // Renamed when it is complete, so that a failing migration fails every test that needs it, with its message.
    await client.query(`DROP DATABASE IF EXISTS ${TEMPLATE}_partial`);
    await client.query(`CREATE DATABASE ${TEMPLATE}_partial TEMPLATE template0 STRATEGY file_copy`);
    await migrate(databaseUrl(admin, `${TEMPLATE}_partial`));
    await client.query(`ALTER DATABASE ${TEMPLATE}_partial RENAME TO ${TEMPLATE}`);
  });
}

function databaseUrl(admin: string, name: string): string {
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs SQL that the daemon's own connection does not allow: several statements, or ones outside a transaction. */
async function execute(url: string, work: string | ((client: Client) => Promise<void>)): Promise<void> {
  const client = new Client({connectionString: url});
  await client.connect();
  try {
    await (typeof work === 'string' ? client.query(work) : work(client));
  } finally {
    await client.end();
  }
}
