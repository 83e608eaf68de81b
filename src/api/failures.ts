// Every way a request can fail, as data, and what HTTP says of it: an RFC 9457 problem document with a stable code.
// The switch below is exhaustive, so that a new kind of failure does not compile until it has a status.

import type {TaskAction, TaskState} from '../domain/state.ts';
import {RETRY_AFTER_S} from './limits.ts';

export type FieldError = {readonly field: string; readonly message: string};

export type Failure =
  | {readonly kind: 'malformed'; readonly detail: string}
  | {readonly kind: 'invalid'; readonly errors: readonly FieldError[]}
  /** A rule that a schema cannot state; `code` comes from the domain or the database. */
  | {readonly kind: 'refused'; readonly code: string; readonly detail: string}
  | {readonly kind: 'region-required'; readonly regions: readonly string[]}
  | {readonly kind: 'region-unknown'; readonly regionId: string}
  | {readonly kind: 'not-found'; readonly noun: 'task' | 'driver' | 'tick'; readonly id: string}
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
  | {readonly kind: 'task-id-reused'; readonly id: string}
  | {readonly kind: 'key-reused'; readonly id: string}
  | {readonly kind: 'busy'; readonly regionId: string}
  | {readonly kind: 'fenced'; readonly regionId: string}
  | {readonly kind: 'paused'; readonly regionId: string}
  | {readonly kind: 'owned-elsewhere'; readonly regionId: string; readonly owner: string}
  | {readonly kind: 'body-too-large'; readonly limitBytes: number}
  | {readonly kind: 'headers-too-large'}
  | {readonly kind: 'media-type'}
  | {readonly kind: 'database-gone'}
  | {readonly kind: 'database-busy'}
  | {readonly kind: 'loading'; readonly what: string}
  | {readonly kind: 'overloaded'}
  | {readonly kind: 'stopping'}
  | {readonly kind: 'too-slow'}
  | {readonly kind: 'defect'; readonly requestId: string};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly FieldError[];
  readonly state?: TaskState;
  readonly reason?: string;
  readonly allowedActions?: readonly TaskAction[];
  readonly owner?: string;
  readonly regions?: readonly string[];
};

/** `type` is a link: /docs explains the code under that anchor. */
function problem(status: number, code: string, title: string, detail: string, more?: Partial<Problem>): Problem {
  return {type: `/docs#${code}`, title, status, code, detail, ...more};
}

export function problemOf(f: Failure): Problem {
  switch (f.kind) {
    case 'malformed':
      return problem(400, 'MALFORMED', 'The request cannot be read', f.detail);
    case 'invalid': {
      const [first] = f.errors;
      const detail = first ? `${first.field}: ${first.message}` : 'The request does not fit its schema.';
      return problem(400, 'INVALID', 'A field is not valid', detail, {errors: f.errors});
    }
    case 'refused':
      return problem(422, f.code, 'The request breaks a rule', f.detail);
    case 'region-required':
      return problem(400, 'REGION_REQUIRED', 'Name a region', 'This daemon has several regions: give regionId.', {
        regions: f.regions,
      });
    case 'region-unknown':
      return problem(404, 'REGION_UNKNOWN', 'No such region', `There is no region ${f.regionId}.`);
    case 'not-found':
      return problem(
        404,
        `${f.noun.toUpperCase()}_NOT_FOUND`,
        `No such ${f.noun}`,
        `There is no ${f.noun} ${f.id} here.`,
      );
    case 'no-route':
      return problem(404, 'ROUTE_NOT_FOUND', 'No such route', `Nothing answers ${f.method} ${f.path}; see /docs.`);
    case 'host-refused':
      return problem(
        403,
        'HOST_REFUSED',
        'Host not allowed',
        'The Host header names neither loopback nor this server.',
      );
    case 'origin-refused':
      return problem(403, 'ORIGIN_REFUSED', 'Origin not allowed', 'A page of another site may change nothing here.');
    case 'timed-out':
      return problem(408, 'REQUEST_TIMEOUT', 'The request took too long to arrive', 'Send headers and body at once.');
    case 'illegal-change': {
      const allowed = f.allowedActions.length === 0 ? 'nothing' : f.allowedActions.join(', ');
      const detail = `${f.action} is not possible: the task is ${f.state} (allowed from there: ${allowed}).`;
      return problem(409, 'ILLEGAL_CHANGE', 'The state does not allow it', detail, {
        state: f.state,
        reason: f.reason,
        allowedActions: f.allowedActions,
      });
    }
    case 'task-id-reused':
      return problem(409, 'TASK_ID_REUSED', 'The id is taken', `Task ${f.id} exists with other contents.`);
    case 'key-reused':
      return problem(422, 'IDEMPOTENCY_KEY_REUSED', 'The key is taken', `It made task ${f.id} from another body.`);
    case 'busy':
      return problem(409, 'BUSY', 'A tick is running', `Region ${f.regionId} is in the middle of a tick.`);
    case 'fenced':
      return problem(409, 'LEASE_LOST', 'The lease has passed', `Nothing was decided in ${f.regionId}.`);
    case 'paused':
      return problem(409, 'PAUSED', 'The region is paused', `Resume region ${f.regionId} first.`);
    case 'owned-elsewhere':
      return problem(421, 'OWNED_ELSEWHERE', 'Another daemon owns the region', `${f.owner} owns ${f.regionId}.`, {
        owner: f.owner,
      });
    case 'body-too-large':
      return problem(413, 'BODY_TOO_LARGE', 'The body is too large', `At most ${f.limitBytes} bytes are taken here.`);
    case 'headers-too-large':
      return problem(431, 'HEADERS_TOO_LARGE', 'The headers are too large', 'Send fewer or shorter headers.');
    case 'media-type':
      return problem(415, 'MEDIA_TYPE', 'Not a media type we read', 'Send JSON with Content-Type: application/json.');
    case 'database-gone':
      return problem(503, 'DATABASE_GONE', 'The database is not there', 'The outcome is unknown; repeat the request.');
    case 'database-busy':
      return problem(503, 'DATABASE_BUSY', 'The database is busy', 'Nothing was changed; repeat the request.');
    case 'loading':
      return problem(503, 'LOADING', 'Still loading', `${f.what} is still loading.`);
    case 'overloaded':
      return problem(503, 'OVERLOADED', 'Too busy', 'The daemon sheds load; repeat the request later.');
    case 'stopping':
      return problem(503, 'STOPPING', 'The daemon is stopping', 'Repeat the request elsewhere, or later.');
    case 'too-slow':
      return problem(503, 'TOO_SLOW', 'No answer in time', 'The outcome is unknown; repeat the request.');
    case 'defect':
      return problem(500, 'DEFECT', 'A defect of ours', `It was logged under request ${f.requestId}.`);
    default:
      return f satisfies never;
  }
}

/** Sets status and headers of the failure and returns its document: `return refuse(reply, failure)` ends a handler. */
export function refuse(reply: StatusAndHeaders, failure: Failure): Problem {
  const document = problemOf(failure);
  reply.code(document.status);
  reply.header('content-type', 'application/problem+json');
  if (document.status === 503 || failure.kind === 'busy') reply.header('retry-after', RETRY_AFTER_S);
  return document;
}

type StatusAndHeaders = {code(status: number): unknown; header(name: string, value: string | number): unknown};
