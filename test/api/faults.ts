// Every single fault that a schema forbids, made of a value that fits: all of it stays as it is but for one thing.

import type {JsonValue} from 'fast-check';
import type {Schema} from './arbitrary.ts';

/** What is wrong, as a path and a rule; and the whole value. */
type Fault = readonly [what: string, value: JsonValue];
/** A value that fits. */
type Fit = (schema: Schema) => JsonValue;

/** All faults of `schema`, inside included; `fitting` fits it. */
export function faultsOf(schema: Schema, fitting: JsonValue, fit: Fit): Fault[] {
  if (schema.anyOf) return unionFaults(schema.anyOf, fit);
  if (schema.const !== undefined || schema.enum) return listedFaults(schema);
  switch (schema.type) {
    case 'object':
      return objectFaults(schema, fitting as Record<string, JsonValue>, fit);
    case 'array':
      return listFaults(schema, fit);
    case 'integer':
      return [...numberFaults(schema), ['fraction', (schema.minimum ?? 0) + 0.5]];
    case 'number':
      return numberFaults(schema);
    case 'boolean':
      return [
        ['text', 'true'],
        ['number', 1],
        ['null', null],
      ];
    case 'string':
      return textFaults(schema);
    default:
      return [];
  }
}

/** What fits no branch: of branches of different types, a fault of one's own type or of a type that none has. */
function unionFaults(branches: readonly Schema[], fit: Fit): Fault[] {
  const types = branches.map(({type}) => (type === 'integer' ? 'number' : type));
  if (types.includes(undefined) || new Set(types).size < types.length) return [];
  return branches.flatMap((branch, i) =>
    faultsOf(branch, fit(branch), fit).filter(([, value]) => {
      const type = typeOf(value);
      return type === types[i] || !types.includes(type);
    }),
  );
}

const typeOf = (value: JsonValue): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const listedFaults = ({enum: listed = []}: Schema): Fault[] => [
  ['not listed', 'not-listed'],
  ['empty', ''],
  ['object', {}],
  ...listed.filter((one) => typeof one === 'string').map((one): Fault => [`${one} and a blank`, `${one} `]),
];

const numberFaults = ({minimum, maximum}: Schema): Fault[] => [
  ['text', '5'],
  ['null', null],
  ['list', [5]],
  ...(minimum === undefined ? [] : [['below the minimum', minimum - 1] satisfies Fault]),
  ...(maximum === undefined
    ? []
    : ([
        ['above the maximum', maximum + 1],
        ['huge', 1e308],
      ] satisfies Fault[])),
];

const textFaults = ({minLength, maxLength, pattern, format}: Schema): Fault[] => [
  ['number', 5],
  ['null', null],
  ['object', {length: 1}],
  ...(minLength ? [['too short', 'a'.repeat(minLength - 1)] satisfies Fault] : []),
  ...(maxLength === undefined ? [] : [['too long', 'a'.repeat(maxLength + 1)] satisfies Fault]),
  ...(pattern
    ? ([
        ['NUL', '\u0000'],
        ['half a pair', '\ud800'],
      ] satisfies Fault[])
    : []),
  ...(format ? [['another format', 'a'] satisfies Fault] : []),
];

function listFaults({items, minItems, maxItems}: Schema, fit: Fit): Fault[] {
  const faults: Fault[] = [
    ['text', '[]'],
    ['null', null],
  ];
  if (minItems) faults.push(['too few', []]);
  if (items === undefined || Array.isArray(items)) return faults;
  const item = fit(items as Schema);
  if (maxItems !== undefined) faults.push(['too many', Array<JsonValue>(maxItems + 1).fill(item)]);
  const count = Math.max(minItems ?? 0, 1);
  for (const [what, value] of faultsOf(items as Schema, item, fit)) {
    faults.push([`[${count - 1}] ${what}`, [...Array<JsonValue>(count - 1).fill(item), value]]);
  }
  return faults;
}

function objectFaults(schema: Schema, fitting: Record<string, JsonValue>, fit: Fit): Fault[] {
  const {properties = {}, required = [], additionalProperties} = schema;
  const faults: Fault[] = [
    ['text', '{}'],
    ['null', null],
  ];
  for (const name of required) {
    const {[name]: _, ...rest} = fitting;
    faults.push([`${name} missing`, rest]);
  }
  if (additionalProperties === false) {
    for (const name of ['unknown', 'toString']) faults.push([`${name} added`, {...fitting, [name]: 1}]);
  }
  for (const [name, field] of Object.entries(properties)) {
    for (const [what, value] of faultsOf(field, fitting[name] ?? fit(field), fit)) {
      faults.push([`${name}: ${what}`, {...fitting, [name]: value}]);
    }
  }
  return faults;
}

/** Texts that a path, a query or a header may not give for a schema, by what is wrong. */
export function textFaultsOf({type, enum: listed, minimum, maximum, maxLength, pattern}: Schema): [string, string][] {
  if (listed) return [['not listed', 'not-listed']];
  switch (type) {
    case 'integer':
    case 'number':
      return [
        ['word', 'five'],
        ['hexadecimal', '0x5'],
        ['blank', '%20'],
        ['two', '5,5'],
        ...(type === 'integer' ? [['fraction', '5.5'] as [string, string]] : []),
        ...(minimum === undefined ? [] : [['below the minimum', `${minimum - 1}`] as [string, string]]),
        ...(maximum === undefined ? [] : [['above the maximum', `${maximum + 1}`] as [string, string]]),
      ];
    case 'boolean':
      return [['word', 'yes']];
    case 'string':
      return [
        ...(maxLength === undefined ? [] : [['too long', 'a'.repeat(maxLength + 1)] as [string, string]]),
        ...(pattern ? [['a tab', 'a\tb'] as [string, string]] : []),
      ];
    default:
      return [];
  }
}
