// Why the last tick did with a task what it did. Asked for by a button: the tick is decided again for it.

import {get, getSlowly, Problem, withQuery} from '../daemon.ts';
import {button, make, shortId} from '../dom.ts';
import type {Explanation, TickList} from '../wire.ts';

const ALTERNATIVES = 5;

/** `onDriver` opens one of the alternatives. */
export function whyBox(regionId: string, taskId: string, onDriver: (id: string) => void): HTMLElement {
  const told = make('div', 'why-told');
  told.setAttribute('aria-live', 'polite');
  const ask = button('act', 'Why? Ask the last tick', async () => {
    ask.disabled = true;
    told.replaceChildren(make('p', 'note', 'The tick is decided again…'));
    try {
      told.replaceChildren(...answered(await explained(regionId, taskId), onDriver));
    } catch (error) {
      told.replaceChildren(make('p', 'note', error instanceof Problem ? error.message : 'The daemon does not answer.'));
    }
    ask.disabled = false;
  });
  return make('div', 'why', make('div', 'buttons', ask), told);
}

async function explained(regionId: string, taskId: string): Promise<Explanation> {
  const {ticks} = await get<TickList>(withQuery('/internal/dispatch/ticks', {regionId, last: '1'}));
  const tick = ticks[0]?.id;
  if (tick === undefined) throw new Problem(404, 'No tick', 'There has been no tick yet.');
  const query = {regionId, tick, task: taskId, alternatives: String(ALTERNATIVES)};
  return getSlowly<Explanation>(withQuery('/internal/dispatch/explain', query));
}

function answered({sentences, alternatives = []}: Explanation, onDriver: (id: string) => void): HTMLElement[] {
  const rows = alternatives.map(({driverId, pair, regretMs}) => {
    const row = button('row', '', () => onDriver(driverId));
    const worse = regretMs === null ? 'not proven' : regretMs === 0 ? 'as good' : `+${(regretMs / 1_000).toFixed(1)} s`;
    const away = `${(pair.pickupMs / 60_000).toFixed(1)} min away`;
    row.append(make('span', 'mono', shortId(driverId)), make('span', 'dim', `${away}, ${worse}`));
    return make('li', '', row);
  });
  return [
    ...sentences.map((sentence) => make('p', '', sentence)),
    ...(rows.length === 0 ? [] : [make('ul', 'rows', ...rows)]),
  ];
}
