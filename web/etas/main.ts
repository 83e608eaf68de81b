// Promised against actual times: reads /internal/etas when something is chosen and each minute, and shows it. Every
// state has its own look: loading (nothing yet), live, nothing (nobody was delivered to), refused, lost (no answer),
// signed out.

import '../../src/api/page/page.css';
import '../styles/tones.css';
import '../styles/page.css';
import './etas.css';
import {get, getSlowly, Problem, withQuery} from '../daemon.ts';
import {byId, make, number, setText, timeOf} from '../dom.ts';
import {askToSignIn, isSigningIn, listenForToken, offerSignOut} from '../panels/sign-in.ts';
import type {Status} from '../wire.ts';
import {lateness, learned, minutesOf, overall, percent} from './findings.ts';
import {startPanels} from './panels.ts';
import type {LegName, LegReport, Report} from './report.ts';

const PERIOD_MS = 60_000;
const RETRY_MS = 3_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What may pass between this reading of the daemon's clock and the daemon's own. */
const DELAY_MS = 60_000;
const LOOKS = ['loading', 'live', 'nothing', 'refused', 'lost', 'signed-out'] as const;
const LEGS: readonly string[] = ['drop', 'pickup'] satisfies LegName[];
const DAYS: readonly string[] = ['1', '7', '28'];

const asked = new URLSearchParams(location.search);
let regionId = asked.get('region') ?? undefined;
const pickers = byId<HTMLFormElement>('pickers');
const show = startPanels(byId('plots'));
let standing: Report | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let reading: AbortController | undefined;

/** Radio buttons by name. */
const choice = (name: string) => pickers.elements.namedItem(name) as RadioNodeList;
const pick = (name: string, known: readonly string[]): void => {
  const value = asked.get(name);
  if (value !== null && known.includes(value)) choice(name).value = value;
};
pick('leg', LEGS);
pick('days', DAYS);
const legNow = () => choice('leg').value as LegName;

function look(name: (typeof LOOKS)[number], pill: string, banner = ''): void {
  for (const each of LOOKS) document.body.classList.toggle(each, each === name);
  document.body.classList.remove('reading');
  setText('pill', pill);
  setText('banner', banner);
  byId('banner').hidden = banner === '';
}

/** The newest wish is read; answers to those before are dropped. */
async function read(): Promise<void> {
  clearTimeout(timer);
  reading?.abort();
  reading = new AbortController();
  const {signal} = reading;
  let nextMs = PERIOD_MS;
  try {
    const status = await get<Status>(withQuery('/internal/status', {regionId}), signal);
    regionId = status.regionId;
    showRegions(status);
    // From the hour on, so that whoever looks within half a minute is answered the same report.
    const beginMs = Date.parse(status.at) + DELAY_MS - Number(choice('days').value) * DAY_MS;
    const since = new Date(Math.ceil(beginMs / HOUR_MS) * HOUR_MS).toISOString();
    const report = await getSlowly<Report>(withQuery('/internal/etas', {regionId, since}), signal);
    standing = report;
    showReport();
  } catch (error) {
    if (signal.aborted) return;
    nextMs = RETRY_MS;
    if (error instanceof Problem && error.status === 401) {
      look('signed-out', 'Signed out');
      askToSignIn();
      return;
    }
    if (error instanceof Problem && error.status < 500) {
      look('refused', 'Refused', `${error.title}. ${error.message}`);
      nextMs = PERIOD_MS;
    } else {
      look('lost', 'Disconnected', `${(error as Error).message} Trying again every few seconds.`);
    }
    if (!standing) setText('finding', 'Nothing can be shown');
  }
  timer = setTimeout(again, nextMs);
}

/** What stands fades until the answer to the new wish is there. */
function readNow(): void {
  document.body.classList.add('reading');
  void read();
}

/** A page that nobody looks at asks nothing. */
function again(): void {
  if (isSigningIn()) return;
  if (document.hidden) timer = setTimeout(again, RETRY_MS);
  else void read();
}

function showReport(): void {
  if (!standing) return;
  const leg = legNow();
  const report = standing[leg];
  look(standing.deliveries === 0 ? 'nothing' : 'live', 'Live');
  setText('finding', overall(leg, report));
  byId('figures').replaceChildren(...figuresOf(report));
  setText('about', aboutOf(standing, report));
  show(report, leg);
}

function figuresOf({all}: LegReport): HTMLElement[] {
  if (all.deliveries === 0) return [];
  const rows = [
    ['deliveries', number.format(all.deliveries)],
    ['median', lateness(all.p50Ms)],
    ['off on average', `${minutesOf(all.meanAbsMs)} min`],
    ['at most a minute late', percent(all.onTime, all.deliveries)],
  ] as const;
  return rows.map(([term, value]) => make('div', '', make('dt', '', term), make('dd', '', value)));
}

const dayTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;

function aboutOf({since, until, deliveries, onRoads, cut, timeZone}: Report, report: LegReport): string {
  const span = `Hand-overs from ${dayTime(since)} to ${dayTime(until)} UTC`;
  if (deliveries === 0)
    return `${span}. What is promised is logged with each offer, and compared once goods are at the door.`;
  const roads = onRoads === 0 ? 'roads are not known yet' : `roads and distances of ${number.format(onRoads)}`;
  const limit = cut ? ' There were more: these are the newest.' : '';
  return `${span}; ${roads}; hours of ${timeZone}; ${learned(report)}.${limit}`;
}

function showRegions({regions, regionId: shown, at}: Status): void {
  const select = byId<HTMLSelectElement>('region');
  select.hidden = regions.length < 2;
  setText('region-name', regions.length < 2 ? shown : '');
  select.replaceChildren(...regions.map((id) => new Option(id, id, false, id === shown)));
  byId<HTMLTimeElement>('clock').dateTime = at;
  setText('clock', `${at.slice(0, 10)} ${timeOf(at)} UTC`);
  byId<HTMLAnchorElement>('to-map').href = withQuery('/', {region: regions.length < 2 ? undefined : shown});
}

function keepInUrl(): void {
  const region = byId('region').hidden ? undefined : regionId;
  history.replaceState(null, '', withQuery(location.pathname, {region, days: choice('days').value, leg: legNow()}));
}

pickers.addEventListener('change', ({target}) => {
  keepInUrl();
  // Both legs are in a report.
  if ((target as HTMLInputElement).name === 'leg') showReport();
  else readNow();
});
pickers.addEventListener('submit', (event) => event.preventDefault());
byId<HTMLSelectElement>('region').addEventListener('change', ({target}) => {
  regionId = (target as HTMLSelectElement).value;
  standing = undefined;
  keepInUrl();
  readNow();
});

listenForToken();
await offerSignOut();
void read();
