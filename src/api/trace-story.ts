// The trace of a task as a story: what happened, in order, each with a sentence; and what its offers promised against
// what came.

import type {Trace, TracedOffer, TracedPhase} from '../db/traces.ts';
import {REFUSED} from '../dispatch/explain/sentences.ts';
import type {DossierEvent} from '../domain/dossier.ts';
import {sentenceOf} from './dossier-sentences.ts';
import {detailOf} from './dossier-shapes.ts';
import {spanOf, type Told} from './told-times.ts';

export type StoryEntry = {
  /** Of an event; or 'waited', 'refused'. */
  readonly kind: string;
  /** NaN, as `untilMs`: it cannot be read. */
  readonly atMs: number;
  /** Of a wait that is over. */
  readonly untilMs: number | null;
  /** The number of the event in the dossier. */
  readonly seq: number | null;
  readonly actor: string | null;
  readonly sentence: string;
  readonly offerId: string | null;
  readonly tickId: string | null;
  readonly driverId: string | null;
  readonly reason: string | null;
  /** Of a wait. */
  readonly ticks: number | null;
  /** Of a wait: whether more ran before these. */
  readonly ticksCutOff: boolean | null;
};

type Entry = Partial<StoryEntry> & Pick<StoryEntry, 'kind' | 'atMs' | 'sentence'>;

const entryOf = (told: Entry): StoryEntry => ({
  untilMs: null,
  seq: null,
  actor: null,
  offerId: null,
  tickId: null,
  driverId: null,
  reason: null,
  ticks: null,
  ticksCutOff: null,
  ...told,
});

/** The events of the dossier in its order; after each that begins a wait, the wait and what was proposed in vain. */
export function storyOf(trace: Trace, told: Told): StoryEntry[] {
  const offers = new Map(trace.offers.map((offer) => [offer.offerId, offer]));
  return trace.dossier.events.flatMap((event) => {
    const detail = detailOf(event);
    const phase = trace.phases.find(({seq}) => seq === event.seq);
    return [
      entryOf({
        kind: event.kind,
        atMs: Date.parse(event.at),
        seq: event.seq,
        actor: event.actor,
        sentence: sentenceOfEvent(event, offers, told),
        offerId: textIn(detail, 'offer'),
        tickId: textIn(detail, 'tick'),
        driverId: textIn(detail, 'driver'),
        reason: textIn(detail, 'reason'),
      }),
      ...(phase?.kind === 'waiting' ? waitOf(phase, trace) : []),
    ];
  });
}

const textIn = (detail: Readonly<Record<string, unknown>> | null, name: string): string | null => {
  const value = detail?.[name];
  return typeof value === 'string' ? value : null;
};

function sentenceOfEvent(event: DossierEvent, offers: ReadonlyMap<string, TracedOffer>, told: Told): string {
  const detail = detailOf(event);
  const offer = offers.get(textIn(detail, 'offer') ?? '');
  if (event.kind !== 'offered' || !detail || !offer) return sentenceOf(event, told);
  const {rank, candidates, costMs, nextBestCostMs, acceptance} = offer.features;
  const place =
    candidates === 1 ? 'its only candidate' : `${rank === 0 ? '' : `${ordinal(rank + 1)} `}cheapest of ${candidates}`;
  const offered =
    `It was offered to driver ${offer.driverId}, open until ${told(offer.expiresAtMs)} (offer number ` +
    `${detail.attempt}): ${place}`;
  if (costMs === undefined || acceptance === undefined) return `${offered}.`;
  const next = nextBestCostMs == null ? '' : `; the next best would have cost ${spanOf(nextBestCostMs)}`;
  return (
    `${offered}, at a cost of ${spanOf(costMs)}${next}. The driver was thought to accept with ` +
    `${Math.round(acceptance * 100)} %.`
  );
}

const ORDINALS: Readonly<Record<string, string>> = {one: 'st', two: 'nd', few: 'rd', other: 'th'};
const ordinalRules = new Intl.PluralRules('en', {type: 'ordinal'});
const ordinal = (n: number): string => `${n}${ORDINALS[ordinalRules.select(n)]}`;

function waitOf({fromMs, untilMs, ticks, isCut, refusals}: TracedPhase, {nowMs}: Trace): StoryEntry[] {
  if (ticks === null) {
    const sentence = 'It waited; for how long cannot be read.';
    return [entryOf({kind: 'waited', atMs: fromMs, untilMs, sentence})];
  }
  const spent = spanOf((untilMs ?? nowMs) - fromMs);
  const lasts = untilMs === null ? `It has been waiting for ${spent} so far` : `It waited ${spent}`;
  const ran =
    ticks === 0
      ? `${isCut ? 'the ticks that ran meanwhile are not counted' : 'no tick ran meanwhile'}.`
      : `${isCut ? 'at least ' : ''}${ticks === 1 ? '1 tick' : `${ticks} ticks`} ran meanwhile and offered it to ` +
        `nobody${isCut ? '; of those before them nothing is told' : ''}.`;
  // One that is offered at once has not waited.
  const isTold = untilMs !== fromMs || ticks !== 0 || isCut;
  const wait = {atMs: fromMs, untilMs, ticks, ticksCutOff: isCut, sentence: `${lasts}: ${ran}`};
  return [
    ...(isTold ? [entryOf({kind: 'waited', ...wait})] : []),
    ...refusals.map(({atMs, tickId, driverId, refusal}) => {
      const why = REFUSED[refusal] ?? 'by then the rule of this code forbade it';
      const sentence = `It was proposed to driver ${driverId}, which the commit refused (${refusal}): ${why}.`;
      return entryOf({kind: 'refused', atMs, actor: 'dispatch', sentence, tickId, driverId, reason: refusal});
    }),
  ];
}

/** Of one leg: what the road took, what was promised of it, what came. Instants are epoch ms. */
export type LegTruth = {
  readonly roadMs: number;
  /** null: the log has no promise. */
  readonly promisedAtMs: number | null;
  /** How much of the promise was learned. */
  readonly correctionMs: number | null;
  /** null: it did not come to it, by this offer; NaN: it did, and when cannot be read. */
  readonly actualAtMs: number | null;
  /** After the promise; negative: before it. */
  readonly lateMs: number | null;
};

export type OfferTruth = {readonly pickup: LegTruth; readonly handover: LegTruth};

const HANDOVERS = ['delivered', 'verification-failed'];

/** Of every offer that is told, by its id. */
export function truthsOf({dossier, offers}: Trace): ReadonlyMap<string, OfferTruth> {
  const pickedUpAt = new Map<string | null, string>();
  const handedOverAt = new Map<string | null, string>();
  for (const event of dossier.events) {
    const at = event.kind === 'picked-up' ? pickedUpAt : HANDOVERS.includes(event.kind) ? handedOverAt : undefined;
    at?.set(textIn(detailOf(event), 'offer'), event.at);
  }
  return new Map(
    offers.map(({offerId, features: f}) => [
      offerId,
      {
        pickup: legOf(f.pickupMs, f.pickupAtMs, f.pickupCorrectionMs, pickedUpAt.get(offerId)),
        handover: legOf(f.dropMs, f.dropAtMs, f.dropCorrectionMs, handedOverAt.get(offerId)),
      },
    ]),
  );
}

function legOf(
  roadMs: number,
  promisedAtMs: number | null = null,
  correctionMs: number | null = null,
  at: string | undefined,
): LegTruth {
  const actualAtMs = at === undefined ? null : Date.parse(at);
  const lateMs =
    promisedAtMs === null || actualAtMs === null || Number.isNaN(actualAtMs) ? null : actualAtMs - promisedAtMs;
  return {roadMs, promisedAtMs, correctionMs, actualAtMs, lateMs};
}

/** When somebody was at the customer's door, whether or not the goods were handed over; null until then, or NaN. */
export function handedOverAtMs({dossier}: Trace): number | null {
  const event = dossier.events.findLast(({kind}) => HANDOVERS.includes(kind));
  return event ? Date.parse(event.at) : null;
}
