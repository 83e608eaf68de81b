// The vocabulary of the wire. Times are ISO 8601 with an offset on the way in and in UTC on the way out; coordinates
// are WGS84 degrees as numbers, longitude first; durations and money carry their unit in the name, as everywhere.
//
// `title` finishes the sentence "must be …" of a validation error.

import {type Static, type TProperties, type TSchema, Type} from 'typebox';
import {fromE7, toE7} from '../domain/units.ts';
import {PAGE_DEFAULT, PAGE_LIMIT} from './limits.ts';

const closed = {additionalProperties: false};

/** An object with these properties and no others. */
export const record = <P extends TProperties>(properties: P, options = {}) =>
  Type.Object(properties, {...closed, ...options});

export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** A shape with a name in the OpenAPI document: `shape` is registered once, `ref` stands wherever it is answered. */
export const named = <S extends TSchema>(name: string, schema: S) => {
  const shape = Object.assign(schema, {$id: name});
  return {shape, ref: Type.Unsafe<Static<S>>({$ref: `${name}#`})};
};

const uuidPattern = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
export const uuid = Type.String({
  format: 'uuid',
  pattern: uuidPattern,
  maxLength: 36,
  title: 'a UUID',
  examples: ['019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10'],
});

export const regionId = Type.String({
  pattern: '^[a-z0-9-]{1,40}$',
  maxLength: 40,
  title: 'a region id: up to 40 lower-case letters, digits and hyphens',
  examples: ['gothenburg'],
});

/** Times that PostgreSQL, JavaScript and people agree on. */
export const instant = Type.String({
  format: 'date-time',
  pattern: '^20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$',
  maxLength: 35,
  title: 'an ISO 8601 time of this century with its offset, such as 2026-11-22T21:30:00Z',
  examples: ['2026-11-22T21:30:00.000Z'],
});

/** Text for people: no control characters, on which PostgreSQL or a log would choke, no halves of surrogate pairs. */
export const text = (
  maxLength: number,
  title = `text of at most ${maxLength} characters, none of them a control character`,
) => Type.String({minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$', title});

export const lon = Type.Number({minimum: -180, maximum: 180});
export const lat = Type.Number({minimum: -90, maximum: 90});
export const lonLat = record({lon, lat}, {description: 'WGS84 degrees.'});

export const cents = Type.Integer({minimum: 0, maximum: 100_000_000});

/** HMAC-SHA256 of an identity, under a key that the project never sees. */
export const hmac = Type.String({
  pattern: '^[0-9a-f]{64}$',
  maxLength: 64,
  title: '64 lower-case hexadecimal digits',
});

/** An id of somebody else's making: no spaces, so that no name gets in by habit. */
export const foreignId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
  maxLength: 100,
  title: 'an id of up to 100 letters, digits and . _ : -',
  examples: ['store-17:clerk-4'],
});

export const isoDate = Type.String({
  format: 'date',
  pattern: '^(19|20)\\d\\d-\\d\\d-\\d\\d$',
  maxLength: 10,
  title: 'a date such as 1998-04-30',
});

export const byId = record({id: uuid});
export const inRegion = record({regionId: Type.Optional(regionId)});

/** Pages run by id, ascending: `cursor` is the last id seen. */
export const page = {
  regionId: Type.Optional(regionId),
  cursor: Type.Optional(uuid),
  limit: Type.Optional(Type.Integer({minimum: 1, maximum: PAGE_LIMIT, default: PAGE_DEFAULT})),
};

export const nextCursor = Type.Union([uuid, Type.Null()], {
  description: 'Give it as cursor for the next page; null at the end.',
});

/** Reads one row more than the page holds, so that the last page says that it is the last. */
export async function pageOf<Row extends {readonly id: string}>(
  query: {cursor?: string; limit?: number},
  read: (slice: {afterId?: string; limit: number}) => Promise<readonly Row[]>,
): Promise<{rows: readonly Row[]; nextCursor: string | null}> {
  const {cursor, limit = PAGE_DEFAULT} = query;
  const rows = await read({...(cursor === undefined ? {} : {afterId: cursor}), limit: limit + 1});
  const kept = rows.slice(0, limit);
  return {rows: kept, nextCursor: rows.length > limit ? kept[limit - 1]!.id : null};
}

/** Epoch milliseconds of a string that fits `instant`, whose shape and ranges make every such string a time. */
export const toMs = (iso: string): number => Date.parse(iso);

export const toIso = (ms: number): string => new Date(ms).toISOString();
export const toIsoOrNull = (ms: number | null): string | null => (ms === null ? null : toIso(ms));

export const toLonLat = (lonE7: number, latE7: number): Static<typeof lonLat> => ({
  lon: fromE7(lonE7),
  lat: fromE7(latE7),
});
export const toE7s = (at: Static<typeof lonLat>): {lonE7: number; latE7: number} => ({
  lonE7: toE7(at.lon),
  latE7: toE7(at.lat),
});

/** One object, or an array of 1 to `most`. */
export const oneOrMany = <S extends TSchema>(one: S, most: number) =>
  Type.Union([one, Type.Array(one, {minItems: 1, maxItems: most})]);

export const asMany = <T>(body: T | T[]): T[] => (Array.isArray(body) ? body : [body]);

export const upserted = Type.Object({
  upserted: Type.Integer({description: 'How many were given; each now stands so.'}),
});
