// A dossier as a page for a regulator: no script, printable, and readable without this program once it is saved.

import {readFileSync} from 'node:fs';
import {Eta} from 'eta';
import type {Dossier} from '../db/dossiers.ts';
import type {DossierEvent} from '../domain/dossier.ts';
import {sentenceOf} from './dossier-sentences.ts';
import {detailOf, hex, type ToldEvent} from './dossier-shapes.ts';
import {clockOf, toldZone} from './told-times.ts';

const read = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');

// `<%= %>` escapes; the only raw text of the template is our own style sheet.
const eta = new Eta({autoEscape: true});
const TEMPLATE = eta.compile(read('dossier.eta'));
const STYLE = read('dossier.css');

/** `style`: a link, for a server whose policy allows nothing inline, or in the page, for a file. */
export function dossierPage(
  dossier: Dossier,
  style: 'link' | 'in-page',
  toldOf: (event: DossierEvent) => ToldEvent,
): string {
  const {taskId, regionId, timeZone, task, events, flaw, head} = dossier;
  const told = clockOf(timeZone);
  return eta.render(TEMPLATE, {
    taskId,
    regionId,
    timeZone: toldZone(timeZone),
    head,
    style: style === 'in-page' ? STYLE : undefined,
    flaw,
    facts: [
      ['State', task.state],
      ['Store', task.storeId],
      ['Address on record as', task.customerAddressId ?? '–'],
      ['Goods', `${task.units} × ${task.category}, value ${(task.valueCents / 100).toFixed(2)}`],
      ['Driver’s pay', (task.payCents / 100).toFixed(2)],
      ['Driver', task.driverId ?? '–'],
      ['Ready', told(task.readyAtMs)],
      ['Due', told(task.dueAtMs)],
      ['At the latest', told(task.latestAtMs)],
      ['Age check holds until', told(task.ageCheckUntilMs)],
      ['Ended', told(task.closedAtMs)],
      ['Kept until', task.legalHold ? 'on legal hold' : told(task.keptUntilMs)],
    ],
    events: events.map(toldOf).map((event) => ({
      ...event,
      sentence: sentenceOf(event, told),
      when: told(Date.parse(event.at)),
      details: Object.entries(detailOf(event) ?? {}).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
      prevHash: hex(event.prevHash),
      hash: hex(event.hash),
      isBad: event.seq === flaw?.seq,
    })),
  });
}
