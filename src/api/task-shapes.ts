// A task on the wire: its shapes, and the way between them and the domain's types.

import {type Static, Type} from 'typebox';
import {allowedActions, TASK_ACTIONS, TASK_STATES} from '../domain/state.ts';
import type {AskedTask, Task} from '../domain/task.ts';
import type {FieldError} from './failures.ts';
import * as wire from './wire.ts';

const contents = {
  storeId: wire.uuid,
  readyAt: wire.instant,
  dueAt: Type.String({...wire.instant, description: 'Soft: lateness beyond it is priced.'}),
  latestAt: Type.String({...wire.instant, description: 'Hard: past it the task fails.'}),
  category: Type.String({pattern: '^[a-z0-9][a-z0-9_-]{0,63}$', maxLength: 64, title: 'a category such as vape'}),
  valueCents: wire.cents,
  units: Type.Integer({minimum: 1, maximum: 10_000}),
  payCents: Type.Integer({minimum: 0, maximum: 10_000_000, description: 'What the driver earns.'}),
};
const ageCheckUntil = {description: "Until when the purchaser's age check (21+) holds; null: never passed."};

export const newTask = wire.record({
  id: Type.Optional(wire.uuid),
  regionId: Type.Optional(wire.regionId),
  ...contents,
  drop: Type.Optional(wire.lonLat),
  customerAddressId: Type.Optional(wire.uuid),
  ageCheckUntil: Type.Optional(Type.Union([wire.instant, Type.Null()], ageCheckUntil)),
  purchaserHmac: Type.Optional(
    Type.String({...wire.hmac, description: "Of the purchaser's identity: deliver must scan the same."}),
  ),
});

export const task = wire.named(
  'Task',
  Type.Object({
    id: wire.uuid,
    regionId: wire.regionId,
    ...contents,
    drop: wire.lonLat,
    customerAddressId: wire.nullable(wire.uuid),
    ageCheckUntil: Type.Union([wire.instant, Type.Null()], ageCheckUntil),
    purchaserKnown: Type.Boolean({description: 'True: deliver must show the purchaser, by purchaserHmac.'}),
    state: Type.Enum([...TASK_STATES]),
    driverId: wire.nullable(wire.uuid),
    offerId: wire.nullable(wire.uuid),
    offerExpiresAt: wire.nullable(wire.instant),
    attempts: Type.Integer({description: 'Offers made since the task was created or re-opened.'}),
    createdAt: wire.instant,
    changedAt: wire.instant,
    allowedActions: Type.Array(Type.Enum([...TASK_ACTIONS])),
  }),
);

export const taskPage = wire.named('TaskPage', Type.Object({tasks: Type.Array(task.ref), nextCursor: wire.nextCursor}));

export const taskChange = wire.named(
  'TaskChange',
  Type.Object({
    id: wire.uuid,
    state: Type.Enum([...TASK_STATES]),
    repeated: Type.Boolean({description: 'True when the same change had been made before.'}),
    unitsMissing: Type.Optional(Type.Integer({description: 'Of a return: units that did not come back.'})),
    allowedActions: Type.Array(Type.Enum([...TASK_ACTIONS])),
  }),
);

export const taskShapes = [task.shape, taskPage.shape, taskChange.shape];

export const taskToWire = (t: Task): Static<typeof task.shape> => ({
  id: t.id,
  regionId: t.regionId,
  storeId: t.storeId,
  drop: wire.toLonLat(t.dropLonE7, t.dropLatE7),
  customerAddressId: t.customerAddressId,
  readyAt: wire.toIso(t.readyAtMs),
  dueAt: wire.toIso(t.dueAtMs),
  latestAt: wire.toIso(t.latestAtMs),
  category: t.category,
  valueCents: t.valueCents,
  units: t.units,
  payCents: t.payCents,
  ageCheckUntil: wire.toIsoOrNull(t.ageCheckUntilMs),
  purchaserKnown: t.purchaserHmac !== null,
  state: t.state,
  driverId: t.driverId,
  offerId: t.offerId,
  offerExpiresAt: wire.toIsoOrNull(t.offerExpiresAtMs),
  attempts: t.attempts,
  createdAt: wire.toIso(t.createdAtMs),
  changedAt: wire.toIso(t.changedAtMs),
  allowedActions: allowedActions(t.state),
});

type NewTaskBody = Static<typeof newTask>;

/** Exactly one of drop and address must be given: see `contradictions`. */
export const taskFromWire = (body: NewTaskBody, id: string, regionId: string): AskedTask => ({
  id,
  regionId,
  storeId: body.storeId.toLowerCase(),
  readyAtMs: wire.toMs(body.readyAt),
  dueAtMs: wire.toMs(body.dueAt),
  latestAtMs: wire.toMs(body.latestAt),
  category: body.category,
  valueCents: body.valueCents,
  units: body.units,
  payCents: body.payCents,
  ageCheckUntilMs: typeof body.ageCheckUntil === 'string' ? wire.toMs(body.ageCheckUntil) : null,
  purchaserHmac: body.purchaserHmac ?? null,
  ...(body.drop === undefined
    ? {customerAddressId: `${body.customerAddressId}`.toLowerCase()}
    : {customerAddressId: null, dropLonE7: wire.toE7s(body.drop).lonE7, dropLatE7: wire.toE7s(body.drop).latE7}),
});

/** What no schema can say: how the times of a task relate, and that it goes to one place. */
export function contradictions(body: NewTaskBody): FieldError[] {
  const latestAtMs = wire.toMs(body.latestAt);
  const late = (['readyAt', 'dueAt'] as const).filter((field) => wire.toMs(body[field]) > latestAtMs);
  const errors = late.map((field): FieldError => ({field, message: 'must not be after latestAt'}));
  if ((body.drop === undefined) === (body.customerAddressId === undefined)) {
    errors.push({field: 'drop', message: 'must be given, or customerAddressId, and not both'});
  }
  return errors;
}

/**
 * Whether a stored task was made from these contents, whatever became of it since. An address may have been corrected
 * meanwhile: its id is compared, not where it is.
 */
export const sameContents = (stored: Task, asked: AskedTask): boolean =>
  (Object.keys(asked) as (keyof AskedTask)[]).every((field) => stored[field] === asked[field]);
