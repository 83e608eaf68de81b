// Every fault that the OpenAPI document forbids, at every operation: a request that fits but for one thing.

import fc, {type JsonValue} from 'fast-check';
import type {InjectOptions} from 'fastify';
import {afterAll, expect, test} from 'vitest';
import {openTokens} from '../../src/api/access/tokens.ts';
import type {FieldError} from '../../src/api/failures.ts';
import type {Database} from '../../src/db/connect.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {type Pool, type Schema, valid} from './arbitrary.ts';
import {faultsOf, textFaultsOf} from './faults.ts';
import {describe, filledIn, type Operation} from './operations.ts';
import {databaseGone, fakeServer} from './world.ts';

const POOL: Pool = {fields: {}, nowMs: Date.UTC(2026, 5, 1)};

let statements = 0;
const database: Database = {
  ...databaseGone,
  query: (...given) => {
    statements++;
    return databaseGone.query(...given);
  },
};
// Whether tokens were made is asked now and then, whatever is requested.
const app = fakeServer(database, {tokens: openTokens(databaseGone, systemClock, false)});
afterAll(() => app.close());
const {operations} = await describe(app);

type Parts = {
  readonly path: Values;
  readonly query: Values;
  readonly header: Values;
  readonly body: JsonValue | undefined;
};
type Values = Readonly<Record<string, string>>;

const asText = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));
const fit = (schema: Schema): JsonValue => fc.sample(valid(schema, POOL), 1)[0]!;

/** A request that fits in every part. */
function fitting({parameters, body}: Operation): Parts {
  const of = (where: string) =>
    Object.fromEntries(
      parameters
        .filter((each) => each.in === where && (each.required || where === 'path'))
        .map(({name, schema}) => [name, asText(fit(schema))]),
    );
  return {path: of('path'), query: of('query'), header: of('header'), body: body && fit(body)};
}

function requestOf({verb, path}: Operation, parts: Parts): InjectOptions {
  const hasBody = parts.body !== undefined;
  return {
    method: verb,
    url: filledIn(path, parts.path),
    query: parts.query,
    headers: {...parts.header, accept: 'application/json', ...(hasBody && {'content-type': 'application/json'})},
    ...(hasBody && {payload: JSON.stringify(parts.body)}),
  };
}

/** All requests that have one fault, told as where and what. */
function* faultyRequests(operation: Operation): Generator<[string, InjectOptions]> {
  const parts = fitting(operation);
  const {body, parameters} = operation;
  for (const [what, wrong] of body ? faultsOf(body, parts.body!, fit) : []) {
    yield [`body ${what}`, requestOf(operation, {...parts, body: wrong})];
  }
  for (const {name, in: where, schema} of parameters) {
    for (const [what, wrong] of textFaultsOf(schema)) {
      yield [`${where} ${name}: ${what}`, requestOf(operation, {...parts, [where]: {...parts[where], [name]: wrong}})];
    }
  }
  if (parameters.some((each) => each.in === 'query')) {
    yield ['query unknown added', requestOf(operation, {...parts, query: {...parts.query, unknown: '1'}})];
  }
}

/** Whether the errors name the innermost field that `what` tells of; a whole body has no name. */
function namesField(errors: readonly FieldError[], what: string): boolean {
  const name = [...what.matchAll(/([\w-]+)(?=:| missing| added)/g)].at(-1)?.[1];
  return errors.some(({field}) => name === undefined || field.split('.').includes(name));
}

const checked = operations.filter(({isOsrm}) => !isOsrm);

test('every single fault of every operation is refused as INVALID, and nothing is asked of the database', async () => {
  let faults = 0;
  const missed: string[] = [];
  for (const operation of checked) {
    for (const [what, request] of faultyRequests(operation)) {
      faults++;
      statements = 0;
      const answer = await app.inject(request);
      const {code, errors} = answer.json();
      const isTold = answer.statusCode === 400 && code === 'INVALID' && namesField(errors, what);
      if (!isTold || statements > 0) missed.push(`${operation.name} ${what}: ${answer.body}`);
    }
  }
  expect(missed).toEqual([]);
  console.log(`faults: ${faults} of ${checked.length} operations`);
  // One that finds no faults to make would prove nothing.
  expect(faults).toBeGreaterThan(10 * checked.length);
});
