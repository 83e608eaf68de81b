// A dossier on the wire: events with their bodies read, the bytes that are hashed beside them, and the verdict.

import {type Static, Type} from 'typebox';
import type {Dossier} from '../db/dossiers.ts';
import {writeCanonical} from '../domain/canonical-json.ts';
import {withoutPurchaser} from '../domain/disclosure.ts';
import {type DossierEvent, FLAW_KINDS, type FlawKind} from '../domain/dossier.ts';
import {TASK_STATES, type TaskState} from '../domain/state.ts';
import * as wire from './wire.ts';

const sha256 = Type.String({description: 'SHA-256 in lower-case hex.'});

/** What is wrong with a chain, if anything. */
export const verdict = Type.Object({
  ok: Type.Boolean(),
  firstBad: wire.nullable(
    Type.Object({
      seq: Type.Integer(),
      kind: Type.Enum(Object.keys(FLAW_KINDS) as FlawKind[]),
      detail: Type.String(),
    }),
  ),
});

const dossier = wire.named(
  'Dossier',
  Type.Object({
    regionId: wire.regionId,
    taskId: wire.uuid,
    task: Type.Object({
      state: Type.Enum([...TASK_STATES]),
      storeId: wire.uuid,
      customerAddressId: wire.nullable(wire.uuid),
      category: Type.String(),
      units: Type.Integer(),
      valueCents: Type.Integer(),
      payCents: Type.Integer(),
      readyAt: wire.instant,
      dueAt: wire.instant,
      latestAt: wire.instant,
      ageCheckUntil: wire.nullable(wire.instant),
      driverId: wire.nullable(wire.uuid),
      legalHold: Type.Boolean(),
      createdAt: wire.instant,
      changedAt: wire.instant,
      closedAt: wire.nullable(wire.instant),
      keptUntil: Type.Union([wire.instant, Type.Null()], {
        description: 'When it may be purged, unless it is on legal hold; null until it has ended.',
      }),
    }),
    head: Type.Object({seq: Type.Integer(), hash: sha256}, {description: 'What the task holds of its last event.'}),
    events: Type.Array(
      Type.Object({
        seq: Type.Integer(),
        kind: Type.String(),
        actor: Type.String(),
        at: Type.String({description: 'ISO 8601 in UTC, with microseconds.'}),
        detail: Type.Unknown({description: 'Of the body; null where it cannot be read.'}),
        body: Type.String({
          description:
            'The text that is hashed, SHA-256 of the bytes of prevHash, then of this: unless something is withheld.',
        }),
        prevHash: sha256,
        hash: sha256,
        withheld: Type.Array(Type.String(), {
          description:
            'Fields left out of body and detail: then what is shown does not hash to `hash`. The verification is of ' +
            'what is stored.',
        }),
      }),
    ),
    verification: verdict,
  }),
);

const legalHold = wire.named(
  'LegalHold',
  Type.Object({
    id: wire.uuid,
    legalHold: Type.Boolean(),
    repeated: Type.Boolean({description: 'True when it stood so already.'}),
  }),
);

export const dossierShapes = [dossier.shape, legalHold.shape];
export const dossierRefs = {dossier: dossier.ref, legalHold: legalHold.ref};

/** `told`: the events as withholdPurchaser leaves them; or, for an operator at the database, as they are. */
export function dossierToWire(
  {timeZone: _, task, events, flaw, ...ids}: Dossier,
  told: (event: DossierEvent) => ToldEvent,
): Static<typeof dossier.shape> {
  const {readyAtMs, dueAtMs, latestAtMs, ageCheckUntilMs, createdAtMs, changedAtMs, closedAtMs, keptUntilMs, ...facts} =
    task;
  return {
    ...ids,
    task: {
      ...facts,
      state: task.state as TaskState,
      readyAt: wire.toIso(readyAtMs),
      dueAt: wire.toIso(dueAtMs),
      latestAt: wire.toIso(latestAtMs),
      ageCheckUntil: wire.toIsoOrNull(ageCheckUntilMs),
      createdAt: wire.toIso(createdAtMs),
      changedAt: wire.toIso(changedAtMs),
      closedAt: wire.toIsoOrNull(closedAtMs),
      keptUntil: wire.toIsoOrNull(keptUntilMs),
    },
    events: events.map(told).map((event) => ({
      ...event,
      detail: detailOf(event),
      prevHash: hex(event.prevHash),
      hash: hex(event.hash),
    })),
    verification: {ok: !flaw, firstBad: flaw ?? null},
  };
}

export type ToldEvent = DossierEvent & {readonly withheld: string[]};

/** As it is stored, to the byte. */
export const inFull = (event: DossierEvent): ToldEvent => ({...event, withheld: []});

/** Without the hash of the purchaser. A body that cannot be read is not told where it might hold one. */
export function withholdPurchaser(event: DossierEvent): ToldEvent {
  if (!event.body.includes(PURCHASER)) return inFull(event);
  let body = '';
  try {
    body = writeCanonical(withoutPurchaser(JSON.parse(event.body)));
  } catch {
    // Damaged: nothing of it is told.
  }
  return {...event, body, withheld: [PURCHASER]};
}

const PURCHASER = 'purchaserHmac';

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Null where the body was damaged so much that it has none. */
export function detailOf({body}: DossierEvent): Readonly<Record<string, unknown>> | null {
  try {
    const {detail} = JSON.parse(body);
    return typeof detail === 'object' ? detail : null;
  } catch {
    return null;
  }
}
