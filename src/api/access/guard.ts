// Who may call which route. Every route says so in its `config`; one that does not keeps the server from starting, so
// that nothing is open by omission. A request is looked at in this order: who asks, how often, with what right, and
// last, once its body is read, whether a driver keeps to what is the driver's own.

import cookie from '@fastify/cookie';
import type {FastifyInstance, FastifyRequest, RouteOptions} from 'fastify';
import {driversOf, type Presented, readSecret} from '../../domain/access.ts';
import {type Failure, refuse} from '../failures.ts';
import {problems} from '../problems.ts';
import type {World} from '../world.ts';
import {ANYBODY, type Caller, kindOf, LOOPBACK} from './caller.ts';
import {csrfHolds, sessionIn} from './cookies.ts';
import {notOwn} from './own.ts';
import {countRates, isRead, type Rates} from './rates.ts';
import type {Known} from './tokens.ts';

/** The counts of callers, for the route where tokens are exchanged. */
export function guardAccess(app: FastifyInstance, world: World): Rates {
  const {tokens} = world;
  app.decorateRequest('caller');
  app.addHook('onRoute', declare);
  app.register(cookie);
  const rates = countRates(app);

  async function identify(request: FastifyRequest): Promise<Caller | Failure> {
    const {scopes = 'open'} = request.routeOptions.config;
    if (scopes === 'open') return ANYBODY;
    if (!(await tokens.wanted())) return LOOPBACK;
    const presented = presentedBy(request);
    if (presented === 'nothing') return {kind: 'token-required'};
    if (presented === 'unreadable') return (await rates.tooManyFailures(request)) ?? refused(request);
    const known = tokens.held(presented) ?? (await lookUp(request, presented));
    if ('kind' in known) return known;
    if (presented.kind === 'session' && !isRead(request) && !csrfHolds(request)) return {kind: 'csrf-required'};
    return granted(known, scopes, presented);
  }

  /** Whoever has been wrong too often does not get as far as the database. */
  async function lookUp(request: FastifyRequest, presented: Presented): Promise<Known | Failure> {
    return (await rates.tooManyFailures(request)) ?? (await tokens.find(presented)) ?? refused(request);
  }

  async function refused(request: FastifyRequest): Promise<Failure> {
    await rates.countFailure(request);
    return {kind: 'token-refused'};
  }

  app.addHook('onRequest', async (request, reply) => {
    const caller = await identify(request);
    if (isFailure(caller)) return reply.send(refuse(reply, caller));
    request.caller = caller;
    const isCounted = !request.routeOptions.config.isUncounted && (await tokens.wanted());
    const tooMany = isCounted ? await rates.count(request) : undefined;
    if (tooMany) return reply.send(refuse(reply, tooMany));
  });

  app.addHook('preHandler', async (request, reply) => {
    const failure = await notOwn(world, request);
    if (failure) return reply.send(refuse(reply, failure));
  });
  return rates;
}

const isFailure = (found: Caller | Failure): found is Failure => !CALLERS.has(found.kind);
const CALLERS: ReadonlySet<string> = new Set<Caller['kind']>(['loopback', 'anybody', 'token']);

/** The Authorization header goes before the cookie. */
function presentedBy(request: FastifyRequest): Presented | 'nothing' | 'unreadable' {
  const {authorization} = request.headers;
  if (authorization !== undefined) {
    const [, text = ''] = /^bearer +(\S+)$/i.exec(authorization.trim()) ?? [];
    const read = readSecret(text);
    return read?.kind === 'token' ? read : 'unreadable';
  }
  const text = sessionIn(request);
  if (text === undefined) return 'nothing';
  const read = readSecret(text);
  return read?.kind === 'session' ? read : 'unreadable';
}

/** The caller where one of the scopes does for the route; a driver's counts only where no other does. */
function granted({id, name, scopes}: Known, wanted: readonly string[], presented: Presented): Caller | Failure {
  const fitting = scopes.filter((scope) => wanted.includes(kindOf(scope)));
  if (fitting.length === 0) return {kind: 'scope-missing', scopes: wanted};
  const drivers = driversOf(fitting);
  const onlyDrivers = drivers.length === fitting.length ? drivers : undefined;
  return {kind: 'token', id, name, scopes, presented, onlyDrivers};
}

/** Refuses a route that says nothing, and writes into the OpenAPI document what it says. */
function declare({method, url, config, schema}: RouteOptions): void {
  const {scopes, own} = config ?? {};
  const complaint = complaintOf(scopes, own);
  if (complaint) throw new Error(`${method} ${url}: ${complaint}`);
  if (!schema || scopes === 'open' || scopes === undefined) return;
  schema.security = [{token: [...scopes]}, {session: [...scopes]}];
  schema.response = {...problems(401, 429), ...(schema.response as object)};
}

function complaintOf(scopes: readonly string[] | 'open' | undefined, own: string | undefined): string | undefined {
  if (scopes === undefined) return 'its config must name the scopes that may call it';
  if (scopes !== 'open' && !scopes.includes('ops')) return 'the scope ops may call everything';
  if ((scopes !== 'open' && scopes.includes('driver')) !== (own !== undefined)) return 'own goes with the scope driver';
  return undefined;
}
