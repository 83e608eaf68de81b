// The rights of a daemon: what must not be done as a member of cloudrun_service is refused by Postgres, whatever our
// code may come to say. What must be done is in service-role-work.test.ts.
import {readdirSync} from 'node:fs';
import {Client} from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {connect, type Database} from '../../src/db/connect.ts';
import {migrate, pendingMigrations} from '../../src/db/migrate.ts';
import {statement} from '../../src/db/statement.ts';
import {keepPayloadPartitions} from '../../src/db/ticks.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {bring, NOW_MS, newId, openMarket, rows} from './market.ts';
import {asService, ROLE} from './service.ts';

/** Run by the owner's commands, the demo and purges, never by a daemon. */
const OTHERS_OWN = [
  'create_token',
  'revoke_token',
  'rotate_token',
  'set_dispatch_clock',
  'put_region',
  'set_region_area',
  'put_provider',
  'purge_dossiers',
];
/** What the role may not even read. */
const WITHHELD_TABLES: string[] = [];
const DEFINERS = ['keep_payload_partitions', 'purge_dossiers'];
/** What the role may not call. */
const WITHHELD_FUNCTIONS = ['purge_dossiers'];

let database: TestDatabase;
let service: Database;
beforeAll(async () => {
  database = await createDatabase();
  service = asService(database.url);
});
afterAll(async () => {
  await service?.close();
  await database?.drop();
});

async function denial(sql: string): Promise<string> {
  return rows(service, sql).then(
    () => 'done',
    (error: {code: string}) => (error.code === '42501' ? 'denied' : error.code),
  );
}

test('every statement of a daemon finds the tables it reads and writes open to it', async () => {
  const client = new Client({
    connectionString: database.url,
    options: `-c role=${ROLE} -c plan_cache_mode=force_generic_plan`,
  });
  await client.connect();
  const denied: string[] = [];
  const names = readdirSync(new URL('../../src/db/sql', import.meta.url)).map((file) => file.replace(/\.sql$/, ''));
  for (const name of names) {
    const {text} = statement(name);
    await client.query(`PREPARE ${name} AS ${text}`);
    const {rows: found} = await client.query<{n: number}>(
      'SELECT cardinality(parameter_types) AS n FROM pg_prepared_statements WHERE name = $1',
      [name],
    );
    const nulls = Array.from({length: found[0]!.n}, () => 'NULL').join();
    // The executor checks rights as it starts; nothing runs. What functions do inside is worked through above.
    await client.query(`EXPLAIN EXECUTE ${name}${nulls && `(${nulls})`}`).catch((error: {code?: string}) => {
      if (error.code === '42501') denied.push(name);
      else throw error;
    });
  }
  await client.end();
  expect(denied.filter((name) => !OTHERS_OWN.includes(name))).toEqual([]);
});

test('what is history can only grow: nothing is changed, removed or emptied', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  await bring(m, m.tasks[0], m.drivers[0], 'DELIVERED');
  for (const table of ['dossier_events', 'driver_periods', 'ticks', 'tick_payloads']) {
    expect([table, await denial(`update ${table} set region_id = region_id`)]).toEqual([table, 'denied']);
  }
  const kept = ['dossier_events', 'driver_periods', 'ticks', 'tick_payloads', 'tick_commits', 'offers', 'offer_logs'];
  const ofMarket = ['delivery_tasks', 'drivers', 'stores', 'regions', 'rules', 'kill_switches', 'driver_documents'];
  for (const table of [...kept, ...ofMarket, 'api_tokens', 'providers', 'dossier_tombstones', 'schema_migrations']) {
    expect([table, await denial(`delete from ${table}`)]).toEqual([table, 'denied']);
    expect([table, await denial(`truncate ${table} cascade`)]).toEqual([table, 'denied']);
  }
});

test('of an offer and its log only the end is written, of a region only the version of its compliance', async () => {
  expect(await denial(`update offers set driver_id = driver_id`)).toBe('denied');
  expect(await denial(`update offers set expires_at = expires_at`)).toBe('denied');
  expect(await denial(`update offer_logs set features = features`)).toBe('denied');
  expect(await denial(`update regions set settings = settings`)).toBe('denied');
  expect(await denial(`update kill_switches set since = since`)).toBe('denied');
  expect(await denial(`update rules set predicate = predicate`)).toBe('denied');
  expect(await denial(`update rules set valid_from = valid_from`)).toBe('denied');
  expect(await denial(`update api_tokens set scopes = '{ops}'`)).toBe('denied');
  expect(await denial(`update dispatch_clock set scale = 2`)).toBe('denied');
  expect(await denial(`update dossier_tombstones set last_seq = last_seq`)).toBe('denied');
  expect(await denial(`update providers set mapping = '{}'`)).toBe('denied');
  expect(await denial(`select * from purge_dossiers('x', 1, 0, null)`)).toBe('denied');
});

test('it makes no tables, functions or roles, and reads no passwords', async () => {
  expect(await denial('create table x (y int)')).toBe('denied');
  expect(await denial('drop table offers')).toBe('denied');
  expect(await denial('alter table offers add column x int')).toBe('denied');
  expect(await denial('create role x')).toBe('denied');
  expect(await denial('select * from pg_authid')).toBe('denied');
});

test('every table is open to it or withheld by name, and functions with rights of their own are named', async () => {
  const tables = await rows<{name: string}>(
    database.db,
    `select relname::text as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') and not relispartition
       and not has_table_privilege('${ROLE}', oid, 'select')`,
  );
  expect(tables.map(({name}) => name)).toEqual(WITHHELD_TABLES);
  const definers = await rows<{name: string; path: string[] | null; everybody: boolean}>(
    database.db,
    `select proname::text as name, array_to_json(proconfig) as path,
       exists (select from aclexplode(proacl) where grantee = 0) or proacl is null as everybody
     from pg_proc where pronamespace = 'public'::regnamespace and prosecdef order by proname`,
  );
  expect(definers.map(({name}) => name)).toEqual(DEFINERS);
  for (const {path, everybody} of definers) {
    expect(path).toContain('search_path=public, pg_temp');
    expect(everybody).toBe(false);
  }
  const closed = await rows<{name: string}>(
    database.db,
    `select proname::text as name from pg_proc
     where pronamespace = 'public'::regnamespace and not has_function_privilege('${ROLE}', oid, 'execute')`,
  );
  expect(closed.map(({name}) => name)).toEqual(WITHHELD_FUNCTIONS);
});

test('who may not make roles migrates all the same, and grants once there is the role', async () => {
  const other = await createDatabase({migrated: false});
  const login = `owner_${newId().replaceAll('-', '')}`;
  await rows(database.db, `create role ${login} login password 'x' nocreaterole`);
  await rows(other.db, `grant create, usage on schema public to ${login}`);
  const url = new URL(other.url);
  url.username = login;
  url.password = 'x';
  expect((await migrate(url.href)).length).toBeGreaterThan(10);
  // The role is there, as another database of this server made it: so are the grants. Calling again changes nothing.
  const owner = connect(url.href, {maxConnections: 1, applicationName: 'owner', monotonicMs: systemClock.monotonicMs});
  expect(await rows(owner, 'select grant_service() as granted')).toEqual([{granted: true}]);
  await owner.close();
  const member = asService(other.url);
  expect(await pendingMigrations(member)).toEqual([]);
  await keepPayloadPartitions(member, {nowMs: NOW_MS, keepHours: 1});
  await member.close();
  await other.drop();
  await rows(database.db, `drop role ${login}`);
});
