import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, inject, test} from 'vitest';
import {migrate, pendingMigrations} from '../../src/db/migrate.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await createDatabase({migrated: false});
  folder = mkdtempSync(join(inject('runFolder'), 'migrations-'));
  write('0001-towns.sql', 'CREATE TABLE towns (name text);\nINSERT INTO towns VALUES ($$Austin$$);');
  write('0002-people.sql', 'CREATE TABLE people (name text);');
});
afterEach(async () => {
  rmSync(folder, {recursive: true});
  await database.drop();
});

const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql);
const towns = async () =>
  (await database.db.query<{name: string}>({name: 'towns', text: 'SELECT name FROM towns'})).length;
const pending = () => pendingMigrations(database.db, folder);

test('applies each file once, in order, and says which', async () => {
  const told: string[] = [];
  expect(await pending()).toEqual(['0001-towns.sql', '0002-people.sql']);
  expect(await migrate(database.url, {folder, onApplied: (name) => told.push(name)})).toEqual(told);
  expect(told).toEqual(['0001-towns.sql', '0002-people.sql']);
  expect(await migrate(database.url, {folder})).toEqual([]);
  expect(await pending()).toEqual([]);
  expect(await towns()).toBe(1);

  write('0003-more.sql', 'INSERT INTO towns VALUES ($$Porto$$)');
  expect(await pending()).toEqual(['0003-more.sql']);
  expect(await migrate(database.url, {folder})).toEqual(['0003-more.sql']);
  expect(await towns()).toBe(2);
});

test('eight daemons that migrate at once apply each file once', async () => {
  const applied = await Promise.all(Array.from({length: 8}, () => migrate(database.url, {folder})));
  expect(applied.flat().sort()).toEqual(['0001-towns.sql', '0002-people.sql']);
  expect(await towns()).toBe(1);
});

test('a file that fails changes nothing, names its line, and keeps the files before it', async () => {
  write('0003-broken.sql', 'INSERT INTO towns VALUES ($$Porto$$);\n\nSELECT nothing FROM nowhere;');
  await expect(migrate(database.url, {folder})).rejects.toThrow(
    'migration 0003-broken.sql, line 3: relation "nowhere" does not exist',
  );
  expect(await towns()).toBe(1);
  expect(await pending()).toEqual(['0003-broken.sql']);
});

test('a file edited after it was applied is refused, by a daemon that only looks too', async () => {
  await migrate(database.url, {folder});
  write('0002-people.sql', 'CREATE TABLE people (name text, age int);');
  const changed = {
    name: 'InputFailure',
    code: 'MIGRATION_CHANGED',
    message: expect.stringContaining('0002-people.sql'),
  };
  await expect(migrate(database.url, {folder})).rejects.toMatchObject(changed);
  await expect(pending()).rejects.toMatchObject(changed);
});

test('a database that is ahead of the files, or took another path, is refused', async () => {
  await migrate(database.url, {folder});
  rmSync(join(folder, '0002-people.sql'));
  const ahead = {name: 'InputFailure', code: 'DATABASE_AHEAD', message: expect.stringContaining('0002-people.sql')};
  await expect(migrate(database.url, {folder})).rejects.toMatchObject(ahead);
  write('0002-animals.sql', 'CREATE TABLE animals (name text);');
  await expect(pending()).rejects.toMatchObject(ahead);
});

test('numbers that repeat or leave a gap are refused before anything is applied', async () => {
  write('0004-late.sql', 'SELECT 1');
  await expect(migrate(database.url, {folder})).rejects.toThrow('0004-late.sql should be number 3');
  rmSync(join(folder, '0004-late.sql'));
  write('0002-again.sql', 'SELECT 1');
  await expect(migrate(database.url, {folder})).rejects.toThrow('0002-people.sql should be number 3');
});

test('an address that does not work is one clear failure', async () => {
  const unreachable = {name: 'InputFailure', code: 'DATABASE_UNREACHABLE'};
  await expect(migrate('postgres://u:p@127.0.0.1:1/x', {folder})).rejects.toMatchObject(unreachable);
  await expect(migrate('http://example.com', {folder})).rejects.toMatchObject({code: 'DATABASE_URL_INVALID'});
});

test('the migrations of this checkout apply to an empty database, and none is pending then', async () => {
  expect((await migrate(database.url)).length).toBeGreaterThan(0);
  expect(await pendingMigrations(database.db)).toEqual([]);
});
