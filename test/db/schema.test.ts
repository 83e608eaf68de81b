import {afterAll, beforeAll, expect, test} from 'vitest';
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
