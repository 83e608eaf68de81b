// A region is one shard of a distributed Postgres: every statement and function of dispatch keeps to the one it is
// given, and the schema has nothing that a cluster of Citus could not hold. What asks more is named here, with why.
import {readdirSync} from 'node:fs';
import {loadModule, parseSync} from 'libpg-query';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {statement} from '../../src/db/statement.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {type Catalog, flawsOf, type Tree} from '../support/one-region.ts';
import {bodyOf} from '../support/plpgsql.ts';
import {rows} from './market.ts';

/** Statements that ask all regions. None decides anything, and none locks. */
const GLOBAL_STATEMENTS: Readonly<Record<string, string>> = {
  drivers_elsewhere: 'a driver that moves is looked for everywhere; then leave_region is called in that region',
  latest_instant: 'of the demo, whose stopped world goes on at its last instant',
  list_leases: 'daemons share all regions; what they then claim, they claim by region',
  list_regions: 'a daemon asks at its start what there is to dispatch',
};
const GLOBAL_FUNCTIONS: Readonly<Record<string, string>> = {
  distribute: 'makes DDL for a cluster, of the owner alone',
  expire_offers: 'advisory locks spread sweepers over slots; without them each offer is still closed once',
  grant_service: 'makes grants, of the owner alone',
  keep_payload_partitions: 'makes and drops partitions, which have no region; the lock keeps two from the same name',
  receive_provider_event: 'a document is put in every region where its driver stands; it runs where it is called',
};
/** Tables without a region: copied to every node, read everywhere, written rarely. */
const GLOBAL_TABLES = ['api_sessions', 'api_tokens', 'daemons', 'dispatch_clock', 'schema_migrations', 'speed_epochs'];

type Routine = {
  readonly name: string;
  readonly language: string;
  readonly definition: string;
  readonly names: readonly string[];
  readonly types: readonly string[];
};

let database: TestDatabase;
let catalog: Catalog;
let routines: Routine[];
beforeAll(async () => {
  await loadModule();
  database = await createDatabase();
  const columns = await rows<{relation: string; name: string}>(
    database.db,
    `select class.relname as relation, attribute.attname as name
     from pg_class class join pg_attribute attribute on attribute.attrelid = class.oid
     where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p', 'v')
       and attribute.attname in ('region_id', 'regionId')`,
  );
  routines = await rows<Routine>(
    database.db,
    `select routine.proname as name, language.lanname as language, pg_get_functiondef(routine.oid) as definition,
       to_json(coalesce(routine.proargnames, '{}')) as names, to_json(array(
         select format_type(type, null) from unnest(routine.proargtypes) with ordinality given (type, n) order by n)
       ) as types
     from pg_proc routine join pg_language language on language.oid = routine.prolang
     where routine.pronamespace = 'public'::regnamespace order by routine.proname`,
  );
  catalog = {
    regionColumnOf: new Map(columns.map(({relation, name}) => [relation, name])),
    regionalFunctions: new Set(routines.filter(({names}) => names[0] === 'p_region_id').map(({name}) => name)),
  };
});
afterAll(() => database?.drop());

const statements = readdirSync(new URL('../../src/db/sql', import.meta.url)).map((file) => file.replace(/\.sql$/, ''));

/** Of a statement that is sent as it stands: a change inside a CTE, and a call that is made of more than parameters. */
function sendingFlaws(tree: Tree): string[] {
  const text = JSON.stringify(tree);
  const changes = /"ctequery":\{"(Insert|Update|Delete)Stmt"/.test(text) ? ['a CTE that changes rows'] : [];
  const calls = [...text.matchAll(/"RangeFunction":\{.*?"funcname":\[\{"String":\{"sval":"(\w+)"/g)];
  const called = calls.map(([, name]) => name!).filter((name) => catalog.regionalFunctions.has(name));
  const isBare = (node: Tree): boolean => Boolean(node.ParamRef ?? (node.TypeCast && isBare(node.TypeCast.arg)));
  const from = tree.stmts[0].stmt.SelectStmt?.fromClause ?? [];
  const own = from.flatMap(({RangeFunction: range}: Tree) => range?.functions[0].List.items[0].FuncCall ?? []);
  const odd = own.filter(({args = []}: Tree) => called.length > 0 && !args.every(isBare));
  return [...changes, ...odd.map(() => 'a call with more than parameters')];
}

function flawsOfRoutine({name, definition, names, types}: Routine): string[] {
  const {statements: sent, typeOf, isDynamic} = bodyOf(definition);
  const given = new Map([...typeOf, ...names.map((each, i): [string, string] => [each, types[i] ?? ''])]);
  const rowVariables = new Set(
    [...given].filter(([, type]) => catalog.regionColumnOf.has(type.replace('%rowtype', ''))).map(([each]) => each),
  );
  const flaws = sent.flatMap((tree) => flawsOf(tree, catalog, {functionName: name, rowVariables}));
  return [...new Set([...flaws, ...(isDynamic ? ['SQL made of text'] : [])])];
}

const told = (found: ReadonlyMap<string, readonly string[]>) =>
  Object.fromEntries([...found].filter(([, flaws]) => flaws.length > 0));

test('every statement that a daemon sends keeps to one region, but for those named above', () => {
  const found = new Map(
    statements.map((name) => {
      const tree = parseSync(statement(name).text);
      return [name, [...flawsOf(tree, catalog), ...sendingFlaws(tree)]];
    }),
  );
  const flawed = told(found);
  const excused = Object.keys(GLOBAL_STATEMENTS);
  expect(Object.fromEntries(Object.entries(flawed).filter(([name]) => !excused.includes(name)))).toEqual({});
  expect(Object.keys(flawed).sort(), 'an excuse that nobody needs').toEqual(excused);
});

test('every function of the schema does so too, and is PL/pgSQL where it touches a table', () => {
  const tables = new RegExp(`\\b(from|join|update|into)\\s+(${[...catalog.regionColumnOf.keys()].join('|')})\\b`, 'i');
  const plain = routines.filter(({language}) => language !== 'plpgsql');
  expect(plain.filter(({definition, names}) => tables.test(definition) || names[0] === 'p_region_id')).toEqual([]);
  const found = new Map(
    routines.filter(({language}) => language === 'plpgsql').map((each) => [each.name, flawsOfRoutine(each)]),
  );
  const flawed = told(found);
  const excused = Object.keys(GLOBAL_FUNCTIONS);
  expect(Object.fromEntries(Object.entries(flawed).filter(([name]) => !excused.includes(name)))).toEqual({});
  expect(Object.keys(flawed).sort(), 'an excuse that nobody needs').toEqual(excused);
});

test('what is planted is found', () => {
  const one = 'region_id = $1';
  for (const [sql, flaw] of [
    [`select from delivery_tasks where id = $2`, 'any region'],
    [`select from delivery_tasks where ${one} or id = $2`, 'any region'],
    [`select from delivery_tasks where region_id <> $1`, 'any region'],
    [`select from offers join delivery_tasks task on task.id = offers.task_id where offers.${one}`, 'task'],
    [`select from offers left join drivers on offers.${one} and drivers.${one}`, 'offers'],
    [`select from offers where ${one} and exists (select from drivers where id = offers.driver_id)`, 'drivers'],
    [`with mine as (select * from drivers) select from mine where ${one}`, 'drivers'],
    [`select from drivers where ${one} union all select from drivers`, 'any region'],
    [`select from unnest($1::text[]) as given (region_id) join drivers on drivers.region_id = given.region_id`, 'any'],
    [`select from task_rows where id = $1`, 'any region'],
    [`update drivers set name = $2 where id = $1`, 'any region'],
    [`update drivers set region_id = $2 where ${one}`, 'changes its region'],
    [`update offers set state = $2 from drivers where offers.${one} and drivers.id = offers.driver_id`, 'drivers'],
    [`update drivers d set name = format('%s', d.name) where d.${one}`, 'of a column'],
    [`delete from offers using drivers where drivers.${one}`, 'offers'],
    [`insert into stores (id, name) values ($1, $2)`, 'without its region'],
    [`insert into stores (region_id, id) select store.name, store.id from stores store where store.${one}`, 'another'],
    [`select from drivers where ${one} and id in (select driver_id from offers where region_id = $2)`, 'given twice'],
    [`select * from commit_offers('austin', $1)`, 'another region'],
    [`select pg_notify('x', 'y')`, 'not for dispatch'],
    [`notify x`, 'not for dispatch'],
    [`select pg_advisory_lock(1)`, 'advisory'],
  ] as const) {
    expect([sql, ...flawsOf(parseSync(sql), catalog)].slice(1).join(), sql).toContain(flaw);
  }
  for (const [sql, flaw] of [
    [`with made as (insert into offers (region_id) values ($1) returning 1) select from made`, 'changes rows'],
    [`select * from commit_offers($1, (select 1))`, 'more than parameters'],
  ] as const) {
    expect(sendingFlaws(parseSync(sql)), sql).toEqual([expect.stringContaining(flaw)]);
  }
  const body = (
    sql: string,
  ) => `create function f(p_region_id text, p_task delivery_tasks) returns void language plpgsql
    as $$ declare v_n int; begin ${sql} end $$`;
  const routine = (sql: string) =>
    flawsOfRoutine({
      name: 'f',
      language: 'plpgsql',
      definition: body(sql),
      names: ['p_region_id', 'p_task'],
      types: ['text', 'delivery_tasks'],
    });
  expect(routine(`perform from drivers where region_id = p_task.region_id;`)).toEqual([]);
  expect(routine(`v_n := (select count(*) from drivers);`)).toEqual([expect.stringContaining('any region')]);
  expect(routine(`if exists (select from drivers) then return; end if;`)).toHaveLength(1);
  expect(routine(`for v_n in select 1 from drivers where region_id = 'x' loop null; end loop;`)).toHaveLength(1);
  expect(routine(`execute 'select 1';`)).toEqual(['SQL made of text']);
});

test('a statement or function that loses one of its conditions on the region is found', () => {
  const condition = /"?\b(?:\w+\.)?"?region_?id"? = (?:\$1|p_region_id)\b/gi;
  const without = (sql: string): string[] =>
    Array.from(sql.matchAll(condition), ({0: found, index}) => {
      return `${sql.slice(0, index)}true${sql.slice(index + found.length)}`;
    });
  const texts = statements.filter((name) => !(name in GLOBAL_STATEMENTS)).map((name) => statement(name).text);
  const unseen = texts.flatMap(without).filter((sql) => flawsOf(parseSync(sql), catalog).length === 0);
  const own = routines.filter(({name, language}) => language === 'plpgsql' && !(name in GLOBAL_FUNCTIONS));
  const cases = [...texts, ...own.map(({definition}) => definition)].flatMap(without);
  expect(cases.length).toBeGreaterThan(150);
  const unseenOf = own.flatMap((routine) =>
    without(routine.definition).filter((definition) => flawsOfRoutine({...routine, definition}).length === 0),
  );
  expect([unseen, unseenOf]).toEqual([[], []]);
});

test('region_id comes first in every primary key, unique index and foreign key; the rest is named', async () => {
  const {db} = database;
  const first = `(select attname from pg_attribute where attrelid = %t and attnum = %k)`;
  const columnOf = (table: string, key: string) => first.replace('%t', table).replace('%k', key);
  const indexes = await rows<{relation: string}>(
    db,
    `select index.indexrelid::regclass::text as name, class.relname as relation
     from pg_index index join pg_class class on class.oid = index.indrelid
     where class.relnamespace = 'public'::regnamespace and index.indisunique and not class.relispartition
       and ${columnOf('index.indrelid', 'index.indkey[0]')} is distinct from 'region_id'`,
  );
  expect([...new Set(indexes.map(({relation}) => relation))].sort()).toEqual(GLOBAL_TABLES);
  const keys = await rows(
    db,
    `select conname from pg_constraint key where contype = 'f' and connamespace = 'public'::regnamespace
       and conrelid <> 'api_sessions'::regclass
       and (${columnOf('key.conrelid', 'key.conkey[1]')} <> 'region_id'
         or ${columnOf('key.confrelid', 'key.confkey[1]')} <> 'region_id' or key.confdeltype in ('n', 'd'))`,
  );
  expect(keys).toEqual([]);
});

test('there is no trigger, rule, sequence or identity', async () => {
  const found = await rows(
    database.db,
    `select tgname as name from pg_trigger where not tgisinternal
     union all select rulename from pg_rewrite where rulename <> '_RETURN' and ev_class >= 16384
     union all select relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace
     union all select attname from pg_attribute join pg_class on pg_class.oid = attrelid
       where relnamespace = 'public'::regnamespace and attidentity <> ''`,
  );
  expect(found).toEqual([]);
});
