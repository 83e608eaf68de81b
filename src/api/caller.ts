// Who asks: what keys of idempotency belong to, and what the dossier names beside the actor.

import type {FastifyRequest} from 'fastify';

/** Without access tokens every request comes from this machine. */
export const callerOf = (_request: FastifyRequest): string => 'loopback';
