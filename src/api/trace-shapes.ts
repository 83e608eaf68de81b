// A trace on the wire, and as `cloudrun trace --json` writes it.

import {type Static, Type} from 'typebox';
import {TRACE_OFFERS_LIMIT, type Trace, type TracedOffer} from '../db/traces.ts';
import {TERM_NAMES} from '../dispatch/costs.ts';
import {PHASE_KINDS} from '../domain/phases.ts';
import {OFFER_STATES, TASK_STATES, type TaskState} from '../domain/state.ts';
import {verdict} from './dossier-shapes.ts';
import {clockOf, isoOf} from './told-times.ts';
import {handedOverAtMs, type LegTruth, type OfferTruth, type StoryEntry, storyOf, truthsOf} from './trace-story.ts';
import * as wire from './wire.ts';

const ms = Type.Integer();
const orNull = wire.nullable;
const lateMs = Type.Union([ms, Type.Null()], {description: 'After the promise; negative: before it.'});

const leg = wire.named(
  'LegTruth',
  Type.Object({
    roadMs: Type.Integer({description: 'Road time of the leg, as the tick knew it.'}),
    promisedAt: Type.Union([wire.instant, Type.Null()], {description: 'null: its log has no promise.'}),
    correctionMs: Type.Union([ms, Type.Null()], {description: 'How much of the promise was learned.'}),
    actualAt: Type.Union([wire.instant, Type.Null()], {
      description: 'null: it did not come to it, by this offer, or its instant cannot be read.',
    }),
    lateMs,
  }),
);

const offer = wire.named(
  'TracedOffer',
  Type.Object({
    offerId: wire.uuid,
    driverId: wire.uuid,
    createdAt: wire.instant,
    expiresAt: wire.instant,
    state: Type.Enum([...OFFER_STATES]),
    endedAt: orNull(wire.instant),
    reason: Type.Union([Type.String(), Type.Null()], {description: 'What the caller gave, if any.'}),
    tick: Type.Object({
      id: wire.uuid,
      at: Type.Union([wire.instant, Type.Null()], {description: 'This and the others are null without a record.'}),
      trigger: orNull(Type.Enum(['loop', 'request'])),
      solve: orNull(Type.Enum(['optimal', 'over-budget'])),
      certified: orNull(Type.Boolean()),
      replayable: Type.Boolean({description: 'Its payload is kept: it can be explained and replayed.'}),
    }),
    rank: Type.Integer({description: "Among the task's candidates by cost, from 0."}),
    candidates: Type.Integer(),
    acceptance: Type.Union([Type.Number(), Type.Null()], {
      description:
        'How likely the driver was thought to accept. This, costMs, termMs and nextBestCostMs are null for callers ' +
        'who may not ask why: those with neither ops nor read.',
    }),
    costMs: orNull(ms),
    termMs: Type.Union([Type.Record(Type.String(), ms), Type.Null()], {
      description: `Milliseconds by term: ${TERM_NAMES.join(', ')}.`,
    }),
    nextBestCostMs: Type.Union([ms, Type.Null()], {
      description: 'The cheapest other candidate; null also without any.',
    }),
    pickup: leg.ref,
    handover: leg.ref,
  }),
);

const entry = wire.named(
  'TraceEntry',
  Type.Object({
    kind: Type.String({
      description: "Of an event of the dossier; or 'waited', or 'refused' for a proposal that a commit refused.",
    }),
    at: Type.Union([wire.instant, Type.Null()], {description: 'null: somebody damaged it; it cannot be read.'}),
    until: Type.Union([wire.instant, Type.Null()], {description: 'Of a wait that is over.'}),
    seq: Type.Union([Type.Integer(), Type.Null()], {description: 'The number of the event in the dossier.'}),
    actor: orNull(Type.String()),
    sentence: Type.String({description: 'The same for a reader.'}),
    offerId: orNull(Type.String()),
    tickId: orNull(Type.String()),
    driverId: orNull(Type.String()),
    reason: Type.Union([Type.String(), Type.Null()], {description: 'As given; of a refused proposal its code.'}),
    ticks: Type.Union([Type.Integer(), Type.Null()], {
      description: 'Of a wait: ticks of the region that ran meanwhile and offered it to nobody.',
    }),
    ticksCutOff: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'Of a wait: more ran before these; neither they nor what they proposed in vain were looked for.',
    }),
  }),
);

const trace = wire.named(
  'Trace',
  Type.Object({
    regionId: wire.regionId,
    taskId: wire.uuid,
    asOf: wire.instant,
    task: Type.Object({
      state: Type.Enum([...TASK_STATES]),
      storeId: wire.uuid,
      category: Type.String(),
      driverId: orNull(wire.uuid),
      createdAt: wire.instant,
      readyAt: wire.instant,
      dueAt: wire.instant,
      latestAt: wire.instant,
      closedAt: orNull(wire.instant),
    }),
    handedOverAt: Type.Union([wire.instant, Type.Null()], {
      description: "When the driver was at the customer's door, whether or not the check of the ID held.",
    }),
    lateMs: Type.Union([ms, Type.Null()], {description: 'From dueAt to handedOverAt; negative: before it was due.'}),
    verification: verdict,
    phases: Type.Array(
      Type.Object({kind: Type.Enum([...PHASE_KINDS]), from: orNull(wire.instant), until: orNull(wire.instant)}),
      {description: 'How its time was spent; the last may last. Elsewhere null is an instant that cannot be read.'},
    ),
    timeline: Type.Array(entry.ref, {description: 'In the order of the dossier.'}),
    offers: Type.Array(offer.ref, {description: 'By when they were opened.'}),
    offersLeftOut: Type.Integer({description: `Earlier ones, beyond the latest ${TRACE_OFFERS_LIMIT}.`}),
    refusalsLeftOut: Type.Integer({description: 'The same of refused proposals, of the ticks that are counted.'}),
  }),
);

export const traceShapes = [leg.shape, offer.shape, entry.shape, trace.shape];
export const traceRef = trace.ref;

export function traceToWire(traced: Trace): Static<typeof trace.shape> {
  const {dossier, nowMs, phases, offers, offersLeftOut, refusalsLeftOut} = traced;
  const {task} = dossier;
  const truths = truthsOf(traced);
  const handedOver = handedOverAtMs(traced);
  return {
    regionId: dossier.regionId,
    taskId: dossier.taskId,
    asOf: wire.toIso(nowMs),
    task: {
      state: task.state as TaskState,
      storeId: task.storeId,
      category: task.category,
      driverId: task.driverId,
      createdAt: wire.toIso(task.createdAtMs),
      readyAt: wire.toIso(task.readyAtMs),
      dueAt: wire.toIso(task.dueAtMs),
      latestAt: wire.toIso(task.latestAtMs),
      closedAt: wire.toIsoOrNull(task.closedAtMs),
    },
    handedOverAt: isoOf(handedOver),
    lateMs: handedOver === null || Number.isNaN(handedOver) ? null : handedOver - task.dueAtMs,
    verification: {ok: !dossier.flaw, firstBad: dossier.flaw ?? null},
    phases: phases.map(({kind, fromMs, untilMs}) => ({
      kind,
      from: isoOf(fromMs),
      until: isoOf(untilMs),
    })),
    timeline: storyOf(traced, clockOf('UTC')).map(entryToWire),
    offers: offers.map((each) => offerToWire(each, truths.get(each.offerId)!)),
    offersLeftOut,
    refusalsLeftOut,
  };
}

const entryToWire = ({kind, atMs, untilMs, ...told}: StoryEntry): Static<typeof entry.shape> => ({
  kind,
  at: isoOf(atMs),
  until: isoOf(untilMs),
  ...told,
});

function offerToWire(told: TracedOffer, {pickup, handover}: OfferTruth): Static<typeof offer.shape> {
  const {features: f, tick} = told;
  return {
    offerId: told.offerId,
    driverId: told.driverId,
    createdAt: wire.toIso(told.createdAtMs),
    expiresAt: wire.toIso(told.expiresAtMs),
    state: told.outcome ?? 'OPEN',
    endedAt: wire.toIsoOrNull(told.outcomeAtMs),
    reason: told.outcomeReason,
    tick: {
      id: told.tickId,
      at: wire.toIsoOrNull(tick?.atMs ?? null),
      trigger: tick?.trigger ?? null,
      solve: tick?.kind ?? null,
      certified: tick?.certified ?? null,
      replayable: tick?.isKept ?? false,
    },
    rank: f.rank,
    candidates: f.candidates,
    acceptance: f.acceptance ?? null,
    costMs: f.costMs ?? null,
    termMs: f.terms ? {...f.terms} : null,
    nextBestCostMs: f.nextBestCostMs ?? null,
    pickup: legToWire(pickup),
    handover: legToWire(handover),
  };
}

const legToWire = ({promisedAtMs, actualAtMs, ...told}: LegTruth): Static<typeof leg.shape> => ({
  ...told,
  promisedAt: wire.toIsoOrNull(promisedAtMs),
  actualAt: isoOf(actualAtMs),
});
