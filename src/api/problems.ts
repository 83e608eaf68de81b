// The problem document as a schema, the responses that every route declares, and what becomes of a thrown error.

import type {FastifyError, FastifyReply, FastifyRequest} from 'fastify';
import {Type} from 'typebox';
import {failureKind} from '../db/failure-kind.ts';
import {InputFailure} from '../domain/failure.ts';
import {DRIVER_STATUSES, OFFER_STATES, SHIFT_ACTIONS, TASK_ACTIONS, TASK_STATES} from '../domain/state.ts';
import {type Failure, type Problem, refuse} from './failures.ts';
import {SPEEDS_BODY_LIMIT_BYTES} from './limits.ts';
import {ruleFailure} from './rule-codes.ts';
import {fieldErrors} from './validation.ts';
import {named} from './wire.ts';

export const problem = named(
  'Problem',
  Type.Object(
    {
      type: Type.String({description: 'A link that explains the code.'}),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String(),
      code: Type.String({description: 'Stable: script against this.'}),
      errors: Type.Optional(Type.Array(Type.Object({field: Type.String(), message: Type.String()}))),
      state: Type.Optional(
        Type.Enum([...new Set([...TASK_STATES, ...OFFER_STATES, ...DRIVER_STATUSES])], {
          description: 'Where the task, the offer or the driver stands.',
        }),
      ),
      reason: Type.Optional(Type.String()),
      allowedActions: Type.Optional(Type.Array(Type.Enum([...TASK_ACTIONS, ...SHIFT_ACTIONS]))),
      tasks: Type.Optional(
        Type.Array(
          Type.Object({
            id: Type.String(),
            state: Type.Enum([...TASK_STATES]),
            allowedActions: Type.Array(Type.Enum([...TASK_ACTIONS])),
          }),
        ),
      ),
      owner: Type.Optional(Type.String()),
      scopes: Type.Optional(Type.Array(Type.String(), {description: 'Each of these would do.'})),
      regions: Type.Optional(Type.Array(Type.String())),
      graphs: Type.Optional(Type.Array(Type.String())),
    },
    {description: 'RFC 9457 problem details.'},
  ),
);

const problemRef = Type.Unsafe<Problem>(problem.ref);

const MEANINGS = {
  400: 'The request cannot be read, or a field is not valid.',
  401: 'There is no token, it does not hold, or the signature does not.',
  403: 'The Host, the Origin or the scope of the token does not allow it.',
  404: 'There is no such thing.',
  409: 'The state of things does not allow it.',
  410: 'What it asks about is past its keeping.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  421: 'Another daemon owns the region.',
  422: 'The request breaks a rule.',
  429: 'Too many requests.',
  500: 'A defect of ours.',
  503: 'The database is gone, the daemon is loading, stopping or too busy.',
} as const;
export type ProblemStatus = keyof typeof MEANINGS;

/** What any route may answer. */
const ALWAYS = [400, 403, 500, 503] as const;

type ProblemResponse = {description: string; content: {'application/problem+json': {schema: typeof problemRef}}};

/** The problem responses of a route: those of every route, and `more`. */
export function problems(...more: ProblemStatus[]): Record<ProblemStatus, ProblemResponse> {
  const responses = [...ALWAYS, ...more].map((status) => {
    return [status, {description: MEANINGS[status], content: {'application/problem+json': {schema: problemRef}}}];
  });
  return Object.fromEntries(responses) as Record<ProblemStatus, ProblemResponse>;
}

/** The failure that a thrown error stands for. Only what nobody foresaw is a defect, and only that is logged as one. */
function failureOf(error: FastifyError, request: FastifyRequest): Failure {
  if (error.validation) return {kind: 'invalid', errors: fieldErrors(error, request)};
  if (error instanceof InputFailure) {
    return ruleFailure(error.code, error.message);
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return {kind: 'body-too-large', limitBytes: bodyLimitOf(request)};
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {kind: 'media-type'};
    case 'FST_ERR_HANDLER_TIMEOUT':
      return {kind: 'too-slow'};
    case 'FST_UNDER_PRESSURE':
    // Of the worker threads, which this side does not know.
    case 'POOL_BUSY':
      return {kind: 'overloaded'};
    case 'POOL_JOB_TIMED_OUT':
      return {kind: 'too-slow'};
    case 'POOL_CLOSED':
      return {kind: 'stopping'};
  }
  if (error.statusCode !== undefined && error.statusCode < 500) return {kind: 'malformed', detail: error.message};
  const kind = failureKind(error);
  switch (kind) {
    case 'gone':
      return {kind: 'database-gone'};
    case 'busy':
      return {kind: 'database-busy'};
    case 'refused':
      return {kind: 'refused', code: 'CONSTRAINT', detail: 'The database refused it: a constraint does not hold.'};
    case 'defect':
      return {kind: 'defect', requestId: request.id};
    default:
      return kind satisfies never;
  }
}

const bodyLimitOf = ({headers, routeOptions}: FastifyRequest): number =>
  headers['content-type']?.startsWith('text/csv') ? SPEEDS_BODY_LIMIT_BYTES : (routeOptions.bodyLimit ?? 0);

/** Fastify's error handler: every error leaves as a problem document, none with a stack. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Problem {
  const failure = failureOf(error, request);
  if (failure.kind === 'defect') request.log.error({err: error, route: request.routeOptions.url}, 'defect');
  return refuse(reply, failure);
}
