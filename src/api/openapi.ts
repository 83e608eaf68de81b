// The OpenAPI 3.1 document, made from the schemas that the routes are checked against.

import swagger from '@fastify/swagger';
import type {FastifyInstance} from 'fastify';
import {Type} from 'typebox';
import {PROBLEMS} from './failures.ts';

const DESCRIPTION =
  `Which driver is offered which delivery, decided every second. Times are ISO 8601, answered in UTC and
counted in dispatch time; coordinates are WGS84 degrees. A region that is not named is the daemon's only one. Errors are
RFC 9457 problem documents with stable codes.`.replaceAll('\n', ' ');

/** To be called before any route is added: the document lists what is registered after it. */
export function documentRoutes(app: FastifyInstance, codeVersion: string): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'CloudRun Dispatch',
        version: codeVersion,
        description: DESCRIPTION,
        license: {name: 'MIT', identifier: 'MIT'},
      },
      tags: [
        {name: 'tasks', description: 'Deliveries and their states.'},
        {name: 'drivers', description: 'Couriers, where they are and what documents they hold.'},
        {name: 'stores', description: 'Where goods are picked up and returned.'},
        {name: 'dispatch', description: 'The dispatcher itself: ticks, sweeps, pausing.'},
        {name: 'graph', description: 'Live speeds of the road graphs.'},
        {name: 'map', description: 'What the status page draws.'},
        {name: 'osrm', description: 'Routes, tables and places on roads, as OSRM answers them.'},
        {name: 'health', description: 'For probes and Prometheus.'},
      ],
    },
    // Named shapes keep their names.
    refResolver: {buildLocalReference: (json) => String(json.$id)},
    transformObject: (document) => ('openapiObject' in document ? completed(document.openapiObject) : {}),
  });

  app.register(async (scope) => {
    scope.get('/docs/json', {schema: {hide: true, response: {200: Type.Any()}}}, async () => scope.swagger());
  });
}

/** Adds the problem codes. A body that needs no field may be left out; the generator calls every body required. */
function completed<D extends {paths?: object}>(document: D) {
  for (const operations of Object.values(document.paths ?? {})) {
    for (const {requestBody} of Object.values(operations as Record<string, {requestBody?: RequestBody}>)) {
      const schema = requestBody?.content['application/json']?.schema;
      if (requestBody && schema?.type === 'object' && !schema.required?.length) requestBody.required = false;
    }
  }
  return {...document, 'x-problems': Object.values(PROBLEMS).map(([status, code, title]) => ({status, code, title}))};
}

type RequestBody = {required?: boolean; content: Record<string, {schema?: {type?: string; required?: string[]}}>};
