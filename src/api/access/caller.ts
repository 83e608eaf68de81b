// Who asks, and what a route asks of them.

import type {FastifyRequest} from 'fastify';
import type {Presented, Scope} from '../../domain/access.ts';

/** A kind of scope, as routes name them. */
export type RouteScope = 'ops' | 'services' | 'driver' | 'read' | 'metrics';

/**
 * How a route is a driver's own. 'driver': the id in its path is the driver's. 'named': the query or the body names the
 * driver. 'held-task': its path names a task that is offered to the driver or the driver's. 'asked-task': the same, or
 * one that was once, and the body names the driver. 'offer': its path names an offer to the driver, be it closed.
 */
export type Own = 'driver' | 'named' | 'held-task' | 'asked-task' | 'offer';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; 'open' is anybody. Every route must say so. */
    scopes?: readonly RouteScope[] | 'open';
    /** Goes with the scope 'driver'. */
    own?: Own;
    /** Batches of positions are counted apart from other writes. */
    isBatch?: boolean;
    /** Of @fastify/under-pressure: a route that has one is not shed. */
    pressureHandler?: () => void;
    /** However often it is asked, it is answered. */
    isUncounted?: boolean;
  }
  interface FastifyRequest {
    caller: Caller;
  }
}

export type Caller =
  /** No tokens exist and nothing but this machine reaches the server. */
  | {readonly kind: 'loopback'; readonly id: 'loopback'}
  /** Anybody, on a route that is open to anybody. */
  | {readonly kind: 'anybody'; readonly id: 'anybody'}
  | {
      readonly kind: 'token';
      /** Of the token: stays the same when it is rotated. */
      readonly id: string;
      readonly name: string;
      readonly scopes: readonly Scope[];
      /** The token's secret, or that of the session for which it was exchanged. */
      readonly presented: Presented;
      /** Holds on this route by nothing but being these drivers, who may touch only what is their own. */
      readonly onlyDrivers: readonly string[] | undefined;
    };

export const LOOPBACK: Caller = {kind: 'loopback', id: 'loopback'};
export const ANYBODY: Caller = {kind: 'anybody', id: 'anybody'};

/** What keys of idempotency belong to, and what the dossier names beside the actor: a token's id, or 'loopback'. */
export const callerOf = (request: FastifyRequest): string => request.caller.id;

/** Whether the caller holds one of the scopes, by whichever route it came. */
export const holds = (caller: Caller, wanted: readonly RouteScope[]): boolean =>
  caller.kind === 'loopback' ||
  (caller.kind === 'token' && caller.scopes.some((scope) => wanted.includes(kindOf(scope))));

/** What a route asks, of a kind; a driver's scope names its driver. */
export const kindOf = (scope: Scope): RouteScope => (scope.startsWith('driver:') ? 'driver' : (scope as RouteScope));
