// A trace as a page: no script, printable, in the region's time.

import {readFileSync} from 'node:fs';
import {Eta} from 'eta';
import type {Trace, TracedOffer} from '../db/traces.ts';
import {isoOf, latenessOf, localTimes, signedSpan, spanOf, type Told} from './told-times.ts';
import {barOf} from './trace-bar.ts';
import {handedOverAtMs, type LegTruth, type OfferTruth, type StoryEntry, storyOf, truthsOf} from './trace-story.ts';

// `<%= %>` escapes; there is no raw text in the template.
const eta = new Eta({autoEscape: true});
const TEMPLATE = eta.compile(readFileSync(new URL('./page/trace.eta', import.meta.url), 'utf8'));

/** `hasExplain`: whether the route that explains a tick answers this caller about this region. */
export function tracePage(trace: Trace, hasExplain: boolean): string {
  const {dossier, nowMs, offers, offersLeftOut, refusalsLeftOut} = trace;
  const {taskId, regionId, timeZone, task, flaw} = dossier;
  const times = localTimes(timeZone, task.createdAtMs);
  const {told} = times;
  const truths = truthsOf(trace);
  const offerOf = new Map(offers.map((offer) => [offer.offerId, offer]));
  const query = `?regionId=${regionId}`;
  return eta.render(TEMPLATE, {
    taskId,
    regionId,
    zone: times.zone,
    day: times.dayOf(task.createdAtMs),
    links: [
      [`/v1/tasks/${taskId}/dossier.html${query}`, 'Dossier'],
      [`/?region=${regionId}&task=${taskId}`, 'Live map'],
      [`/v1/tasks/${taskId}/trace${query}`, 'JSON'],
    ],
    flaw,
    eventCount: dossier.events.length,
    facts: [
      ['State', task.state],
      ['Store', task.storeId],
      ['Category', task.category],
      ['Driver', task.driverId ?? '–'],
      ['Ready', told(task.readyAtMs)],
      ['Due', told(task.dueAtMs)],
      ['At the latest', told(task.latestAtMs)],
      ['Handed over', handOverTold(trace, told)],
      ['As of', told(nowMs)],
    ],
    bar: barOf(trace, times),
    truths: offers
      .filter(({outcome}) => outcome === 'ACCEPTED')
      .map((offer) => ({
        ...offer,
        acceptedAt: told(offer.outcomeAtMs),
        legs: legsOf(truths.get(offer.offerId)!, told),
      })),
    entries: storyOf(trace, told).map((entry) => ({
      ...entry,
      at: isoOf(entry.atMs),
      when: told(entry.atMs),
      isBad: entry.seq !== null && entry.seq === flaw?.seq,
      ...detailsOf(entry, offerOf, trace, told),
    })),
    hasExplain,
    leftOut: [
      ...(offersLeftOut > 0 ? [`Of ${offersLeftOut} earlier offers only the events are told.`] : []),
      ...(refusalsLeftOut > 0 ? [`${refusalsLeftOut} earlier refused proposals are left out.`] : []),
    ],
  });
}

function handOverTold(trace: Trace, told: Told): string {
  const atMs = handedOverAtMs(trace);
  const {dueAtMs, closedAtMs} = trace.dossier.task;
  if (atMs !== null) return Number.isNaN(atMs) ? told(atMs) : `${told(atMs)}, ${latenessOf(atMs - dueAtMs)}`;
  if (closedAtMs !== null) return 'never';
  const leftMs = dueAtMs - trace.nowMs;
  return leftMs >= 0 ? `not yet: due in ${spanOf(leftMs)}` : `not yet: ${spanOf(-leftMs)} late so far`;
}

const legsOf = ({pickup, handover}: OfferTruth, told: Told) => [
  legOf('Pick-up', pickup, told),
  legOf('Hand-over', handover, told),
];

const legOf = (name: string, {roadMs, promisedAtMs, correctionMs, actualAtMs, lateMs}: LegTruth, told: Told) => ({
  name,
  promised: promisedAtMs === null ? 'no promise recorded' : told(promisedAtMs),
  came: told(actualAtMs),
  difference: lateMs === null ? '–' : latenessOf(lateMs),
  tone: lateMs === null ? '' : lateMs > 0 ? 'bad' : 'good',
  road: spanOf(roadMs),
  learned: correctionMs === null ? '–' : signedSpan(correctionMs),
});

/**
 * Of an entry that a tick made: the tick, how to ask it, and what was known of its offer. Nothing that the event says
 * of the tick stands in a command: somebody may have altered it.
 */
function detailsOf(
  {kind, offerId, tickId: toldId}: StoryEntry,
  offerOf: ReadonlyMap<string, TracedOffer>,
  {dossier: {taskId, regionId}, phases}: Trace,
  told: Told,
) {
  const offer = kind === 'offered' ? offerOf.get(offerId ?? '') : undefined;
  const refused =
    kind === 'refused' ? phases.flatMap(({refusals}) => refusals).find((each) => each.tickId === toldId) : undefined;
  const tickId = offer?.tickId ?? refused?.tickId;
  if (tickId === undefined) return {details: [], tick: undefined};
  const details = [...(offer ? offerDetails(offer, told) : []), ['tick', tickId] as const];
  return {
    details: details.filter(([, value]) => value !== null),
    tick: {
      isRecorded: refused !== undefined || offer?.tick !== null,
      isKept: offer?.tick?.isKept ?? refused?.isKept ?? false,
      explainHref: `/internal/dispatch/explain?regionId=${regionId}&tick=${tickId}&task=${taskId}`,
      commands: [`npx cloudrun explain ${tickId} --task ${taskId}`, `npx cloudrun replay ${tickId}`],
    },
  };
}

function offerDetails({features: f, tick, outcome, outcomeAtMs, outcomeReason}: TracedOffer, told: Told) {
  const terms = Object.entries(f.terms ?? {}).filter(([, ms]) => ms !== 0);
  const proof = tick && (tick.kind !== 'optimal' ? 'not proven' : tick.certified ? 'optimal, proven' : 'not certified');
  return [
    [
      'promised',
      f.pickupAtMs === undefined || f.dropAtMs === undefined
        ? 'nothing recorded'
        : `pick-up ${told(f.pickupAtMs)}, hand-over ${told(f.dropAtMs)}`,
    ],
    ['cost', terms.map(([name, ms]) => `${name} ${spanOf(ms)}`).join(' + ') || null],
    ['ended', outcome && `${outcome} at ${told(outcomeAtMs)}${outcomeReason === null ? '' : `: ${outcomeReason}`}`],
    ['tick of', tick && `${told(tick.atMs)}, ${tick.trigger === 'loop' ? 'by the loop' : 'on request'}`],
    ['answer', tick ? proof : 'without a record'],
  ] as const;
}
