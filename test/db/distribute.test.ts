// Distributing the schema where a stand-in notes what a cluster of Citus would be asked: each table once, the regions
// first, and the schema as it was before. A real cluster is asked the same, but not here.
import {afterAll, beforeAll, expect, test} from 'vitest';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {schemaDump} from '../support/schema-dump.ts';
import {rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

/** In a schema of its own, so that it is no part of what is distributed. */
const STAND_IN = [
  'create schema citus',
  `create table citus.pg_dist_partition (logicalrelid regclass)`,
  `create table citus.asked (n int generated always as identity, what text, name text, keys bigint)`,
  `create function citus.note(p_what text, p_name regclass) returns void language plpgsql as $$
   begin
     insert into citus.asked (what, name, keys)
     select p_what, p_name, count(*) from pg_constraint
     where contype = 'f' and connamespace = 'public'::regnamespace;
     insert into citus.pg_dist_partition values (p_name);
   end $$`,
  `create function citus.create_distributed_table(p_table regclass, p_column text, colocate_with text)
   returns void language plpgsql as $$
   begin perform citus.note('distributed by ' || p_column || ' with ' || colocate_with, p_table); end $$`,
  `create function citus.create_reference_table(p_table regclass) returns void language plpgsql as $$
   begin perform citus.note('reference', p_table); end $$`,
  `create function citus.create_distributed_function(p_called regprocedure, p_argument text default '',
     colocate_with text default '') returns void language plpgsql as $$
   begin insert into citus.asked (what, name) values ('called by ' || p_argument, p_called::text); end $$`,
];

type Asked = {readonly what: string; readonly name: string; readonly keys: number | null};

test('without a cluster nothing is done; with one each table is distributed, and else nothing changes', async () => {
  const {db} = database;
  expect(await rows(db, 'select distribute() as done')).toEqual([{done: false}]);
  const before = await schemaDump(db);
  for (const sql of STAND_IN) await rows(db, sql);
  const distribute = `select distribute() as done from set_config('search_path', 'public, citus', false)`;
  expect(await rows(db, distribute)).toEqual([{done: true}]);
  expect(await schemaDump(db)).toBe(before);
  const asked = await rows<Asked>(db, 'select what, name, keys from citus.asked order by n');
  const tables = asked.filter(({what}) => !what.startsWith('called'));
  expect(tables[0]).toEqual({what: 'distributed by region_id with none', name: 'regions', keys: 0});
  expect(tables.filter(({what}) => what === 'reference').map(({name}) => name)).toEqual([
    'api_sessions',
    'api_tokens',
    'daemons',
    'dispatch_clock',
    'speed_epochs',
  ]);
  expect(
    tables.every(({keys}) => keys === 0),
    'no foreign key stands meanwhile',
  ).toBe(true);
  expect(tables.map(({name}) => name)).toEqual(expect.arrayContaining(['offers', 'tick_payloads', 'region_leases']));
  const called = asked.filter(({what}) => what === 'called by p_region_id').map(({name}) => name.replace(/\(.*/, ''));
  expect(called).toEqual(expect.arrayContaining(['commit_offers', 'expire_offers', 'claim_lease', 'save_tick']));
  expect(called).not.toContain('receive_provider_event');

  await rows(db, 'truncate citus.asked');
  expect(await rows(db, distribute)).toEqual([{done: true}]);
  const again = await rows<Asked>(db, `select what from citus.asked where what not like 'called%'`);
  expect(again, 'a second time there is nothing left to distribute').toEqual([]);
});
