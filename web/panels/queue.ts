// The tasks that wait, the oldest first, and those held out to somebody, with what is left of the offer.

import {byId, make, number, replace, roving, setText, shortId, words} from '../dom.ts';
import {ageOf, WAITING} from '../map/live-picture.ts';
import {spanOf} from '../span.ts';
import type {LiveMap} from '../wire.ts';

const ROWS_SHOWN = 40;

export function startQueue(onPick: (taskId: string) => void) {
  const list = byId('queue');
  roving(list);

  function show(live: LiveMap): void {
    const waiting = live.tasks
      .filter(([, , , state]) => WAITING.has(live.states[state] ?? ''))
      .sort((a, b) => b[6] - a[6] || (a[0] < b[0] ? -1 : 1));
    setText('queue-count', waiting.length === 0 ? '' : number.format(waiting.length));
    byId('queue-empty').hidden = waiting.length > 0;
    replace(
      list,
      waiting.slice(0, ROWS_SHOWN).map(([id, , , stateIndex, storeIndex, , waitedS, leftS]) => {
        const state = live.states[stateIndex] ?? '';
        const made = make('button', 'row');
        made.type = 'button';
        made.dataset.key = id;
        const ring = make('i', `ring aged s-${state}`);
        ring.style.setProperty('--age', ageOf(waitedS).toFixed(3));
        made.append(
          ring,
          make('span', 'mono', shortId(id)),
          make('span', '', live.stores[storeIndex]?.[0] ?? ''),
          make('span', 'dim', waitedS < 0 ? `ready in ${spanOf(-waitedS)}` : spanOf(waitedS)),
          make('span', 'dim n', leftS >= 0 ? `${spanOf(leftS)} left` : words(state)),
        );
        made.addEventListener('click', () => onPick(id));
        return make('li', '', made);
      }),
    );
  }

  return {show};
}
