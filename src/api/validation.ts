// Checks requests against their schemas, strictly: a body is taken as it is (no "5" for 5, no unknown field); path and
// query, which are text by nature, are converted. What is wrong is told as {field, message}, one a line.

import {TypeBoxValidatorCompiler} from '@fastify/type-provider-typebox';
import type {FastifyError, FastifyRequest, FastifySchemaCompiler} from 'fastify';
import type {TSchema} from 'typebox';
import type {FieldError} from './failures.ts';

/** As TypeBox states it; JSON pointers into the value and into the schema. */
type SchemaError = {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: {readonly requiredProperties?: string[]; readonly additionalProperties?: string[]};
  readonly message: string;
};

/** How a number is written in a path or a query, by the type that is wanted. */
const NUMBERS: Readonly<Record<string, RegExp>> = {
  number: /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i,
  integer: /^-?\d+$/,
};

/** TypeBox would take '', 'true' and '0x1' for numbers, and 1.5 for an integer: what is no number goes to it as NaN. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = (route) => {
  const validate = TypeBoxValidatorCompiler(route);
  if (route.httpPart === 'body') return validate;
  const {properties = {}} = route.schema as {properties?: Readonly<Record<string, {type?: string}>>};
  return (given) => {
    const read = {...given};
    for (const [name, text] of Object.entries(read)) {
      const written = NUMBERS[properties[name]?.type ?? ''];
      if (written && typeof text === 'string' && !written.test(text)) read[name] = Number.NaN;
    }
    return validate(read);
  };
};

/** At most this many are told; the rest is likely the same mistake again. */
const ERRORS_TOLD = 8;

/** What is wrong with `request`, from the error that its validation ended with. */
export function fieldErrors(error: FastifyError, request: FastifyRequest): FieldError[] {
  const part = error.validationContext ?? 'body';
  const schemas = request.routeOptions.schema as Readonly<Record<string, unknown>> | undefined;
  const schema = schemas?.[part];
  const errors = (error.validation ?? []) as unknown as SchemaError[];
  // A field may break several keywords, or every branch of a union; the first is the one meant.
  const told = new Map<string, string>();
  for (const [path, message] of pertinent(errors).flatMap((e) => sentences(e, schema))) {
    if (!told.has(path)) told.set(path, message);
  }
  return [...told].slice(0, ERRORS_TOLD).map(([path, message]) => ({field: fieldName(part, path), message}));
}

/** Of a union that did not fit, the branches of another type say nothing; neither does "matches no branch". */
function pertinent(errors: SchemaError[]): SchemaError[] {
  const inner = errors.filter(
    ({keyword, instancePath}) => keyword !== 'anyOf' && keyword !== 'boolean' && !(keyword === 'type' && !instancePath),
  );
  return inner.length > 0 ? inner : errors;
}

function sentences(
  {keyword, schemaPath, instancePath, params, message}: SchemaError,
  schema: unknown,
): [string, string][] {
  switch (keyword) {
    case 'required':
      return (params.requiredProperties ?? []).map((name) => [`${instancePath}/${name}`, 'is required']);
    case 'additionalProperties':
      return (params.additionalProperties ?? []).map((name) => [`${instancePath}/${name}`, 'is not a known field']);
    default: {
      const title = titleAt(schema, schemaPath);
      return [[instancePath, title === undefined ? message : `must be ${title}`]];
    }
  }
}

/** The title of the schema at a pointer such as `#/properties/readyAt`, if it has one. */
function titleAt(schema: unknown, pointer: string): string | undefined {
  let at = schema as Record<string, unknown> | undefined;
  for (const key of pointer.split('/').slice(1)) at = at?.[plain(key)] as Record<string, unknown> | undefined;
  return typeof at?.title === 'string' ? at.title : undefined;
}

/** `/drop/lon` of a body reads `drop.lon`; `/limit` of a query `query.limit`. */
function fieldName(part: string, path: string): string {
  const inside = path.split('/').slice(1).map(plain).join('.');
  const prefix = part === 'body' ? '' : `${part === 'querystring' ? 'query' : part}.`;
  return inside === '' ? part : prefix + inside;
}

const plain = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');
