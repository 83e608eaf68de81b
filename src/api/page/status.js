// The status page: reads /internal/status each second and shows it. Every state of the connection has its own look:
// loading (nothing yet), live, paused, unready (a readiness check fails), lost (no answer, or a problem), signed out.

import {startMap} from './map.js';
import {askToSignIn, isSigningIn, offerSignOut} from './sign-in.js';

const PERIOD_MS = 1_000;
const PATIENCE_MS = 5_000;
/** The stages in the order they run: a record keeps their times by name alone. */
const STAGES = [
  'snapshot',
  'eligibility',
  'candidates',
  'etas',
  'pairs',
  'acceptance',
  'costs',
  'problem',
  'seed',
  'solve',
  'certificate',
  'offers',
  'record',
];
/** One that this page does not know yet is shown as the last. */
const placeOf = (stage) => (STAGES.includes(stage) ? STAGES.indexOf(stage) : STAGES.length - 1);
const inOrder = (stageMs) => Object.entries(stageMs).sort(([a], [b]) => placeOf(a) - placeOf(b));
const LOOKS = ['loading', 'live', 'paused', 'standby', 'unready', 'lost', 'signed-out'];

const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('en');
const words = (name) => name.toLowerCase().replaceAll('_', ' ');

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function setText(id, text) {
  byId(id).textContent = text;
}

let regionId = new URLSearchParams(location.search).get('region');
const map = startMap(() => regionId);

async function read() {
  const query = regionId ? `?regionId=${encodeURIComponent(regionId)}` : '';
  const answer = await fetch(`/internal/status${query}`, {signal: AbortSignal.timeout(PATIENCE_MS)});
  const body = await answer.json();
  if (answer.status === 401) return signedOut();
  if (!answer.ok) throw new Error(`${body.title}.`);
  return body;
}

async function turn() {
  try {
    if (!document.hidden && !isSigningIn()) show(await read().catch(lost));
  } finally {
    setTimeout(turn, PERIOD_MS);
  }
}

function signedOut() {
  look('signed-out', 'Signed out');
  askToSignIn();
}

/** A fetch that reached nobody says so in words of its own browser; a problem document says what is wrong. */
function lost(error) {
  const reached = !(error instanceof TypeError) && error.name !== 'TimeoutError';
  const sentence = reached ? error.message : 'The daemon does not answer.';
  look('lost', 'Disconnected', `${sentence} Trying again each second.`);
}

function look(name, label, sentence = '') {
  document.body.classList.remove(...LOOKS);
  document.body.classList.add(name);
  if (byId('pill').textContent !== label) setText('pill', label);
  if (byId('banner').textContent !== sentence) setText('banner', sentence);
  byId('banner').hidden = sentence === '';
}

function show(status) {
  if (!status) return;
  regionId = status.regionId;
  showRegions(status);
  if (status.failing.length > 0) {
    look('unready', 'Not ready', status.failing.map(({name, detail}) => `${name}: ${detail}`).join(' · '));
  } else if (!leaseOf(status)?.here) {
    const owner = leaseOf(status)?.owner;
    look('standby', 'Stands by', owner ? `${owner} dispatches this region.` : 'This region is about to be taken.');
  } else if (status.paused) {
    look('paused', 'Paused', 'This region is paused: offers expire, and no tick decides anything.');
  } else {
    look('live', 'Live');
  }
  showClock(status);
  const [last] = status.ticks;
  if (last) showTick(last, status);
  setText('open', number.format(status.openOffers));
  showBars('offers', status.offers);
  showBars('drivers', status.drivers);
  showBars('tasks', status.tasks);
  showTicks(status.ticks);
  setText('version', `CloudRun ${status.codeVersion}`);
  map.refresh();
}

const leaseOf = ({leases, regionId: shown}) => leases.find((lease) => lease.regionId === shown);

function showRegions({regions, regionId: shown}) {
  const select = byId('region');
  select.hidden = regions.length < 2;
  setText('region-name', regions.length < 2 ? shown : '');
  if (select.options.length === regions.length) return;
  select.replaceChildren(...regions.map((id) => new Option(id, id, false, id === shown)));
}

byId('region').addEventListener('change', ({target}) => {
  regionId = target.value;
  history.replaceState(null, '', `?region=${encodeURIComponent(regionId)}`);
  map.restart();
});

const timeOf = (iso) => iso.slice(11, 19);

function showClock({at, timeScale}) {
  byId('clock').dateTime = at;
  setText('clock', `${at.slice(0, 10)} ${timeOf(at)} UTC${timeScale === 1 ? '' : ` · ×${timeScale}`}`);
}

const totalOf = (stageMs) => Object.values(stageMs).reduce((sum, ms) => sum + ms, 0);
const inMs = (ms) => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toString());

/** [sentence, tone] of how good the answer is known to be. */
function proofOf({kind, certified, totalMs, boundMs}) {
  if (kind === 'optimal' && certified) return ['optimal, proven', 'good'];
  if (kind === 'optimal') return ['not certified', 'warn'];
  const gap = totalMs === 0 ? 0 : (totalMs - boundMs) / totalMs;
  return [`within ${(gap * 100).toFixed(2)} %`, 'warn'];
}

function showTick(tick, {ticks}) {
  const [sentence, tone] = proofOf(tick.solve);
  byId('proof').className = `proof ${tone}`;
  setText('proof', sentence);
  setText('tick-id', `${timeOf(tick.at)} · ${tick.id}`);
  setText('took', `${inMs(totalOf(tick.stageMs))} ms`);
  setText('pairs', number.format(tick.counts.pairs));
  setText('landed', number.format(tick.counts.landed));
  const series = ticks.map(({stageMs}) => totalOf(stageMs)).reverse();
  const top = Math.max(...series, 1);
  const step = 200 / Math.max(series.length - 1, 1);
  const points = series.map((ms, i) => `${(i * step).toFixed(1)},${(34 - (ms / top) * 32).toFixed(1)}`);
  byId('spark').firstElementChild.setAttribute('points', points.join(' '));
}

function showBars(id, counts) {
  const top = Math.max(...Object.values(counts), 1);
  const rows = Object.entries(counts).flatMap(([name, count]) => {
    const zero = count === 0 ? ' zero' : '';
    const meter = make('div', 'meter');
    const fill = make('i', `s-${name}`);
    fill.style.width = `${(100 * count) / top}%`;
    meter.append(fill);
    return [make('span', zero, words(name)), meter, make('b', zero, number.format(count))];
  });
  const box = byId(id);
  if (box.children.length !== rows.length) return box.replaceChildren(...rows);
  // Widths are changed in place, so that they glide.
  for (const [i, row] of rows.entries()) {
    const standing = box.children[i];
    if (row.className !== 'meter') standing.replaceWith(row);
    else standing.firstElementChild.style.width = row.firstElementChild.style.width;
  }
}

function showTicks(ticks) {
  if (ticks.length === 0) {
    const cell = make('td', 'empty', 'No tick yet: the loop makes one each second, or POST /internal/dispatch/tick.');
    cell.colSpan = 9;
    const row = make('tr');
    row.append(cell);
    byId('ticks').replaceChildren(row);
    return;
  }
  const key = ([stage]) => {
    const item = make('span', '', stage);
    item.prepend(make('i', `stage-${placeOf(stage)}`));
    return item;
  };
  byId('stages').replaceChildren(...inOrder(ticks[0].stageMs).map(key));
  const slowest = Math.max(...ticks.map(({stageMs}) => totalOf(stageMs)), 1);
  byId('ticks').replaceChildren(...ticks.map((tick) => tickRow(tick, slowest)));
}

function tickRow({at, counts, stageMs, solve}, slowest) {
  const [sentence, tone] = proofOf(solve);
  const stack = make('div', 'stack');
  for (const [stage, ms] of inOrder(stageMs)) {
    const part = make('i', `stage-${placeOf(stage)}`);
    part.style.width = `${(100 * ms) / slowest}%`;
    part.title = `${stage} ${inMs(ms)} ms`;
    stack.append(part);
  }
  const last = make('td');
  last.append(stack);
  const row = make('tr');
  row.append(
    make('td', '', timeOf(at)),
    make('td', `tag-${tone}`, sentence),
    make('td', 'n', `${number.format(counts.eligibleDrivers)} of ${number.format(counts.drivers)}`),
    make('td', 'n', `${number.format(counts.eligibleTasks)} of ${number.format(counts.tasks)}`),
    ...[counts.pairs, counts.landed, counts.refused].map((count) => make('td', 'n', number.format(count))),
    make('td', 'n', inMs(totalOf(stageMs))),
    last,
  );
  return row;
}

offerSignOut();
turn();
