// All that a database holds, as one line a table: to show that something changed nothing.

import type {Database} from '../../src/db/connect.ts';
import type {Statement} from '../../src/db/statement.ts';

const TABLES: Statement = {
  name: 'test_tables',
  text: `select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`,
};

/** Reads, in one statement, how many rows each table has and the sum of their hashes; but for the tables named. */
export async function contentsReader(db: Database, except: readonly string[]): Promise<() => Promise<string[]>> {
  const tables = (await db.query<{name: string}>(TABLES)).filter(({name}) => !except.includes(name));
  const lines = tables.map(
    ({name}) =>
      `select '${name} ' || count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) as line from ${name} t`,
  );
  const contents: Statement = {name: 'test_contents', text: lines.join(' union all ')};
  return async () => (await db.query<{line: string}>(contents)).map(({line}) => line);
}
