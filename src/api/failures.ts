// Every way a request can fail, as data, and what HTTP says of it: an RFC 9457 problem document with a stable code.
// The switch below is exhaustive, so that a new kind of failure does not compile until it has a status.

import {CHANGE_REFUSALS, type ChangeRefusal} from '../domain/handover.ts';
import type {DriverStatus, OfferAnswer, OfferState, ShiftAction, TaskAction, TaskState} from '../domain/state.ts';
import {EVENT_STREAMS_LIMIT, PROVIDER_TOLERANCE_S, RETRY_AFTER_S} from './limits.ts';

export type FieldError = {readonly field: string; readonly message: string};

export type Failure =
  | {readonly kind: 'malformed'; readonly detail: string}
  | {readonly kind: 'invalid'; readonly errors: readonly FieldError[]}
  /** Rules that a schema cannot state: `code` comes from the domain or the database, the kind says what it is about. */
  | {readonly kind: 'refused' | 'absent' | 'work-in-hand'; readonly code: string; readonly detail: string}
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
  | {readonly kind: 'no-route'; readonly method: string; readonly path: string}
  | {readonly kind: 'host-refused'}
  | {readonly kind: 'origin-refused'}
  | {readonly kind: 'timed-out'}
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
  | {readonly kind: 'streams-full'}
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
  'host-refused': [403, 'HOST_REFUSED', 'The host is not allowed'],
  'origin-refused': [403, 'ORIGIN_REFUSED', 'The origin is not allowed'],
  'no-route': [404, 'ROUTE_NOT_FOUND', 'No such route'],
  'region-unknown': [404, 'REGION_UNKNOWN', 'No such region'],
  'graph-unknown': [404, 'GRAPH_UNKNOWN', 'No such graph'],
  absent: [404, 'ABSENT', 'No such thing'],
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
  'work-in-hand': [409, 'WORK_IN_HAND', 'Open work forbids it'],
  'task-id-reused': [409, 'TASK_ID_REUSED', 'The id is taken by another task'],
  busy: [409, 'BUSY', 'A tick is running'],
  paused: [409, 'PAUSED', 'The region is paused'],
  fenced: [409, 'LEASE_LOST', 'The lease has passed to another daemon'],
  'body-too-large': [413, 'BODY_TOO_LARGE', 'The body is too large'],
  'media-type': [415, 'MEDIA_TYPE', 'The body is not JSON'],
  'owned-elsewhere': [421, 'OWNED_ELSEWHERE', 'Another daemon owns the region'],
  'key-reused': [422, 'IDEMPOTENCY_KEY_REUSED', 'The key was used with another body'],
  'change-refused': [422, 'CHANGE_REFUSED', 'The change is not made so'],
  refused: [422, 'REFUSED', 'The request breaks a rule'],
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
} as const satisfies Record<Kind, readonly [status: number, code: string, title: string]>;

const FAILS = ' Scan again, or end the hand-over with fail-verification and take the goods back.';
const UNSIGNED = {
  unsigned:
    'The headers webhook-id, webhook-timestamp and webhook-signature are needed, as Standard Webhooks has them.',
  stale: `It was signed more than ${PROVIDER_TOLERANCE_S} s from now.`,
  forged: 'No signature is that of the body as it arrived under the secret known here.',
} as const;

/** One sentence with the figures of this failure. */
function detailOf(f: Failure): string {
  switch (f.kind) {
    case 'malformed':
    case 'refused':
    case 'absent':
    case 'work-in-hand':
      return f.detail;
    case 'invalid':
      return f.errors.map(({field, message}) => `${field} ${message}`).join('; ');
    case 'region-required':
      return `This daemon has ${f.regions.length} regions: give regionId.`;
    case 'graph-required':
      return `This daemon has ${f.graphs.length} graphs: give graph or regionId.`;
    case 'graph-unknown':
      return `There is no graph ${f.graph} here.`;
    case 'graph-loading':
      return `The graph ${f.graph} is loading; repeat the request.`;
    case 'speeds-refused':
      return `${f.rowsBad} rows are bad, ${f.rowsUnknown} name no road of ${f.graph}; its speeds stay as they were.`;
    case 'host-refused':
      return 'The Host header names neither loopback with our port nor this server.';
    case 'origin-refused':
      return 'A page of another site may change nothing here.';
    case 'no-route':
      return `Nothing answers ${f.method} ${f.path}; /docs lists what there is.`;
    case 'region-unknown':
      return `There is no region ${f.regionId} here.`;
    case 'task-not-found':
    case 'driver-not-found':
    case 'tick-not-found':
    case 'offer-not-found':
    case 'address-not-found':
      return `There is no ${f.kind.split('-', 1)[0]} ${f.id} in this region.`;
    case 'timed-out':
      return 'Send the headers and the body without pauses.';
    case 'illegal-change':
      return `${f.action} is refused: the task is ${f.state}; from there: ${f.allowedActions.join(', ') || 'nothing'}.`;
    case 'change-refused':
      return `${f.action} is refused: ${CHANGE_REFUSALS[f.code]}.${f.action === 'deliver' ? FAILS : ''}`;
    case 'illegal-answer':
      return `${f.action} is refused: the offer is ${f.reason === 'OFFER_EXPIRED' ? 'past its time' : f.state}.`;
    case 'tasks-in-hand':
      return `The driver is ${f.status}: finish or release the tasks, or end the shift afterWork.`;
    case 'task-id-reused':
      return `Task ${f.id} stands with other contents.`;
    case 'busy':
      return `Region ${f.regionId} is in the middle of a tick.`;
    case 'paused':
      return `Resume region ${f.regionId} first.`;
    case 'fenced':
      return `The tick of ${f.regionId} decided nothing.`;
    case 'body-too-large':
      return `At most ${f.limitBytes} bytes are read here.`;
    case 'media-type':
      return 'Send JSON with Content-Type: application/json, or no body at all; live speeds also as text/csv.';
    case 'owned-elsewhere':
      return `${f.owner} dispatches ${f.regionId}.`;
    case 'key-reused':
      return `${f.key} came with another request before.`;
    case 'key-in-use':
      return `The request under ${f.key} has not ended; repeat it in a moment.`;
    case 'headers-too-large':
      return 'Send fewer or shorter headers.';
    case 'defect':
      return `It was logged under request ${f.requestId}.`;
    case 'database-gone':
    case 'too-slow':
      return 'Whether it took effect is unknown; repeat the request.';
    case 'database-busy':
      return 'Nothing was changed; repeat the request.';
    case 'loading':
      return `The road graph of region ${f.regionId} is loading.`;
    case 'signature-refused':
      return UNSIGNED[f.verdict];
    case 'streams-full':
      return `At most ${EVENT_STREAMS_LIMIT} streams of events are served at a time.`;
    case 'overloaded':
      return 'The daemon sheds load; repeat the request.';
    case 'stopping':
      return 'Repeat the request in a moment.';
    default:
      return f satisfies never;
  }
}

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
      return {code: f.code, state: f.state, allowedActions: f.allowedActions};
    case 'tasks-in-hand':
      return {state: f.status, tasks: f.tasks, allowedActions: ['shift-off']};
    case 'owned-elsewhere':
      return {owner: f.owner};
    case 'refused':
    case 'absent':
    case 'work-in-hand':
      return {code: f.code};
    default:
      return {};
  }
}

/** `type` is a link to the code in /docs; a code of the domain is listed there under the kind of thing it is. */
export function problemOf(f: Failure): Problem {
  const [status, code, title] = PROBLEMS[f.kind];
  return {type: `/docs#${code}`, title, status, detail: detailOf(f), code, ...membersOf(f)};
}

/** What ends by itself, besides every 503. */
const REPEATABLE = new Set<Kind>(['busy', 'fenced', 'key-in-use']);

/** Sets status and headers of the failure and returns its document: `return refuse(reply, failure)` ends a handler. */
export function refuse(reply: StatusAndHeaders, failure: Failure): Problem {
  const document = problemOf(failure);
  reply.code(document.status);
  reply.header('content-type', 'application/problem+json');
  if (document.status === 503 || REPEATABLE.has(failure.kind)) reply.header('retry-after', RETRY_AFTER_S);
  return document;
}

type StatusAndHeaders = {code(status: number): unknown; header(name: string, value: string | number): unknown};
