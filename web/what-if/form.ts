// What may be changed, as a form: every weight and setting with what it was, every rule that was in force, and who is
// added or left out. Each change is asked at once.

import {button, byId, make, number, replace, roving, setText, shortId} from '../dom.ts';
import type {Settable, WhatIf} from './answer.ts';
import {commandOf, isChanged, pointIn, type Question} from './question.ts';
import type {Picked} from './side-picture.ts';

export type FormOptions = {
  readonly questionNow: () => Question;
  readonly change: (changes: Partial<Question>) => void;
  readonly reset: () => void;
};

export type Form = {
  show(answer: WhatIf, question: Question): void;
  /** What is asked, whether or not it is answered. */
  mark(question: Question): void;
  tell(note: string): void;
  addDriver(at: readonly [lon: number, lat: number]): void;
  /** Leaves it out, or takes it back where it is left out, or was added. */
  toggle(picked: Picked): void;
  isOut(picked: Picked): boolean;
};

/** A hundredth of a metre is no place. */
const PLACE_DIGITS = 5;

export function startForm({questionNow, change, reset}: FormOptions): Form {
  let answer: WhatIf | undefined;
  /** What `answer` answers. */
  let answered: Question | undefined;
  /** By name of the value or code of the rule. */
  const inputs = new Map<string, HTMLInputElement>();

  function show(next: WhatIf, question: Question): void {
    const isOther = answer?.tickId !== next.tickId;
    [answer, answered] = [next, question];
    if (isOther) build(next);
    mark(question);
  }

  function mark(question: Question): void {
    for (const {name, value} of answer?.settables ?? []) {
      const input = inputs.get(name)!;
      const now = question.set[name] ?? value;
      if (document.activeElement !== input) input.value = String(now);
      input.closest('label')!.classList.toggle('changed', now !== value);
    }
    for (const {code} of answer?.rules ?? []) inputs.get(code)!.checked = !question.withoutRules.includes(code);
    showChips(question);
    setText('command', commandOf(question));
    tell('');
  }

  function build({settables, rules}: WhatIf): void {
    inputs.clear();
    const isWeight = ({name}: Settable) => name.startsWith('w_');
    byId('weights').replaceChildren(...settables.filter(isWeight).map(valueField));
    byId('settings').replaceChildren(...settables.filter((each) => !isWeight(each)).map(valueField));
    byId('rules').replaceChildren(...rules.map(({code, sentence}) => ruleField(code, sentence)));
  }

  function valueField({name, value, low, high}: Settable): HTMLElement {
    const input = make('input');
    Object.assign(input, {type: 'number', min: String(low), max: String(high), step: 'any', id: `set-${name}`});
    input.addEventListener('change', () => {
      const {[name]: _, ...others} = questionNow().set;
      const isAsItWas = input.value === '' || Number(input.value) === value;
      change({set: isAsItWas ? others : {...others, [name]: Number(input.value)}});
    });
    inputs.set(name, input);
    const bounds = `was ${briefly(value)}, ${briefly(low)} to ${briefly(high)}`;
    return make('label', 'value', make('span', '', name), input, make('small', '', bounds));
  }

  function ruleField(code: string, sentence: string): HTMLElement {
    const input = make('input');
    Object.assign(input, {type: 'checkbox', id: `rule-${code}`});
    input.addEventListener('change', () => {
      const others = questionNow().withoutRules.filter((each) => each !== code);
      change({withoutRules: input.checked ? others : [...others, code]});
    });
    inputs.set(code, input);
    return make('label', 'check', input, make('span', '', code, make('small', '', sentence)));
  }

  function showChips({addDrivers, withoutDrivers, withoutTasks}: Question): void {
    const chip = (key: string, text: string, tone: string, remove: () => void) => {
      const made = button(`act ${tone}`, `${text} ×`, remove);
      made.ariaLabel = `${text}: take back`;
      made.dataset.key = key;
      return make('li', '', made);
    };
    const chips = byId('chips');
    const wasFocused = chips.contains(document.activeElement);
    replace(chips, [
      ...addDrivers.map((at) => {
        const place = at.map((degrees) => degrees.toFixed(4)).join();
        return chip(`added ${at}`, `driver at ${place}`, 'added', () => takeAway(at));
      }),
      ...withoutDrivers.map((id) => chip(id, `without driver ${shortId(id)}`, '', () => toggle({kind: 'driver', id}))),
      ...withoutTasks.map((id) => chip(id, `without task ${shortId(id)}`, '', () => toggle({kind: 'task', id}))),
    ]);
    if (wasFocused && !chips.contains(document.activeElement)) byId('add-driver').focus();
  }

  const takeAway = (at: Question['addDrivers'][number]) =>
    change({addDrivers: questionNow().addDrivers.filter((each) => each !== at)});

  function addDriver([lon, lat]: readonly [number, number]): void {
    const at = [Number(lon.toFixed(PLACE_DIGITS)), Number(lat.toFixed(PLACE_DIGITS))] as const;
    change({addDrivers: [...questionNow().addDrivers, at]});
  }

  function toggle({kind, id}: Picked): void {
    // The answer names added drivers by their order in its own question, which may not be that of now.
    const added = answered?.addDrivers[answer?.addedDrivers.indexOf(id) ?? -1];
    if (added) {
      takeAway(added);
      return;
    }
    const list = kind === 'driver' ? 'withoutDrivers' : 'withoutTasks';
    const now = questionNow()[list];
    change({[list]: now.includes(id) ? now.filter((each) => each !== id) : [...now, id]});
  }

  const isOut = ({kind, id}: Picked): boolean =>
    questionNow()[kind === 'driver' ? 'withoutDrivers' : 'withoutTasks'].includes(id);

  function tell(note: string): void {
    setText('form-note', note);
    byId<HTMLButtonElement>('reset').disabled = !isChanged(questionNow());
  }

  /** Enter in a field of text: what is written is done, or marked where it is nothing. */
  function take(id: string, run: (text: string) => string | undefined): void {
    const input = byId<HTMLInputElement>(id);
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      const flaw = run(input.value.trim());
      if (flaw !== undefined) tell(flaw);
      if (flaw === undefined) input.value = '';
      else input.select();
    });
  }

  take('add-driver', (text) => {
    const [at] = pointIn(text) ?? [];
    if (!at) return 'A place is LON,LAT in degrees, such as 11.97,57.70.';
    addDriver(at);
    return undefined;
  });
  take('leave-out', (text) => {
    const id = text.toLowerCase();
    const found = answer && /^[0-9a-f-]{4,36}$/.test(id) ? knownIn(answer, id) : undefined;
    if (!found) return 'The tick knew no driver who takes part and no waiting task of this id.';
    if (!isOut(found)) toggle(found);
    return undefined;
  });

  roving(byId('chips'), ['ArrowLeft', 'ArrowRight']);
  byId('reset').addEventListener('click', reset);
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
  });
  return {show, mark, tell, addDriver, toggle, isOut};
}

const compact = new Intl.NumberFormat('en', {notation: 'compact'});
const briefly = (value: number): string => (value < 1e6 ? number : compact).format(value);

/** By id, also by the last digits of it. */
function knownIn({map}: WhatIf, id: string): Picked | undefined {
  const driver = map.drivers.find(([each]) => each.endsWith(id));
  const task = map.tasks.find(([each]) => each.endsWith(id));
  return driver ? {kind: 'driver', id: driver[0]} : task && {kind: 'task', id: task[0]};
}
