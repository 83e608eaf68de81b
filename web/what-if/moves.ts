// The tasks that go to somebody else, and what is picked: of a task both decisions, of a driver its tasks, and buttons
// that leave it out.

import {button, byId, facts, make, number, replace, roving, setText, shortId} from '../dom.ts';
import {minutes, nameOf, type Served, SIDES, type SideName, servedIn, type WhatIf} from './answer.ts';
import type {Form} from './form.ts';
import type {Picked} from './side-picture.ts';

const MOVES_SHOWN = 200;
const NAMES: Readonly<Record<SideName, string>> = {before: 'as it was', after: 'what if'};

export type MovesOptions = {
  readonly form: Pick<Form, 'toggle' | 'isOut' | 'addDriver'>;
  readonly onHover: (picked: Picked | undefined) => void;
  readonly onPick: (picked: Picked) => void;
};

export function startMoves({form, onHover, onPick}: MovesOptions) {
  const list = byId('moved');
  roving(list);
  list.addEventListener('focusin', ({target}) => hover(target));
  list.addEventListener('pointerover', ({target}) => hover(target));
  for (const end of ['focusout', 'pointerleave'] as const) list.addEventListener(end, () => onHover(undefined));

  function hover(target: EventTarget | null): void {
    const id = (target as HTMLElement).closest<HTMLElement>('.row')?.dataset.key;
    if (id !== undefined) onHover({kind: 'task', id});
  }

  function show(answer: WhatIf): void {
    const {moved} = answer;
    const [was, is] = SIDES.map((side) => servedIn(answer, side));
    const rest = moved.length - MOVES_SHOWN;
    setText('moved-count', moved.length === 0 ? '' : `${number.format(moved.length)}${rest > 0 ? ', the first' : ''}`);
    byId('moved-empty').hidden = moved.length > 0;
    const whoOf = (served: Served | null | undefined) => (served ? nameOf(answer, served.driverId) : 'nobody');
    const rows = moved.slice(0, MOVES_SHOWN).map(({taskId}) => {
      const row = button('row', '', () => onPick({kind: 'task', id: taskId}));
      row.dataset.key = taskId;
      row.append(
        make('span', 'mono', shortId(taskId)),
        make('span', '', `${whoOf(was!.get(taskId))} → ${whoOf(is!.get(taskId))}`),
        make('span', 'dim n', `${awayOf(was!.get(taskId))} → ${awayOf(is!.get(taskId))}`),
      );
      return make('li', '', row);
    });
    const wasFocused = list.contains(document.activeElement);
    replace(list, rows);
    if (wasFocused && !list.contains(document.activeElement)) {
      (list.querySelector('button') ?? byId('add-driver')).focus({preventScroll: true});
    }
  }

  /** undefined: nothing is picked. */
  function showPicked(answer: WhatIf, picked: Picked | undefined): void {
    const box = byId('picked');
    box.hidden = picked === undefined;
    if (!picked) return;
    setText(
      'picked-title',
      picked.kind === 'task' ? `Task ${shortId(picked.id)}` : `Driver ${nameOf(answer, picked.id)}`,
    );
    byId('picked-facts').replaceChildren(...facts(SIDES.flatMap((side) => factsOf(answer, side, picked))).children);
    const out = form.isOut(picked);
    const isAdded = answer.addedDrivers.includes(picked.id);
    const verb = isAdded
      ? 'Take the driver away'
      : out
        ? `Put the ${picked.kind} back`
        : `Leave the ${picked.kind} out`;
    const others = picked.kind === 'task' ? driversOf(answer, picked.id) : tasksOf(answer, picked.id);
    const wasFocused = byId('picked-buttons').contains(document.activeElement);
    byId('picked-buttons').replaceChildren(
      button('act', verb, () => form.toggle(picked)),
      ...addAtStore(answer, picked),
      ...others.map((other) => button('act', `${other.kind} ${nameOf(answer, other.id)}`, () => onPick(other))),
    );
    if (wasFocused) byId('picked-title').focus();
  }

  /** Where tasks lie close together there is no free place on the map to click. */
  function addAtStore({map}: WhatIf, {id}: Picked): HTMLElement[] {
    const store = map.stores[map.tasks.find(([each]) => each === id)?.[3] ?? -1];
    return store ? [button('act', 'Add a driver at its store', () => form.addDriver([store[1], store[2]]))] : [];
  }

  return {show, showPicked};
}

const awayOf = (served: Served | null | undefined): string => (served ? minutes(served.pickupMs) : '–');

function factsOf(answer: WhatIf, side: SideName, picked: Picked): (readonly [string, string])[] {
  const served = servedIn(answer, side);
  if (picked.kind === 'task') return [[NAMES[side], toldOf(answer, served.get(picked.id))]];
  const tasks = [...served].filter(([, way]) => way?.driverId === picked.id);
  if (tasks.length > 0) {
    return tasks.map(([id, way]) => [NAMES[side], `task ${shortId(id)}, ${minutes(way!.pickupMs)}, at ${way!.at}`]);
  }
  const isIdle = answer.map[side].idle.some((driver) => answer.map.drivers[driver]![0] === picked.id);
  return [[NAMES[side], isIdle ? 'not asked' : 'takes no part']];
}

function toldOf(answer: WhatIf, served: Served | null | undefined): string {
  if (served === undefined) return 'left out';
  if (served === null) return 'waits';
  const driver = nameOf(answer, served.driverId);
  return `driver ${driver}, ${minutes(served.pickupMs)} to the store, handed over at ${served.at}`;
}

const driversOf = (answer: WhatIf, taskId: string): Picked[] =>
  distinct(
    SIDES.flatMap((side) => servedIn(answer, side).get(taskId)?.driverId ?? []),
    'driver',
  );

const tasksOf = (answer: WhatIf, driverId: string): Picked[] =>
  distinct(
    SIDES.flatMap((side) => [...servedIn(answer, side)].flatMap(([id, way]) => (way?.driverId === driverId ? id : []))),
    'task',
  );

const distinct = (ids: readonly string[], kind: Picked['kind']): Picked[] =>
  [...new Set(ids)].map((id) => ({kind, id}));
