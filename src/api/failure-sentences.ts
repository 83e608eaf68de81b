// Every way a request can fail, in one sentence with its figures: what a person is told beside the stable code.

import {CHANGE_REFUSALS} from '../domain/handover.ts';
import type {Failure} from './failures.ts';
import {PROVIDER_TOLERANCE_S} from './limits.ts';

const FAILS = ' Scan again, or end the hand-over with fail-verification and take the goods back.';
const UNSIGNED = {
  unsigned:
    'The headers webhook-id, webhook-timestamp and webhook-signature are needed, as Standard Webhooks has them.',
  stale: `It was signed more than ${PROVIDER_TOLERANCE_S} s from now.`,
  forged: 'No signature is that of the body as it arrived under the secret known here.',
} as const;

/** The detail of its problem document. */
export function sentenceOf(f: Failure): string {
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
      return 'The Host header names neither the address and port of this server nor an allowed host.';
    case 'origin-refused':
      return 'A page of another site may change nothing here.';
    case 'token-required':
      return 'Send Authorization: Bearer with a token, or sign in at the live map.';
    case 'token-refused':
      return 'It is unknown, expired or revoked.';
    case 'scope-missing':
      return `One of these scopes would do: ${f.scopes.join(', ')}.`;
    case 'not-own':
      return "A driver's token reaches that driver alone; the request must name the driver and no other.";
    case 'csrf-required':
      return 'Writes of a session carry x-csrf-token, which GET /v1/session tells.';
    case 'rate-limited':
      return `There were too many ${f.what} in a short time; repeat the request in ${f.waitS} s.`;
    case 'payload-dropped':
      return `what tick ${f.id} knew is past its keeping: only its header is left`;
    case 'decided-otherwise':
      return `tick ${f.id} was recorded by another graph or code than those here, and is decided otherwise by them`;
    case 'epoch-passed':
      return `tick ${f.id} went by live speeds that stand no more: on a command line it is decided on its own roads`;
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
      return `At most ${f.limit} streams of events are served at a time, to one token or to all.`;
    case 'overloaded':
      return 'The daemon sheds load; repeat the request.';
    case 'stopping':
      return 'Repeat the request in a moment.';
    default:
      return f satisfies never;
  }
}
