// What if: a recorded tick under other circumstances, its two decisions side by side on maps and in figures. The
// address says what is asked, so that it can be handed on. States of the page: loading (nothing yet), a choice of ticks
// (none is named, or this one cannot be decided again), shown, deciding (faded, with what stood last), refused (the
// change, not the tick), lost (no answer), signed out.

import '../../src/api/page/page.css';
import '../styles/tones.css';
import '../styles/page.css';
import '../styles/panels.css';
import '../styles/map.css';
import '../styles/legend.css';
import './what-if.css';
import {get, Problem, sendSlowly, withQuery} from '../daemon.ts';
import {button, byId, make, number, setText, timeOf} from '../dom.ts';
import type {RoadsState} from '../map/road-map.ts';
import {askToSignIn, listenForToken, offerSignOut} from '../panels/sign-in.ts';
import type {Status, Tick} from '../wire.ts';
import type {WhatIf} from './answer.ts';
import {showFigures} from './figures.ts';
import {startForm} from './form.ts';
import {startMoves} from './moves.ts';
import {addressOf, bodyOf, isChanged, NO_CHANGES, type Question, questionIn} from './question.ts';
import type {Picked} from './side-picture.ts';
import {openTwinMaps, type TwinMaps} from './twin-maps.ts';

const LOOKS = ['loading', 'choosing', 'live', 'deciding', 'refused', 'lost', 'signed-out'] as const;
const TICKS_TOLD = 20;
/** What may be wrong with the change, and not with the tick or the daemon. */
const OF_THE_CHANGE = new Set([400, 422]);
/** Roads that load, a line that is full, or another epoch: it may be otherwise when it is asked again. */
const mayPass = ({status}: Problem): boolean => status >= 500 || status === 409;

let question = questionIn(location.search);
let answer: WhatIf | undefined;
let picked: Picked | undefined;
let hovered: Picked | undefined;
let asking = new AbortController();
/** What `answer` answers. */
let answered = question;
/** What had the focus before the box of what is picked. */
let returnTo: HTMLElement | undefined;

const ROAD_NOTES: Readonly<Record<RoadsState, string>> = {
  drawn: '',
  failed: 'The road network cannot be reached. The next change asks for it again.',
  undrawable: 'This browser cannot draw the maps: it has no WebGL 2. Figures and form work.',
};

const form = startForm({
  questionNow: () => question,
  change: (changes) => void ask({...question, ...changes}),
  reset: () => void ask({...question, ...NO_CHANGES}),
});
/** Opened once there is something to show: a map that is out of sight has no size. */
let maps: TwinMaps | undefined;
const openMaps = () =>
  openTwinMaps({
    onPick(found, free) {
      if (free) form.addDriver(free);
      else pick(found);
    },
    onHover: hover,
    onRoads(state) {
      setText('map-note', ROAD_NOTES[state]);
      byId('maps').dataset.roads = state;
    },
  });
const moves = startMoves({form, onHover: hover, onPick: open});

function hover(found: Picked | undefined): void {
  if (found?.id === hovered?.id) return;
  hovered = found;
  maps?.highlight(found ?? picked);
}

function pick(found: Picked | undefined): void {
  const {activeElement} = document;
  if (found && !byId('picked').contains(activeElement)) returnTo = activeElement as HTMLElement;
  picked = found;
  maps?.highlight(picked);
  if (answer) moves.showPicked(answer, picked);
}

/** By a button: the focus goes along, and back when it is closed. */
function open(found: Picked): void {
  pick(found);
  byId('picked-title').focus();
}

function close(): void {
  const wasFocused = byId('picked').contains(document.activeElement);
  pick(undefined);
  if (wasFocused) (standing(returnTo) ?? byId('add-driver')).focus();
}

/** Lists are made anew with each answer. */
function standing(element: HTMLElement | undefined): HTMLElement | undefined {
  if (element?.isConnected) return element;
  const rows = [...document.querySelectorAll<HTMLElement>('[data-key]')];
  return rows.find(({dataset}) => dataset.key === element?.dataset.key);
}

/** Added drivers are named by their order: once one is gone, a name is another's. */
const isRenamed = (by: Question): boolean =>
  answer?.addedDrivers.includes(picked?.id ?? '') === true &&
  answered.addDrivers.some((at, i) => at !== by.addDrivers[i]);

/** `again` is offered beside the banner. */
function look(name: (typeof LOOKS)[number], pill: string, banner = '', again?: () => Promise<void>): void {
  for (const each of LOOKS) document.body.classList.toggle(each, each === name);
  setText('pill', pill);
  const bar = byId('banner');
  const wasFocused = bar.contains(document.activeElement);
  const offered = again && button('quiet', 'Ask again', again);
  bar.replaceChildren(banner, ...(offered ? [offered] : []));
  bar.hidden = banner === '';
  if (wasFocused) (offered ?? byId('title')).focus();
}

/** The last question that was asked is the one that is answered. */
async function ask(next: Question): Promise<void> {
  if (isRenamed(next)) close();
  question = next;
  form.mark(question);
  if (answer) moves.showPicked(answer, picked);
  history.replaceState(null, '', addressOf(question));
  asking.abort();
  asking = new AbortController();
  const {signal} = asking;
  look(answer ? 'deciding' : 'loading', 'Deciding…');
  maps?.retry();
  try {
    const found = await sendSlowly<WhatIf>('POST', '/internal/dispatch/what-if', bodyOf(question), signal);
    if (!signal.aborted) show(found);
  } catch (error) {
    if (!signal.aborted) await refused(error).catch((problem) => fail(problem, askAgain));
  }
}

const askAgain = () => ask(question);

function show(found: WhatIf): void {
  const wasRenamed = isRenamed(question);
  [answer, answered] = [found, question];
  byId('choice').hidden = true;
  byId('main').hidden = false;
  setText('tick-name', `tick ${found.tickId.slice(-6)} of ${found.at.slice(0, 10)} ${timeOf(found.at)} UTC`);
  form.show(found, question);
  showFigures(found.before, found.after);
  moves.show(found);
  const isThere = [...found.map.drivers, ...found.map.tasks].some(([id]) => id === picked?.id);
  if (picked && (wasRenamed || !isThere)) close();
  moves.showPicked(found, picked);
  maps ??= openMaps();
  maps.show(found);
  maps.highlight(picked);
  look('live', verdictOf(found));
}

function verdictOf({same, moved}: WhatIf): string {
  if (same) return isChanged(question) ? 'Decided the same' : 'As it was';
  return moved.length === 1 ? '1 task moves' : `${number.format(moved.length)} tasks move`;
}

async function refused(error: unknown): Promise<void> {
  if (!(error instanceof Problem) || error.status === 401) return fail(error, askAgain);
  const again = mayPass(error) ? askAgain : undefined;
  if (answer?.tickId === question.tick) {
    if (again) return look('refused', error.title, error.message, again);
    form.tell(error.message);
    return look('refused', error.title);
  }
  // The change does not fit the tick: it is shown as it was, with what is wrong with the change.
  if (OF_THE_CHANGE.has(error.status) && isChanged(question)) {
    await ask({...question, ...NO_CHANGES});
    return form.tell(error.message);
  }
  await choose(error.title, error.message, again);
}

function fail(error: unknown, again: () => Promise<void>): void {
  if (!(error instanceof Problem && error.status === 401)) {
    look('lost', 'Disconnected', (error as Error).message, again);
    return;
  }
  look('signed-out', 'Signed out');
  askToSignIn();
}

/** Lists ticks; `banner` says why the one that was asked for is not shown. */
async function choose(pill: string, banner = '', again?: () => Promise<void>): Promise<void> {
  const {regionId} = question;
  const {ticks} = await get<{ticks: Tick[]}>(withQuery('/internal/dispatch/ticks', {regionId, last: `${TICKS_TOLD}`}));
  look('choosing', pill, banner, again);
  byId('choice').hidden = false;
  byId('ticks-empty').hidden = ticks.length > 0;
  byId('ticks').replaceChildren(
    ...ticks.map(({id, at, counts}) => {
      const row = make('a', 'row');
      row.href = addressOf({...question, ...NO_CHANGES, tick: id});
      row.append(
        make('span', 'mono', id.slice(-6)),
        make('span', '', `${at.slice(0, 10)} ${timeOf(at)}`),
        make(
          'span',
          'dim n',
          `${counts.eligibleTasks} tasks, ${counts.eligibleDrivers} drivers, ${counts.proposed} asked`,
        ),
      );
      return make('li', '', row);
    }),
  );
}

function showRegions({regions, regionId}: Status): void {
  const select = byId<HTMLSelectElement>('region');
  select.hidden = regions.length < 2;
  setText('region-name', regions.length < 2 ? regionId : '');
  select.replaceChildren(...regions.map((id) => new Option(id, id, false, id === regionId)));
  select.onchange = () => location.assign(withQuery('/what-if', {region: select.value}));
}

async function begin(): Promise<void> {
  try {
    const status = await get<Status>(withQuery('/internal/status', {regionId: question.regionId}));
    question = {...question, regionId: status.regionId};
    showRegions(status);
    setText('attribution', status.attribution ?? '');
    if (question.tick === undefined) await choose('Choose a tick');
    else await ask(question);
  } catch (error) {
    fail(error, begin);
  }
}

byId('picked-close').addEventListener('click', close);
document.addEventListener('keydown', ({key}) => {
  if (key === 'Escape') close();
});

listenForToken();
await offerSignOut();
await begin();
