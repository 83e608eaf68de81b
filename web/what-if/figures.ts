// The figures of both decisions, as the command prints them, and how far they are apart.

import {byId, make} from '../dom.ts';
import type {Outcome} from './answer.ts';

type Row = {
  readonly label: string;
  readonly of: (outcome: Outcome) => number;
  readonly digits: number;
  /** Which way is better, where that can be said. */
  readonly better?: 'more' | 'less';
};

/** Means are by proposal. */
const ROWS: readonly Row[] = [
  {label: 'tasks waiting', of: ({tasks}) => tasks, digits: 0},
  {label: 'proposed', of: ({proposed}) => proposed, digits: 0, better: 'more'},
  {label: 'left waiting', of: ({unassigned}) => unassigned, digits: 0, better: 'less'},
  {label: 'cost a pair, min', of: ({costMs, proposed}) => inMin(costMs / proposed), digits: 2, better: 'less'},
  {
    label: 'drive to the store, min',
    of: ({pickupMs, proposed}) => inMin(pickupMs / proposed),
    digits: 2,
    better: 'less',
  },
  {
    label: 'ready to handed over, min',
    of: ({readyToDropMs, proposed}) => inMin(readyToDropMs / proposed),
    digits: 2,
    better: 'less',
  },
  {label: 'late tasks', of: ({lateTasks}) => lateTasks, digits: 0, better: 'less'},
  {
    label: 'lateness a late task, min',
    of: ({lateMs, lateTasks}) => inMin(lateMs / lateTasks),
    digits: 2,
    better: 'less',
  },
  {label: 'acceptance', of: ({acceptance, proposed}) => acceptance / proposed, digits: 3, better: 'more'},
];

const inMin = (ms: number): number => ms / 60_000;
/** Nothing is divided by nothing where nobody is asked. */
const told = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : '–');

export function showFigures(before: Outcome, after: Outcome): void {
  byId('figure-rows').replaceChildren(
    ...ROWS.map(({label, of, digits, better}) => {
      const [was, is] = [of(before), of(after)];
      // Of what is told: a reader subtracts it.
      const apart = Number(told(is, digits)) - Number(told(was, digits));
      const text = told(apart, digits);
      const isSame = !Number.isFinite(apart) || Number(text) === 0;
      const isBetter = better === 'more' ? apart > 0 : apart < 0;
      const tone = isSame || better === undefined ? 'dim' : isBetter ? 'tag-good' : 'tag-warn';
      const head = make('th', '', label);
      head.scope = 'row';
      return make(
        'tr',
        '',
        head,
        make('td', 'n', told(was, digits)),
        make('td', 'n', told(is, digits)),
        make('td', `n ${tone}`, isSame ? '=' : `${apart > 0 ? '+' : '−'}${text.replace('-', '')}`),
      );
    }),
  );
}
