// The operations of the OpenAPI document, as the tests walk them: a route that is added is walked as well.

import type {FastifyInstance} from 'fastify';
import type {Schema} from './arbitrary.ts';

type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
};

type Described = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {readonly content: Readonly<Record<string, {readonly schema: Schema}>>};
  readonly responses: Readonly<Record<string, unknown>>;
};

export type Operation = {
  /** As `GET /v1/tasks`. */
  readonly name: string;
  readonly path: string;
  readonly verb: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  readonly operationId: string;
  readonly isOsrm: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly statuses: readonly number[];
};

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {readonly schemas: Readonly<Record<string, Schema>>};
  readonly 'x-problems': readonly {readonly status: number; readonly code: string}[];
};

/** All operations; and the problems that the document lists, as `409 BUSY`. */
export async function describe(
  app: FastifyInstance,
): Promise<{readonly operations: readonly Operation[]; readonly problems: ReadonlySet<string>}> {
  const document: Document = (await app.inject('/docs/json')).json();
  const shapes = document.components.schemas;
  /** References replaced by what they name. */
  const whole = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value), (_, inner) =>
      typeof inner?.$ref === 'string' ? whole(shapes[inner.$ref.split('/').at(-1)]) : inner,
    );
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, {operationId, tags, parameters = [], requestBody, responses}]): Operation => {
      const verb = method.toUpperCase() as Operation['verb'];
      const schema = requestBody?.content['application/json']?.schema;
      return {
        name: `${verb} ${path}`,
        path,
        verb,
        operationId,
        isOsrm: tags.includes('osrm'),
        parameters: whole(parameters),
        body: schema && whole(schema),
        statuses: Object.keys(responses).map(Number),
      };
    }),
  );
  return {operations, problems: new Set(document['x-problems'].map(({status, code}) => `${status} ${code}`))};
}

/** The path with its parameters filled in; half a surrogate pair has no place in a URL. */
export const filledIn = (path: string, parameters: Readonly<Record<string, string | undefined>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((parameters[name] ?? '').toWellFormed()));
