// /v1/tasks/:id/…: the changes of state that a driver, a store or an operator asks for. What each needs, and what is
// refused: docs/LIFECYCLE.md.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import type {FastifyContextConfig} from 'fastify';
import {type Static, Type} from 'typebox';
import {type AskedAction, changeTask, type TaskChange} from '../db/tasks.ts';
import {
  ID_DOCUMENT_KINDS,
  ID_SCAN_METHODS,
  ID_SCAN_RESULTS,
  isChangeRefusal,
  VERIFICATION_FAILURES,
} from '../domain/handover.ts';
import {allowedActions} from '../domain/state.ts';
import {countAnswer} from '../metrics.ts';
import {callerOf} from './access/caller.ts';
import {type FieldError, refuse} from './failures.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import {taskChange} from './task-shapes.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const driverId = wire.uuid;
const reason = wire.text(200);
const anyDriver = {driverId: Type.Optional(driverId)};
const named = {offerId: Type.Optional(Type.String({...wire.uuid, description: 'Only if this is the open offer.'}))};

const verifiedBy = Type.String({...wire.foreignId, description: "The store's own id of who checked; no name."});
const pickedUp = wire.record({
  verifiedBy,
  units: Type.Integer({minimum: 1, maximum: 10_000, description: 'Units counted; those of the task.'}),
  driverIdentified: Type.Boolean({description: 'The driver is the one of the task.'}),
});
const cameBack = wire.record({
  verifiedBy,
  units: Type.Integer({minimum: 0, maximum: 10_000, description: 'Units counted.'}),
  note: Type.Optional(Type.String({...reason, description: 'Needed where the count is not that of the task.'})),
});

const idScan = wire.record({
  method: Type.Enum([...ID_SCAN_METHODS]),
  result: Type.Enum([...ID_SCAN_RESULTS]),
  documentKind: Type.Enum([...ID_DOCUMENT_KINDS]),
  documentExpiresOn: wire.isoDate,
  over21: Type.Boolean(),
  purchaserHmac: Type.Optional(
    Type.String({...wire.hmac, description: 'Of the scanned identity; needed where the purchaser is known.'}),
  ),
  scanId: Type.Optional(Type.String({...wire.foreignId, description: "The scanner's own id of the scan."})),
});

/** What may be asked over HTTP; offering, timing out and failing are the daemon's own. */
const ACTIONS = {
  accept: {says: 'The driver takes the offer', body: wire.record({driverId, ...named})},
  reject: {
    says: 'The driver declines the offer',
    body: wire.record({driverId, ...named, reason: Type.Optional(reason)}),
  },
  release: {
    says: 'An accepted task is given back before pickup, by its driver or an operator',
    body: wire.record({...anyDriver, reason: Type.Optional(reason)}),
  },
  pickup: {says: 'The store hands the goods out', body: wire.record({driverId, verification: pickedUp})},
  deliver: {says: 'Handed over in person, ID scanned', body: wire.record({driverId, idScan})},
  'fail-verification': {
    says: 'The ID check failed; the goods go back',
    body: wire.record({
      driverId,
      reason: Type.Enum([...VERIFICATION_FAILURES]),
      note: Type.Optional(Type.String({...reason, description: 'Needed with OTHER. No names.'})),
      idScan: Type.Optional(idScan),
    }),
  },
  return: {
    says: 'The store has the goods back',
    body: wire.record({...anyDriver, verification: cameBack}),
  },
  cancel: {says: 'Called off before pickup', body: wire.record({reason: Type.Optional(reason)})},
  're-open': {
    says: 'An operator lets a cancelled or failed task wait again',
    body: wire.record({
      latestAt: Type.Optional(Type.String({...wire.instant, description: 'Else the one it had, if that is to come.'})),
      dueAt: Type.Optional(wire.instant),
      reason: Type.Optional(reason),
    }),
  },
} as const satisfies Record<AskedAction, unknown>;

/** Every field that some action has. */
type Body = {
  driverId?: string;
  offerId?: string;
  reason?: string;
  note?: string;
  verification?: Static<typeof cameBack> & {driverIdentified?: boolean};
  idScan?: Static<typeof idScan>;
  latestAt?: string;
  dueAt?: string;
};

/** Details are the dossier's; who sent the request stands beside the actor. */
const changeOf = ({note, latestAt, dueAt, ...said}: Body, caller: string): TaskChange => ({
  ...said,
  detail: {
    caller,
    ...(note !== undefined && {note}),
    ...(latestAt !== undefined && {latestAtMs: wire.toMs(latestAt)}),
    ...(dueAt !== undefined && {dueAtMs: wire.toMs(dueAt)}),
  },
});

function contradictions({reason: why, note, latestAt, dueAt}: Body): FieldError[] {
  if (why === 'OTHER' && note === undefined) return [{field: 'note', message: 'is required with OTHER'}];
  if (latestAt !== undefined && dueAt !== undefined && wire.toMs(dueAt) > wire.toMs(latestAt)) {
    return [{field: 'dueAt', message: 'must not be after latestAt'}];
  }
  return [];
}

export const taskActions =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db, metrics} = world;
    for (const action of Object.keys(ACTIONS) as AskedAction[]) {
      const {says, body} = ACTIONS[action];
      app.post(
        `/v1/tasks/:id/${action}`,
        {
          config: scopesOf(action),
          schema: {
            tags: ['tasks'],
            operationId: operationId(action),
            summary: says,
            params: wire.byId,
            querystring: wire.inRegion,
            body,
            response: {200: taskChange.ref, ...problems(404, 409, 422)},
          },
        },
        async (request, reply) => {
          const region = await regionOf(world, request.query.regionId);
          if (region.kind !== 'region') return refuse(reply, region);
          const id = request.params.id.toLowerCase();
          const asked: Body = request.body;
          const errors = action === 're-open' || action === 'fail-verification' ? contradictions(asked) : [];
          if (errors.length > 0) return refuse(reply, {kind: 'invalid', errors});
          const change = await changeTask(db, region.id, id, action, changeOf(asked, callerOf(request)));
          switch (change.kind) {
            case 'not-found':
              return refuse(reply, {kind: 'task-not-found', id});
            case 'conflict': {
              const {state, reason} = change;
              const stands = {action, state, allowedActions: allowedActions(state, reason)};
              if (isChangeRefusal(reason)) return refuse(reply, {kind: 'change-refused', code: reason, ...stands});
              return refuse(reply, {kind: 'illegal-change', reason, ...stands});
            }
            case 'done': {
              const {state, repeated, unitsMissing} = change;
              if (!repeated) countAnswer(metrics, region.id, action);
              metrics.unitsMissing.inc({region: region.id}, Math.max(0, unitsMissing ?? 0));
              const missing = unitsMissing === undefined ? {} : {unitsMissing};
              return {id, state, repeated, ...missing, allowedActions: allowedActions(state)};
            }
            default:
              return change satisfies never;
          }
        },
      );
    }
  };

/** Calling off, and thinking better of it, are for those who ordered. A driver unnamed would pass for an operator. */
const scopesOf = (action: AskedAction): FastifyContextConfig =>
  action === 'cancel' || action === 're-open'
    ? {scopes: ['ops', 'services']}
    : {scopes: ['ops', 'services', 'driver'], own: 'asked-task'};

/** `fail-verification` becomes failVerificationTask. */
const operationId = (action: AskedAction): string =>
  `${action.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Task`;
