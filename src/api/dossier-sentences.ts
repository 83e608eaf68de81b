// What an event says, as a sentence for somebody who has never seen a program.

import type {DossierEvent} from '../domain/dossier.ts';
import {detailOf} from './dossier-shapes.ts';
import type {Told} from './told-times.ts';

type Detail = Readonly<Record<string, unknown>>;

/** The kinds that dispatch writes (docs/DOSSIER.md). */
const SENTENCES: Readonly<Record<string, (d: Detail, who: string, told: Told) => string>> = {
  created: (d, _who, told) =>
    `The order was taken: ${count(d.units, 'unit')} of ${d.category}, worth ${money(d.valueCents)}, from store ` +
    `${d.store}${d.address ? ` to the address on record as ${d.address}` : ''}. ${ageCheck(d, told)}`,
  offered: (d, _who, told) =>
    `It was offered to driver ${d.driver}, open until ${told(Date.parse(`${d.expiresAt}`))} ` +
    `(offer number ${d.attempt}). Every rule held ` +
    `just then, by version ${d.driverCompliance} of what is known of the driver and version ${d.regionCompliance} of ` +
    `the region’s rules.`,
  accepted: (d) => `Driver ${d.driver} accepted the offer.`,
  rejected: (d) => `Driver ${d.driver} rejected the offer${because(d)}.`,
  'timed-out': (d) => `Driver ${d.driver} let the offer pass.`,
  'picked-up': (d) => `The store handed the goods to driver ${d.driver}${counted(d)}.`,
  delivered: (d) => `Driver ${d.driver} handed the goods over in person${scanned(d)}.`,
  'verification-failed': (d) =>
    `The check of the ID failed at the hand-over${because(d)}${scanned(d)}. The goods go back.`,
  returned: (d, who) => `The goods are back at the store${counted(d)}, as told by ${who}.`,
  released: (d, who) => `Driver ${d.driver} was released before pickup by ${who}${because(d)}.`,
  cancelled: (d, who) => `The order was called off by ${who}${because(d)}.`,
  failed: (d) => `The order could no longer be served${because(d)}.`,
  're-opened': (d, who) => `The order was opened again by ${who}${because(d)}.`,
  'hold-set': (d, who) => `A legal hold was set by ${who}${because(d)}: the dossier is kept until it is lifted.`,
  'hold-lifted': (d, who) => `The legal hold was lifted by ${who}${because(d)}.`,
};

/** Never fails: what is unknown or damaged is called so. */
export function sentenceOf(event: DossierEvent, told: Told): string {
  const detail = detailOf(event);
  if (!detail) return 'The text of this event cannot be read.';
  const who = /^driver:/.test(event.actor) ? event.actor.replace(':', ' ') : `the ${event.actor}`;
  const sentence = Object.hasOwn(SENTENCES, event.kind) ? SENTENCES[event.kind] : undefined;
  return sentence ? sentence(detail, who, told) : `${event.kind}, by ${who}.`;
}

const because = ({reason}: Detail): string => (reason === undefined ? '' : `, with the reason “${reason}”`);

const counted = ({verification, unitsMissing}: Detail): string => {
  if (!isDetail(verification)) return '';
  const missing = unitsMissing ? `, ${count(unitsMissing, 'unit')} fewer than went out` : '';
  return `; ${verification.verifiedBy} of the store counted ${count(verification.units, 'unit')}${missing}`;
};

const scanned = ({idScan}: Detail): string => {
  if (!isDetail(idScan)) return '';
  const age = idScan.over21 ? 'over 21' : 'not over 21';
  return (
    `; a scan (${idScan.method}) of a document (${idScan.documentKind}, valid to ${idScan.documentExpiresOn}) ` +
    `${idScan.result}, ${age}`
  );
};

const isDetail = (value: unknown): value is Detail => typeof value === 'object' && value !== null;

const ageCheck = ({ageCheckUntil, purchaserHmac}: Detail, told: Told): string =>
  ageCheckUntil
    ? `The purchaser had passed an age check that holds until ${told(Date.parse(`${ageCheckUntil}`))}` +
      `${purchaserHmac ? ', and is known here by a hash alone' : ''}.`
    : 'No age check had been passed.';

const count = (n: unknown, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const money = (cents: unknown): string => (Number(cents) / 100).toFixed(2);
