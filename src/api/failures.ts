// Every way a request can fail, as data, and what HTTP says of it: an RFC 9457 problem document with a stable code.
// The switch below is exhaustive, so that a new kind of failure does not compile until it has a status.

import type {ChangeRefusal} from '../domain/handover.ts';
import type {DriverStatus, OfferAnswer, OfferState, ShiftAction, TaskAction, TaskState} from '../domain/state.ts';
import {sentenceOf} from './failure-sentences.ts';
import {RETRY_AFTER_S} from './limits.ts';
import {RULE_CODES, type RuleFailure, type RuleKind} from './rule-codes.ts';

export type FieldError = {readonly field: string; readonly message: string};

export type Failure =
  | {readonly kind: 'malformed'; readonly detail: string}
  | {readonly kind: 'invalid'; readonly errors: readonly FieldError[]}
  | RuleFailure
  | {readonly kind: 'region-required'; readonly regions: readonly string[]}
  | {readonly kind: 'region-unknown'; readonly regionId: string}
  | {readonly kind: 'graph-required'; readonly graphs: readonly string[]}
  | {readonly kind: 'graph-unknown'; readonly graph: string}
  | {readonly kind: 'graph-loading'; readonly graph: string}
  /** None of the rows could be used: `errors` are the first of those that are bad in themselves. */
  | {
      readonly kind: 'speeds-refused';
      readonly graph: string;
      readonly rowsUnknown: number;
      readonly rowsBad: number;
      readonly errors: readonly FieldError[];
    }
  | {readonly kind: `${'task' | 'driver' | 'tick' | 'offer' | 'address'}-not-found`; readonly id: string}
  | {readonly kind: 'payload-dropped' | 'epoch-passed' | 'decided-otherwise'; readonly id: string}
  | {readonly kind: 'no-route'; readonly method: string; readonly path: string}
  | {readonly kind: 'host-refused'}
  | {readonly kind: 'origin-refused'}
  | {readonly kind: 'timed-out'}
  | {readonly kind: 'token-required' | 'token-refused' | 'csrf-required' | 'not-own'}
  | {readonly kind: 'scope-missing'; readonly scopes: readonly string[]}
  | {readonly kind: 'rate-limited'; readonly what: string; readonly waitS: number}
  | {
      readonly kind: 'illegal-change';
      readonly action: string;
      readonly reason: string;
      readonly state: TaskState;
      readonly allowedActions: readonly TaskAction[];
    }
  /** The state would allow it, but goods do not change hands so, or the times do not fit. */
  | {
      readonly kind: 'change-refused';
      readonly action: string;
      readonly code: ChangeRefusal;
      readonly state: TaskState;
      readonly allowedActions: readonly TaskAction[];
    }
  | {
      readonly kind: 'illegal-answer';
      readonly action: OfferAnswer;
      readonly reason: string;
      readonly state: OfferState;
      readonly allowedActions: readonly OfferAnswer[];
    }
  | {readonly kind: 'tasks-in-hand'; readonly status: DriverStatus; readonly tasks: readonly TaskInHand[]}
  | {readonly kind: 'task-id-reused'; readonly id: string}
  | {readonly kind: 'key-reused' | 'key-in-use'; readonly key: string}
  | {readonly kind: 'busy'; readonly regionId: string}
  | {readonly kind: 'fenced'; readonly regionId: string}
  | {readonly kind: 'paused'; readonly regionId: string}
  | {readonly kind: 'owned-elsewhere'; readonly regionId: string; readonly owner: string}
  | {readonly kind: 'body-too-large'; readonly limitBytes: number}
  | {readonly kind: 'headers-too-large'}
  | {readonly kind: 'media-type'}
  | {readonly kind: 'database-gone'}
  | {readonly kind: 'database-busy'}
  | {readonly kind: 'loading'; readonly regionId: string}
  | {readonly kind: 'overloaded'}
  | {readonly kind: 'stopping'}
  | {readonly kind: 'streams-full'; readonly limit: number}
  | {readonly kind: 'signature-refused'; readonly verdict: 'unsigned' | 'stale' | 'forged'}
  | {readonly kind: 'too-slow'}
  | {readonly kind: 'defect'; readonly requestId: string};

type TaskInHand = {
  readonly id: string;
  readonly state: TaskState;
  readonly allowedActions: readonly TaskAction[];
};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly FieldError[];
  readonly state?: TaskState | OfferState | DriverStatus;
  readonly reason?: string;
  readonly allowedActions?: readonly (TaskAction | ShiftAction)[];
  readonly tasks?: readonly TaskInHand[];
  readonly owner?: string;
  readonly scopes?: readonly string[];
  readonly regions?: readonly string[];
  readonly graphs?: readonly string[];
};

type Kind = Failure['kind'];

/** What HTTP says of each kind: status, stable code, title. */
export const PROBLEMS = {
  malformed: [400, 'MALFORMED', 'The request cannot be read'],
  invalid: [400, 'INVALID', 'A field is not valid'],
  'region-required': [400, 'REGION_REQUIRED', 'Name a region'],
  'graph-required': [400, 'GRAPH_REQUIRED', 'Name a graph'],
  'signature-refused': [401, 'SIGNATURE_REFUSED', 'The signature does not hold'],
  'token-required': [401, 'TOKEN_REQUIRED', 'Present a token'],
  'token-refused': [401, 'TOKEN_REFUSED', 'The token does not hold'],
  'scope-missing': [403, 'SCOPE_MISSING', 'The token may not do this'],
  'not-own': [403, 'NOT_OWN', 'The token is for another driver'],
  'csrf-required': [403, 'CSRF_REQUIRED', 'The header of the session is missing'],
  'host-refused': [403, 'HOST_REFUSED', 'The host is not allowed'],
  'origin-refused': [403, 'ORIGIN_REFUSED', 'The origin is not allowed'],
  'no-route': [404, 'ROUTE_NOT_FOUND', 'No such route'],
  'region-unknown': [404, 'REGION_UNKNOWN', 'No such region'],
  'graph-unknown': [404, 'GRAPH_UNKNOWN', 'No such graph'],
  'task-not-found': [404, 'TASK_NOT_FOUND', 'No such task'],
  'driver-not-found': [404, 'DRIVER_NOT_FOUND', 'No such driver'],
  'tick-not-found': [404, 'TICK_NOT_FOUND', 'No such tick'],
  'offer-not-found': [404, 'OFFER_NOT_FOUND', 'No such offer'],
  'address-not-found': [404, 'ADDRESS_NOT_FOUND', 'No such address'],
  'timed-out': [408, 'REQUEST_TIMEOUT', 'The request took too long to arrive'],
  'illegal-change': [409, 'ILLEGAL_CHANGE', 'The state does not allow it'],
  'illegal-answer': [409, 'ILLEGAL_ANSWER', 'The offer does not allow it'],
  'tasks-in-hand': [409, 'TASKS_IN_HAND', 'The driver has tasks in hand'],
  'key-in-use': [409, 'IDEMPOTENCY_KEY_IN_USE', 'The same request is running'],
  'task-id-reused': [409, 'TASK_ID_REUSED', 'The id is taken by another task'],
  busy: [409, 'BUSY', 'A tick is running'],
  'decided-otherwise': [409, 'DECIDED_OTHERWISE', 'Graph or code have changed since'],
  'epoch-passed': [409, 'EPOCH_PASSED', 'The roads have changed since'],
  paused: [409, 'PAUSED', 'The region is paused'],
  fenced: [409, 'LEASE_LOST', 'The lease has passed to another daemon'],
  'payload-dropped': [410, 'PAYLOAD_DROPPED', 'The record is past its keeping'],
  'body-too-large': [413, 'BODY_TOO_LARGE', 'The body is too large'],
  'media-type': [415, 'MEDIA_TYPE', 'The body is not JSON'],
  'owned-elsewhere': [421, 'OWNED_ELSEWHERE', 'Another daemon owns the region'],
  'key-reused': [422, 'IDEMPOTENCY_KEY_REUSED', 'The key was used with another body'],
  'rate-limited': [429, 'RATE_LIMITED', 'Too many requests'],
  'speeds-refused': [422, 'SPEEDS_REFUSED', 'No row can be used'],
  'headers-too-large': [431, 'HEADERS_TOO_LARGE', 'The headers are too large'],
  defect: [500, 'DEFECT', 'A defect of ours'],
  'database-gone': [503, 'DATABASE_GONE', 'The database does not answer'],
  'database-busy': [503, 'DATABASE_BUSY', 'The database is busy'],
  loading: [503, 'LOADING', 'Still loading'],
  'graph-loading': [503, 'GRAPH_LOADING', 'Still loading'],
  overloaded: [503, 'OVERLOADED', 'Too busy'],
  'streams-full': [503, 'STREAMS_FULL', 'Too many streams'],
  stopping: [503, 'STOPPING', 'The daemon is stopping'],
  'too-slow': [503, 'TOO_SLOW', 'No answer in time'],
} as const satisfies Record<Exclude<Kind, RuleKind>, readonly [status: number, code: string, title: string]>;

/** The kinds whose code says which rule it is. */
export const RULE_STATUSES = {absent: 404, 'work-in-hand': 409, refused: 422, 'change-refused': 422} as const;

/** Members beyond RFC 9457's own, for programs. */
function membersOf(f: Failure): Partial<Problem> {
  switch (f.kind) {
    case 'invalid':
      return {errors: f.errors};
    case 'speeds-refused':
      return {errors: f.errors};
    case 'region-required':
      return {regions: f.regions};
    case 'graph-required':
      return {graphs: f.graphs};
    case 'illegal-change':
    case 'illegal-answer':
      return {state: f.state, reason: f.reason, allowedActions: f.allowedActions};
    case 'change-refused':
      return {state: f.state, allowedActions: f.allowedActions};
    case 'tasks-in-hand':
      return {state: f.status, tasks: f.tasks, allowedActions: ['shift-off']};
    case 'owned-elsewhere':
      return {owner: f.owner};
    case 'scope-missing':
      return {scopes: f.scopes};
    default:
      return {};
  }
}

/** `type` is a link to the code in /docs. */
export function problemOf(f: Failure): Problem {
  const [status, code, title] = headOf(f);
  return {type: `/docs#${code}`, title, status, detail: sentenceOf(f), code, ...membersOf(f)};
}

function headOf(f: Failure): readonly [status: number, code: string, title: string] {
  if (!isOfRule(f)) return PROBLEMS[f.kind];
  const titles: Readonly<Record<string, string>> = RULE_CODES[f.kind];
  return [RULE_STATUSES[f.kind], f.code, titles[f.code]!];
}

const isOfRule = (f: Failure): f is Extract<Failure, {kind: RuleKind}> => Object.hasOwn(RULE_CODES, f.kind);

/** What ends by itself, besides every 503. */
const REPEATABLE = new Set<Kind>(['busy', 'fenced', 'key-in-use']);

/** Sets status and headers of the failure and returns its document: `return refuse(reply, failure)` ends a handler. */
export function refuse(reply: StatusAndHeaders, failure: Failure): Problem {
  const document = problemOf(failure);
  reply.code(document.status);
  reply.header('content-type', 'application/problem+json');
  if (document.status === 503 || REPEATABLE.has(failure.kind)) reply.header('retry-after', RETRY_AFTER_S);
  if (failure.kind === 'rate-limited') reply.header('retry-after', failure.waitS);
  const challenge = challengeOf(failure);
  if (challenge !== undefined) reply.header('www-authenticate', `Bearer realm="cloudrun"${challenge}`);
  return document;
}

/** What RFC 6750 has a bearer told. */
function challengeOf(failure: Failure): string | undefined {
  switch (failure.kind) {
    case 'token-required':
      return '';
    case 'token-refused':
      return ', error="invalid_token"';
    case 'scope-missing':
      return `, error="insufficient_scope", scope="${failure.scopes.join(' ')}"`;
    default:
      return undefined;
  }
}

type StatusAndHeaders = {code(status: number): unknown; header(name: string, value: string | number): unknown};
