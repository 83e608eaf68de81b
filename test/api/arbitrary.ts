// Requests from the OpenAPI document: well-formed ones with ids that exist, and the same with something spoilt.

import fc, {type Arbitrary, type JsonValue} from 'fast-check';

export type Schema = {
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly JsonValue[];
  readonly const?: JsonValue;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema | readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
};

/** Values worth sending: by the name of the field, ids of things that exist and times that agree; and the instant. */
export type Pool = {
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** Fields that are given wherever they may be. */
  readonly always?: readonly string[];
  readonly nowMs: number;
};

const DAY_MS = 86_400_000;

/** Values that fit the schema, mostly about things that exist. */
export function valid(schema: Schema, pool: Pool): Arbitrary<JsonValue> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valid(one, pool)));
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000});
    case 'number':
      return fc.double({min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000, noNaN: true});
    case 'array':
      return validList(schema, pool);
    case 'object':
      return validObject(schema, pool);
    default:
      return validText(schema, pool);
  }
}

function validList({items, minItems = 0, maxItems = 4}: Schema, pool: Pool): Arbitrary<JsonValue> {
  if (Array.isArray(items)) return fc.tuple(...items.map((item: Schema) => valid(item, pool)));
  const maxLength = Math.max(minItems, Math.min(maxItems, 4));
  return fc.array(valid(items as Schema, pool), {minLength: minItems, maxLength});
}

function validObject({properties = {}, required = []}: Schema, pool: Pool): Arbitrary<JsonValue> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, validField(name, field, pool)]),
  );
  const given = (pool.always ?? []).filter((name) => Object.hasOwn(fields, name));
  return fc.record(fields, {requiredKeys: [...new Set([...required, ...given])], noNullPrototype: true});
}

/** What the pool has for the name, most of the time. */
function validField(name: string, schema: Schema, pool: Pool): Arbitrary<JsonValue> {
  const known = pool.fields[name];
  if (!known) return valid(schema, pool);
  return fc.oneof({weight: 6, arbitrary: fc.constantFrom(...known)}, valid(schema, pool));
}

function validText({format, pattern, maxLength = 40}: Schema, pool: Pool): Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date') return fc.constantFrom('1990-05-17', '2000-02-29', '1900-01-01', '2099-12-31');
  if (format === 'date-time') {
    const near = fc.integer({min: pool.nowMs - DAY_MS, max: pool.nowMs + DAY_MS});
    const far = fc.constantFrom(Date.UTC(2000, 0, 1), Date.UTC(2099, 11, 31));
    return fc.oneof({weight: 9, arbitrary: near}, far).map((ms) => new Date(ms).toISOString());
  }
  // Of text for people the class excludes a few characters only.
  if (pattern && !pattern.startsWith('^[^')) return fc.stringMatching(new RegExp(pattern), {size: 'small'});
  return textUpTo(Math.min(maxLength, 60));
}

const texts = new Map<number, Arbitrary<string>>();
/** Making one takes milliseconds, in which it maps every grapheme. */
function textUpTo(maxLength: number): Arbitrary<string> {
  const made = texts.get(maxLength) ?? fc.string({minLength: 1, maxLength, unit: 'grapheme'});
  texts.set(maxLength, made);
  return made;
}

/** Stands for JSON that `JSON.stringify` would not write so. */
const written = (json: string): string => `written:${json}`;
/** As one long line of text: what stands for something is replaced by it. */
function toJson(value: JsonValue): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.replace(/"written:((?:[^"\\]|\\.)*)"/g, (_, json: string) => JSON.parse(`"${json}"`));
}

/** Values that make trouble wherever they stand. */
const JUNK: Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue[]>(
    null,
    true,
    '',
    ' ',
    '0',
    -1,
    0,
    1.5,
    2 ** 31,
    2 ** 53,
    -1e308,
    [],
    [null],
    {},
    {a: {}},
    '\u0000',
    '\ud800',
    'é'.repeat(300),
    '2026-06-01T18:00:60Z',
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-06-01',
    '-infinity',
    'NaN',
    "'; drop table x",
    '00000000-0000-0000-0000-000000000000',
    '__proto__',
    {constructor: 1},
    '{"a":1}',
    '%00',
    '\u202e\ufeff',
    written('-0'),
    written('1e999'),
    written('9007199254740993'),
    written('0.1e-400'),
    written(`${'['.repeat(9_000)}${']'.repeat(9_000)}`),
    written(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`),
    written('{"__proto__":{"a":1}}'),
    written('{"a":1,"a":2}'),
    written('"\\ud800"'),
  ),
  fc.jsonValue(),
  fc.string({unit: 'binary', maxLength: 300}),
);

/** A valid value with one thing changed somewhere: replaced by junk, removed, or a field added. */
const spoilt = (value: Arbitrary<JsonValue>): Arbitrary<JsonValue> =>
  fc.tuple(value, fc.nat(), JUNK, fc.constantFrom('replace', 'remove', 'add')).map(([whole, choice, junk, how]) => {
    const copy = structuredClone(whole);
    const places = [...placesIn(copy)];
    if (places.length === 0) return junk;
    const [holder, key] = places[choice % places.length]!;
    if (how === 'replace') holder[key] = junk;
    else if (how === 'remove') delete holder[key];
    else holder[`${key}x`] = junk;
    return copy;
  });

/** Every place in a value: what holds it, and under which key. */
function* placesIn(value: JsonValue): Generator<[Record<string, JsonValue>, string]> {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, JsonValue>;
  for (const key of Object.keys(holder)) {
    yield [holder, key];
    yield* placesIn(holder[key]!);
  }
}

/** Bodies as bytes: JSON of the values, and what only looks like it. */
export function bodies(schema: Schema, pool: Pool): Arbitrary<string | Buffer> {
  const fitting = valid(schema, pool);
  const broken = fc.constantFrom(
    '',
    '{',
    '[',
    'nul',
    '{"a":1e999}',
    '"',
    '{"__proto__":{}}',
    '[[[[',
    '\ufeff{}',
    '{"a":1,}',
    '['.repeat(60_000),
  );
  return fc.oneof(
    {weight: 6, arbitrary: fitting.map(toJson)},
    {weight: 10, arbitrary: spoilt(fitting).map(toJson)},
    {weight: 2, arbitrary: JUNK.map(toJson)},
    {weight: 1, arbitrary: fc.tuple(fitting.map(toJson), fc.nat(), fc.nat(255)).map(withByte)},
    {weight: 1, arbitrary: fc.tuple(fitting.map(toJson), fc.nat()).map(([text, n]) => text.slice(0, n % text.length))},
    {weight: 1, arbitrary: broken},
    {weight: 1, arbitrary: fc.constant(' '.repeat(70_000))},
  );
}

/** One byte more, anywhere: most such texts are no JSON, and many no UTF-8. */
function withByte([text, place, byte]: [string, number, number]): Buffer {
  const bytes = Buffer.from(text);
  const at = place % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at)]);
}

/** Text for a path, a query or a header: mostly what the schema wants, as text. */
export const parameters = (name: string, schema: Schema, pool: Pool): Arbitrary<string> =>
  fc.oneof({weight: 6, arbitrary: validField(name, schema, pool)}, JUNK).map((value) => {
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
