// The OpenAPI 3.1 document, made from the schemas that the routes are checked against.

import swagger from '@fastify/swagger';
import type {FastifyInstance} from 'fastify';
import {Type} from 'typebox';
import {PROBLEMS, RULE_STATUSES} from './failures.ts';
import {isWrite} from './idempotency.ts';
import {problems} from './problems.ts';
import {RULE_CODES, type RuleKind} from './rule-codes.ts';

const DESCRIPTION =
  `Which driver is offered which delivery, decided every second. Times are ISO 8601, answered in UTC and
counted in dispatch time; coordinates are WGS84 degrees. A region that is not named is the daemon's only one. Errors are
RFC 9457 problem documents with stable codes.`.replaceAll('\n', ' ');

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Responses by status that only the document needs: see `keepProblemsApart`. */
    problems?: Readonly<Record<string, unknown>>;
  }
}

const SESSION =
  'Of a page that signed in; over plain HTTP the cookie is cloudrun_session. Writes also carry x-csrf-token.';

/** To be called before any route is added: the document lists what is registered after it. */
export function documentRoutes(app: FastifyInstance, codeVersion: string): void {
  keepProblemsApart(app);
  app.register(swagger, {
    transform: ({schema, url, route}) => {
      const response = {...(schema?.response as object), ...route.config?.problems};
      return {schema: {...schema, response}, url};
    },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'CloudRun Dispatch',
        version: codeVersion,
        description: DESCRIPTION,
        license: {name: 'MIT', identifier: 'MIT'},
      },
      components: {
        securitySchemes: {
          token: {type: 'http', scheme: 'bearer', description: 'A token; the scopes named by an operation would do.'},
          session: {type: 'apiKey', in: 'cookie', name: '__Host-cloudrun_session', description: SESSION},
        },
      },
      tags: [
        {name: 'tasks', description: 'Deliveries and their states.'},
        {name: 'offers', description: 'Tasks held out to drivers, each until an instant.'},
        {name: 'addresses', description: "Customers' addresses: personal data, named elsewhere by id alone."},
        {name: 'drivers', description: 'Couriers, where they are and what documents they hold.'},
        {name: 'stores', description: 'Where goods are picked up and returned.'},
        {name: 'compliance', description: 'Rules that offers keep, and switches that stop them.'},
        {name: 'events', description: 'What happens to tasks: streams, pages, webhooks.'},
        {name: 'providers', description: 'What providers of checks report.'},
        {name: 'dispatch', description: 'The dispatcher itself: ticks, sweeps, pausing.'},
        {name: 'graph', description: 'Live speeds of the road graphs.'},
        {name: 'map', description: 'What the live map draws.'},
        {name: 'osrm', description: 'Routes, tables and places on roads, as OSRM answers them.'},
        {name: 'session', description: 'For pages: a token becomes a cookie.'},
        {name: 'health', description: 'For probes and Prometheus.'},
      ],
    },
    // Named shapes keep their names.
    refResolver: {buildLocalReference: (json) => String(json.$id)},
    transformObject: (document) => ('openapiObject' in document ? completed(document.openapiObject) : {}),
  });

  app.register(async (scope) => {
    scope.get('/docs/json', {config: {scopes: 'open'}, schema: {hide: true, response: {200: Type.Any()}}}, async () =>
      scope.swagger(),
    );
  });
}

/**
 * Problem documents are made by one function, and written as any JSON. Left with the route, their shape would be
 * compiled for each status of each route: half of the time that a server takes to start. Those of all writes are added.
 */
function keepProblemsApart(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const responses = Object.entries((route.schema?.response ?? {}) as Record<string, {content?: object}>);
    const isProblem = ([, {content}]: (typeof responses)[number]) => Object.hasOwn(content ?? {}, PROBLEM_TYPE);
    if (!responses.some(isProblem)) return;
    const ofWrites = route.config?.keyless ? problems(413, 415) : problems(409, 413, 415, 422);
    const own = Object.fromEntries(responses.filter(isProblem));
    route.config = {...route.config, problems: {...(isWrite(route) && ofWrites), ...own}};
    const response = Object.fromEntries(responses.filter((each) => !isProblem(each)));
    route.schema = {...route.schema, response};
  });
}

const PROBLEM_TYPE = 'application/problem+json';

/** Adds the problem codes. A body that needs no field may be left out; the generator calls every body required. */
function completed<D extends {paths?: object}>(document: D) {
  for (const operations of Object.values(document.paths ?? {})) {
    for (const {requestBody} of Object.values(operations as Record<string, {requestBody?: RequestBody}>)) {
      const schema = requestBody?.content['application/json']?.schema;
      if (requestBody && schema?.type === 'object' && !schema.required?.length) requestBody.required = false;
    }
  }
  return {...document, 'x-problems': listedProblems()};
}

type RequestBody = {required?: boolean; content: Record<string, {schema?: {type?: string; required?: string[]}}>};

/** Every problem that there is. Some rules can be broken in two ways. */
function listedProblems() {
  const listed = [
    ...Object.values<readonly [number, string, string]>(PROBLEMS),
    ...Object.entries(RULE_CODES).flatMap(([kind, titles]) =>
      Object.entries(titles).map(([code, title]) => [RULE_STATUSES[kind as RuleKind], code, title] as const),
    ),
  ];
  const distinct = new Map(listed.map(([status, code, title]) => [`${status} ${code}`, {status, code, title}]));
  return [...distinct.values()].sort((a, b) => a.status - b.status);
}
