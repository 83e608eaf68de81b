// The drawer of one task or driver: facts, whether it may be dispatched and why not, and of a task what happened to it.
// Its states: reading, shown, refused (the scopes of the caller do not show it), gone, unheard.

import {get, Problem, withQuery} from '../daemon.ts';
import {button, byId, facts, make, money, setText, shortId, timeOf, words} from '../dom.ts';
import type {Selected} from '../map/route.ts';
import {spanOf} from '../span.ts';
import type {Dossier, Driver, Eligibility, LiveMap, Task} from '../wire.ts';
import {whyBox} from './why.ts';

export type DrawerPort = {
  readonly regionOf: () => string;
  readonly liveNow: () => LiveMap | undefined;
  readonly onSelect: (selected: Selected | undefined) => void;
  readonly onReach: (place: {name: string; lon: number; lat: number; direction: 'from' | 'to'}) => void;
  readonly goTo: (lon: number, lat: number) => void;
  readonly focusMap: () => void;
};

export function startDrawer(port: DrawerPort) {
  const drawer = byId('drawer');
  const body = byId('drawer-body');
  let selected: Selected | undefined;
  let reading = new AbortController();
  let opener: HTMLElement | undefined;
  /** Of the task that is shown: an answer stays while all around it is read anew. */
  let why: HTMLElement | undefined;
  /** How long the way by road takes, as last told. */
  let wayS: number | undefined;
  byId('drawer-close').addEventListener('click', close);

  function open(next: Selected): void {
    if (drawer.hidden) opener = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
    selected = next;
    wayS = why = undefined;
    drawer.hidden = false;
    drawer.dataset.kind = next.kind;
    setText('drawer-title', `${next.kind === 'task' ? 'Task' : 'Driver'} ${shortId(next.id)}`);
    byId('drawer-title').title = next.id;
    body.replaceChildren(make('p', 'empty', 'Reading…'));
    drawer.dataset.state = 'reading';
    port.onSelect(next);
    byId('drawer-title').focus();
    void read();
  }

  function close(): boolean {
    if (drawer.hidden) return false;
    reading.abort();
    drawer.hidden = true;
    selected = undefined;
    port.onSelect(undefined);
    // The list that it was opened from may have been written anew meanwhile.
    const key = opener?.dataset.key;
    const again =
      key === undefined ? opener : document.querySelector<HTMLElement>(`main [data-key="${CSS.escape(key)}"]`);
    if (again?.isConnected && again !== document.body) again.focus();
    else port.focusMap();
    return true;
  }

  async function read(): Promise<void> {
    if (!selected) return;
    const {kind, id} = selected;
    reading.abort();
    reading = new AbortController();
    const {signal} = reading;
    const ask = <T>(path: string) =>
      get<T>(withQuery(`/v1/${kind}s/${id}${path}`, {regionId: port.regionOf()}), signal);
    try {
      const parts =
        kind === 'task'
          ? taskParts(
              ...(await Promise.all([ask<Task>(''), ask<Eligibility>('/eligibility'), ask<Dossier>('/dossier')])),
            )
          : driverParts(...(await Promise.all([ask<Driver>(''), ask<Eligibility>('/eligibility')])));
      if (signal.aborted) return;
      drawer.dataset.state = 'shown';
      keepPlace(() => body.replaceChildren(...parts));
    } catch (error) {
      if (signal.aborted) return;
      const isRefused = error instanceof Problem && error.status === 403;
      // What was read before stays while nobody answers: the banner tells.
      if (!(error instanceof Problem) && drawer.dataset.state === 'shown') return;
      drawer.dataset.state = isRefused ? 'refused' : error instanceof Problem ? 'gone' : 'unheard';
      const sentence = isRefused
        ? 'A token with the scope ops or services shows more of it.'
        : (error as Error).message;
      body.replaceChildren(...liveFacts(), make('p', 'note', sentence));
    }
  }

  /** Whoever reads or tabs through it is where they were. */
  function keepPlace(change: () => void): void {
    const at = drawer.scrollTop;
    const stops = () => [...body.querySelectorAll<HTMLElement>('a, button')];
    const held = stops().find((stop) => stop === document.activeElement);
    const index = held ? stops().indexOf(held) : -1;
    change();
    drawer.scrollTop = at;
    if (held) (held.isConnected ? held : stops()[index])?.focus({preventScroll: true});
  }

  /** What the live map tells, for those who are told no more. */
  function liveFacts(): HTMLElement[] {
    const live = port.liveNow();
    if (!live || !selected) return [];
    const {kind, id} = selected;
    const driver = live.drivers.find(([each]) => kind === 'driver' && each === id);
    if (driver)
      return [
        facts([
          ['id', id],
          ['status', words(live.statuses[driver[3]] ?? '')],
        ]),
      ];
    const task = live.tasks.find(([each]) => kind === 'task' && each === id);
    return task
      ? [
          facts([
            ['id', id],
            ['state', words(live.states[task[3]] ?? '')],
            ['waits', spanOf(task[6])],
          ]),
        ]
      : [];
  }

  function driverParts(driver: Driver, eligibility: Eligibility): HTMLElement[] {
    const live = port.liveNow();
    const index = live?.drivers.findIndex(([id]) => id === driver.id) ?? -1;
    const shown = live?.drivers[index];
    const tasks = live?.tasks.filter((task) => index >= 0 && task[5] === index) ?? [];
    return [
      badge(driver.status),
      ...(shown ? [placeButtons(`driver ${shortId(driver.id)}`, shown[1], shown[2], 'from')] : []),
      facts([
        ['id', make('span', 'mono', driver.id)],
        ['name', driver.name],
        [
          'load',
          `${counted(driver.activeTasks, 'task')} and ${counted(driver.openOffers, 'offer')} of ${driver.capacity}`,
        ],
        ['position', driver.position ? `of ${timeOf(driver.position.recordedAt)}` : 'none'],
      ]),
      verdict(eligibility, 'May be offered tasks', 'Is offered nothing'),
      make('h3', '', 'Tasks'),
      tasks.length === 0
        ? make('p', 'note', 'None now.')
        : make(
            'ul',
            'rows',
            ...tasks.map(([id, , , state]) =>
              make('li', '', taskButton(id, words(live?.states[state] ?? ''), live?.states[state] ?? '')),
            ),
          ),
    ];
  }

  function taskParts(task: Task, eligibility: Eligibility, dossier: Dossier): HTMLElement[] {
    const live = port.liveNow();
    const shown = live?.tasks.find(([id]) => id === task.id);
    const isOpen = ['PENDING', 'EXPIRED'].includes(task.state);
    const {driverId} = task;
    const {ok, firstBad} = dossier.verification;
    const links = ['Dossier', 'Trace'].map((name) => {
      const link = make('a', '', name);
      link.href = withQuery(`/v1/tasks/${task.id}/${name.toLowerCase()}.html`, {regionId: port.regionOf()});
      link.target = '_blank';
      link.rel = 'noopener';
      return link;
    });
    return [
      badge(task.state),
      ...(shown ? [placeButtons('this drop', shown[1], shown[2], 'to')] : []),
      facts([
        ['id', make('span', 'mono', task.id)],
        ['goods', `${task.units} × ${task.category}, worth ${money(task.valueCents)}`],
        ['pays', money(task.payCents)],
        ['ready', timeOf(task.readyAt)],
        ['due', timeOf(task.dueAt)],
        ['fails after', timeOf(task.latestAt)],
        ['offers made', String(task.attempts)],
        ...(task.offerExpiresAt ? [['offer ends', timeOf(task.offerExpiresAt)] as const] : []),
        ...(driverId ? [['driver', driverButton(driverId)] as const] : []),
        ['time by road', make('span', 'route-time', wayTold())],
      ]),
      ...(isOpen ? [verdict(eligibility, 'May be offered', 'Is not offered')] : []),
      ...(isOpen ? [whyOf(task.id)] : []),
      make('h3', '', 'What happened'),
      make(
        'ol',
        'timeline-of-task',
        ...dossier.events.map(({kind, at, actor}) =>
          make(
            'li',
            `e-${kind}`,
            make('span', 'mono dim', timeOf(at)),
            make('b', '', words(kind)),
            make('span', 'dim', actor.startsWith('driver:') ? `driver ${shortId(actor)}` : actor),
          ),
        ),
      ),
      make(
        'p',
        `mark ${ok ? 'good' : 'bad'}`,
        ok ? '✓ The chain of its dossier verifies. ' : `✗ The chain breaks at event ${firstBad?.seq ?? 0}. `,
        links[0]!,
        ' · ',
        links[1]!,
      ),
    ];
  }

  function whyOf(taskId: string): HTMLElement {
    why ??= whyBox(port.regionOf(), taskId, (id) => open({kind: 'driver', id}));
    return why;
  }

  const wayTold = () => (wayS === undefined ? '–' : spanOf(wayS));
  const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const badge = (state: string) => make('p', 'badge', make('i', `dot s-${state}`), words(state));

  function placeButtons(name: string, lon: number, lat: number, direction: 'from' | 'to'): HTMLElement {
    return make(
      'div',
      'buttons',
      button('act', 'Show on the map', () => port.goTo(lon, lat)),
      button('act', 'Reach in 15 min', () => port.onReach({name, lon, lat, direction})),
    );
  }

  function verdict({eligible, reasons}: Eligibility, yes: string, no: string): HTMLElement {
    const box = make('div', `verdict ${eligible ? 'good' : 'bad'}`, make('b', '', eligible ? yes : no));
    for (const {code, sentence, since} of reasons) {
      box.append(make('p', '', make('code', '', code), ` ${sentence}${since ? ` Since ${since.slice(0, 10)}.` : ''}`));
    }
    return box;
  }

  function taskButton(id: string, text: string, state: string): HTMLButtonElement {
    const made = button('row', '', () => open({kind: 'task', id}));
    made.append(make('i', `dot s-${state}`), make('span', 'mono', shortId(id)), make('span', 'dim', text));
    return made;
  }

  const driverButton = (id: string) => button('link mono', shortId(id), () => open({kind: 'driver', id}));

  return {
    open,
    close,
    /** Reads anew what is shown, where it is this task or a driver. */
    refresh(taskId?: string) {
      if (selected && (taskId === undefined || selected.kind === 'driver' || selected.id === taskId)) void read();
    },
    tellTime(seconds: number | undefined) {
      wayS = seconds;
      const element = body.querySelector('.route-time');
      if (element) element.textContent = wayTold();
    },
  };
}
