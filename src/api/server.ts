// The HTTP side of the daemon: one Fastify instance, one plugin per noun, every error a problem document.

import helmet from '@fastify/helmet';
import underPressure from '@fastify/under-pressure';
import Fastify, {type FastifyBaseLogger, type FastifyInstance, LogController} from 'fastify';
import {guardAccess} from './access/guard.ts';
import {sessionShapes, sessions} from './access/session.ts';
import {addresses, addressShapes} from './addresses.ts';
import {answerClientError} from './client-error.ts';
import {endInOrder} from './closing.ts';
import {demand, demandShapes} from './demand.ts';
import {dispatch, dispatchShapes} from './dispatch.ts';
import {dossierShapes} from './dossier-shapes.ts';
import {dossiers} from './dossiers.ts';
import {driverActions, shiftShapes} from './driver-actions.ts';
import {driverShapes, drivers} from './drivers.ts';
import {eligibility, eligibilityShapes} from './eligibility.ts';
import {etaShapes} from './eta-shapes.ts';
import {etas} from './etas.ts';
import {eventShapes, events} from './events.ts';
import {explaining} from './explain.ts';
import {explanationShapes} from './explanation.ts';
import {refuse} from './failures.ts';
import {health} from './health.ts';
import {guardHosts} from './hosts.ts';
import {honourKeys} from './idempotency.ts';
import {isochroneShapes, isochrones, roadsIn} from './isochrones.ts';
import {readJsonBodies} from './json-body.ts';
import {
  BESIDE_TICKS,
  BODY_LIMIT_BYTES,
  EVENT_LOOP_DELAY_LIMIT_MS,
  HANDLER_TIMEOUT_MS,
  HEADER_LIMIT_BYTES,
  HEADERS_TIMEOUT_MS,
  HSTS_S,
  ISOCHRONES_AT_ONCE,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
  RETRY_AFTER_S,
  STATEMENTS_WAITING_LIMIT,
} from './limits.ts';
import {map, mapShapes} from './map.ts';
import {offerShapes, offers} from './offers.ts';
import {documentRoutes} from './openapi.ts';
import {osrm} from './osrm/plugin.ts';
import {type Refusal, refusal} from './osrm/refusal.ts';
import type {WithRoads} from './osrm/roads.ts';
import {page} from './page.ts';
import {positionShapes, positions} from './positions.ts';
import {answerError, problem} from './problems.ts';
import {providerEvents} from './provider-events.ts';
import {ownRegion} from './region.ts';
import {regionShapes, regions} from './regions.ts';
import {ruleShapes} from './rule-shapes.ts';
import {rules} from './rules.ts';
import {speeds, speedsShapes} from './speeds.ts';
import {status, statusShapes} from './status.ts';
import {storeShapes, stores} from './stores.ts';
import {taskActions} from './task-actions.ts';
import {taskShapes} from './task-shapes.ts';
import {tasks} from './tasks.ts';
import {tiles} from './tiles.ts';
import {traceShapes} from './trace-shapes.ts';
import {traces} from './traces.ts';
import {validatorCompiler} from './validation.ts';
import {wayShapes, ways} from './ways.ts';
import {webhookEndpointShapes, webhookEndpoints} from './webhook-endpoints.ts';
import {whatIfShapes} from './what-if.ts';
import type {World} from './world.ts';

/** Nothing from outside, nothing inline, no frame around us. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  workerSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

export type ServerOptions = {
  /**
   * While the event loop is later than this on average over a second, requests are shed (503); 0 never sheds.
   */
  readonly delayLimitMs?: number;
  /** Host header values accepted, exactly, besides loopback names and the address of the connection with the port. */
  readonly allowedHosts?: readonly string[];
  /** PEM texts; without them HTTP is plain. */
  readonly tls?: {readonly cert: string; readonly key: string} | undefined;
  /** Proxies in front, each of which adds to X-Forwarded-For; 0: such headers are not believed. */
  readonly trustedHops?: number;
};

/** Not yet listening. Closing it lets requests in flight end; what arrives meanwhile is told so (503). */
export function buildServer(world: World, options: ServerOptions = {}): FastifyInstance {
  const {delayLimitMs = EVENT_LOOP_DELAY_LIMIT_MS, allowedHosts = [], tls, trustedHops = 0} = options;
  const http = {
    // Without it a keep-alive answer waits 40 ms for a delayed acknowledgement.
    noDelay: true,
    maxHeaderSize: HEADER_LIMIT_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
  };
  const app = Fastify({
    // The types would make another kind of server of it.
    ...((tls ? {https: {...http, ...tls, handshakeTimeout: HEADERS_TIMEOUT_MS}} : {http}) as {http: typeof http}),
    trustProxy: trustedHops === 0 ? false : (_address: string, hop: number) => hop < trustedHops,
    loggerInstance: world.log as FastifyBaseLogger,
    // Requests are counted and timed, not logged; defects are logged where they are answered.
    logController: new LogController({disableRequestLogging: true}),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    return503OnClosing: false,
    // The coordinates of an OSRM query are one parameter of its path.
    routerOptions: {maxParamLength: HEADER_LIMIT_BYTES},
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      void reply.send(refuse(reply, {kind: 'malformed', detail: error.message}) as never);
      request.log.debug({err: error}, 'unreadable request');
    },
  });

  app.setValidatorCompiler(validatorCompiler);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    const {method, url} = request;
    void reply.send(refuse(reply, {kind: 'no-route', method, path: url.split('?', 1)[0]!}));
  });
  for (const shape of [problem.shape, ...SHAPES]) app.addSchema(shape);

  timeRequests(app, world);
  endInOrder(app, {isTls: tls !== undefined});
  guardHosts(app, allowedHosts);
  shedBeforeTicksWait(app, world);
  const rates = guardAccess(app, world);
  readJsonBodies(app);
  app.register(helmet, {
    contentSecurityPolicy: {useDefaults: false, directives: CONTENT_SECURITY_POLICY},
    // A proxy that ends TLS sets its own.
    strictTransportSecurity: tls ? {maxAge: HSTS_S, includeSubDomains: false} : false,
  });
  app.register(underPressure, {maxEventLoopDelay: delayLimitMs, retryAfter: RETRY_AFTER_S});
  documentRoutes(app, world.codeVersion);
  honourKeys(app, world);
  for (const noun of NOUNS) app.register(noun(world));
  app.register(sessions(world, rates));
  app.register(isochrones((regionId) => roadsIn(world, regionId), ISOCHRONES_AT_ONCE));
  app.register(ways((regionId) => roadsIn(world, regionId)));
  app.register(tiles((regionId) => roadsIn(world, regionId)));
  app.register(osrm((region) => routingOf(world, region), BESIDE_TICKS));
  app.register(page);
  return app;
}

const NOUNS = [
  tasks,
  taskActions,
  dossiers,
  traces,
  offers,
  drivers,
  driverActions,
  positions,
  stores,
  addresses,
  eligibility,
  rules,
  events,
  webhookEndpoints,
  providerEvents,
  dispatch,
  explaining,
  speeds,
  regions,
  map,
  demand,
  etas,
  status,
  health,
];

const SHAPES = [
  ...taskShapes,
  ...dossierShapes,
  ...traceShapes,
  ...offerShapes,
  ...driverShapes,
  ...shiftShapes,
  ...positionShapes,
  ...addressShapes,
  ...storeShapes,
  ...eligibilityShapes,
  ...ruleShapes,
  ...eventShapes,
  ...webhookEndpointShapes,
  ...dispatchShapes,
  ...explanationShapes,
  ...whatIfShapes,
  ...speedsShapes,
  ...regionShapes,
  ...mapShapes,
  ...wayShapes,
  ...demandShapes,
  ...etaShapes,
  ...isochroneShapes,
  ...statusShapes,
  ...sessionShapes,
];

/** The roads of the region that an OSRM query names, or of the only one. */
function routingOf(world: World, asked: string | undefined): WithRoads | Refusal {
  const region = ownRegion(world, asked);
  switch (region.kind) {
    case 'region':
      return world.routing(region.id) ?? refusal('Unavailable', `The road graph of region ${region.id} is loading`);
    case 'region-required':
      return refusal('InvalidOptions', `Name one of the regions with region=: ${region.regions.join(', ')}`);
    case 'region-unknown':
      return refusal('InvalidValue', `There is no region ${region.regionId} here`);
    default:
      return region satisfies never;
  }
}

/** The route's pattern is the label, never the path: the number of series is that of the routes. */
function timeRequests(app: FastifyInstance, {metrics}: World): void {
  app.addHook('onResponse', async ({method, routeOptions}, reply) => {
    const labels = {method, route: routeOptions.url ?? 'none', status: reply.statusCode};
    metrics.http.observe(labels, reply.elapsedTime / 1_000);
  });
}

/** Where the database is what cannot keep up, the event loop is idle and tells nothing. */
function shedBeforeTicksWait(app: FastifyInstance, {db}: World): void {
  app.addHook('onRequest', async (request, reply) => {
    const isShed = request.routeOptions.config.pressureHandler === undefined && db.waiting() > STATEMENTS_WAITING_LIMIT;
    if (isShed) return reply.send(refuse(reply, {kind: 'overloaded'}));
  });
}
