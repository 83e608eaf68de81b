import {readdirSync} from 'node:fs';
import {Client} from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {statement} from '../../src/db/statement.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {schemaDump} from '../support/schema-dump.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

// After a new migration: run it with --update, and review the difference as part of the change.
test('the migrations make the schema of test/golden/schema.sql', async () => {
  await expect(await schemaDump(database.db)).toMatchFileSnapshot('../golden/schema.sql');
});

test('every file of src/db/sql is one statement that the schema accepts, named after its file', async () => {
  const client = new Client({connectionString: database.url});
  await client.connect();
  const names = readdirSync(new URL('../../src/db/sql', import.meta.url)).map((file) => file.replace(/\.sql$/, ''));
  expect(names).not.toEqual([]);
  try {
    for (const name of names) {
      const {text} = statement(name);
      expect(text).toMatch(new RegExp(`^/\\* ${name} \\*/ [a-z]`, 'i'));
      await client.query(`PREPARE ${name} AS ${text}`).catch((error) => expect.fail(`${name}: ${error.message}`));
    }
  } finally {
    await client.end();
  }
});
