// A server of routes alone: the OSRM services and isochrones over one graph, for anybody. It holds nothing private and
// changes nothing, so pages of every origin may read it, as they may an OSRM server.

import Fastify, {type FastifyBaseLogger, type FastifyInstance, LogController} from 'fastify';
import type {Logger} from 'pino';
import {closeWith} from './client-error.ts';
import {isochroneShapes, isochrones} from './isochrones.ts';
import {
  ALONE,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
  ROUTE_HEADER_LIMIT_BYTES,
  ROUTE_TIMEOUT_MS,
} from './limits.ts';
import {osrm} from './osrm/plugin.ts';
import {malformedUrl} from './osrm/query.ts';
import {MEDIA_TYPE, type Refusal, refusal, refuse, statusOf, toJson} from './osrm/refusal.ts';
import type {Roads} from './osrm/roads.ts';
import {answerError, problem} from './problems.ts';
import {validatorCompiler} from './validation.ts';

/** Not yet listening. Closing it lets requests in flight end. So many isochrones are searched at a time. */
export function buildRouteServer(roads: Roads, log: Logger, isochronesAtOnce: number): FastifyInstance {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({disableRequestLogging: true}),
    requestTimeout: REQUEST_TIMEOUT_MS,
    handlerTimeout: ROUTE_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: {maxParamLength: ROUTE_HEADER_LIMIT_BYTES},
    http: {noDelay: true, maxHeaderSize: ROUTE_HEADER_LIMIT_BYTES, headersTimeout: HEADERS_TIMEOUT_MS},
    clientErrorHandler(error, socket) {
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
      const isLong = error.code === 'HPE_HEADER_OVERFLOW';
      const told = isLong
        ? refusal('TooBig', `URL and headers are longer than ${ROUTE_HEADER_LIMIT_BYTES} bytes`)
        : refusal('InvalidUrl', 'This is not an HTTP request');
      closeWith(socket, statusOf(told.code), MEDIA_TYPE, toJson(told));
    },
    frameworkErrors(_error, request, reply) {
      const told = malformedUrl(request.originalUrl, Math.max(0, request.originalUrl.indexOf('%')));
      reply.header(...ANY_ORIGIN);
      void reply.send(refuse(reply, told) as never);
    },
  });
  // The services are documented with it.
  app.addSchema(problem.shape);
  app.addHook('onRequest', async (request, reply) => {
    reply.header(...ANY_ORIGIN);
    if (request.method !== 'OPTIONS') return;
    reply.header('access-control-allow-methods', 'GET, HEAD, OPTIONS');
    reply.header('access-control-allow-headers', 'X-Requested-With, Content-Type');
    return reply.code(204).send();
  });
  app.setNotFoundHandler((request, reply) => {
    const told = refusalOf(request.method, request.originalUrl);
    return reply.send(refuse(reply, told));
  });
  app.register(async (scope) => {
    scope.addSchema(isochroneShapes[0]);
    scope.setValidatorCompiler(validatorCompiler);
    scope.setErrorHandler(answerError);
    scope.register(
      isochrones(
        (regionId) => (regionId === undefined ? (use) => use(roads) : {kind: 'region-unknown', regionId}),
        isochronesAtOnce,
      ),
    );
  });
  app.register(
    osrm(
      (region) => (region === undefined ? (use) => use(roads) : refusal('InvalidOptions', 'There are no regions here')),
      ALONE,
    ),
  );
  return app;
}

const ANY_ORIGIN = ['access-control-allow-origin', '*'] as const;
const SERVICES = ['route', 'table', 'nearest'];

/** Why no service took the request. */
function refusalOf(method: string, url: string): Refusal {
  if (method !== 'GET' && method !== 'HEAD') return refusal('InvalidMethod', 'Method not allowed. Use GET or HEAD.');
  const [, service, version] = /^\/([\w.~:-]+)\/v(\d+)\/[\w.~:-]+\/[^/]/.exec(url) ?? [];
  if (service === undefined) return malformedUrl(url, Math.max(0, url.lastIndexOf('/')));
  if (!SERVICES.includes(service)) return refusal('InvalidService', `Service ${service} not found!`);
  if (version !== '1') return refusal('InvalidVersion', `Service ${service} not found!`);
  return malformedUrl(url, url.lastIndexOf('/'));
}
