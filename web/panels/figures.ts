// The panels of numbers: the last tick with its sparklines, counts as bars, who dispatches which region.

import {withQuery} from '../daemon.ts';
import {byId, inMs, make, number, replace, setText, timeOf, words} from '../dom.ts';
import type {Status, Tick} from '../wire.ts';
import {proofOf, totalMsOf} from './timeline.ts';

const SPARKS_LIMIT = 120;
const SPARK_WIDTH = 100;
const SPARK_HEIGHT = 22;

type Figure = {
  readonly name: string;
  readonly of: (status: Status) => number;
  readonly told: (value: number) => string;
};

const FIGURES: readonly Figure[] = [
  {name: 'tick, ms', of: ({ticks: [last]}) => (last ? totalMsOf(last) : 0), told: inMs},
  {name: 'pairs', of: ({ticks: [last]}) => last?.counts.pairs ?? 0, told: (value) => number.format(value)},
  {
    name: 'waiting',
    of: ({tasks}) => (tasks.PENDING ?? 0) + (tasks.EXPIRED ?? 0),
    told: (value) => number.format(value),
  },
  {name: 'open offers', of: ({openOffers}) => openOffers, told: (value) => number.format(value)},
];

/** Values of the past by name of the figure, as this page has seen them. */
const past = new Map<string, number[]>();

export function forgetPast(): void {
  past.clear();
}

export function showFigures(status: Status): void {
  const [last] = status.ticks;
  showProof(last);
  byId<HTMLAnchorElement>('to-etas').href = withQuery('/etas', {region: status.regionId});
  const list = byId('figures');
  if (list.children.length !== FIGURES.length) {
    list.replaceChildren(
      ...FIGURES.map(({name}) =>
        make('div', '', make('dt', '', name), make('dd', '', '–'), make('dd', 'spark-box', spark())),
      ),
    );
  }
  for (const [i, {name, of, told}] of FIGURES.entries()) {
    const value = of(status);
    const values = past.get(name) ?? [];
    past.set(name, values);
    values.push(value);
    if (values.length > SPARKS_LIMIT) values.shift();
    const [, figure, line] = [...list.children[i]!.children];
    figure!.textContent = last || i > 1 ? told(value) : '–';
    line!.querySelector('polyline')?.setAttribute('points', pointsOf(values));
  }
}

function showProof(tick: Tick | undefined): void {
  if (!tick) {
    byId('proof').className = 'proof';
    setText('proof', '–');
    setText('tick-id', 'waiting for the first one');
    return;
  }
  const [sentence, tone] = proofOf(tick.solve);
  byId('proof').className = `proof ${tone}`;
  setText('proof', sentence);
  setText('tick-id', `${timeOf(tick.at)} · ${tick.id}`);
}

const SVG = 'http://www.w3.org/2000/svg';

function spark(): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('viewBox', `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS(SVG, 'polyline'));
  return svg;
}

function pointsOf(values: readonly number[]): string {
  const top = Math.max(...values, 1);
  const step = SPARK_WIDTH / Math.max(values.length - 1, 1);
  const y = (value: number) => SPARK_HEIGHT - 1 - (value / top) * (SPARK_HEIGHT - 2);
  return values.map((value, i) => `${(i * step).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
}

export function showBars(id: string, counts: Readonly<Record<string, number>>): void {
  const top = Math.max(...Object.values(counts), 1);
  const box = byId(id);
  const names = Object.keys(counts);
  if (box.children.length !== 3 * names.length) {
    box.replaceChildren(
      ...names.flatMap((name) => [
        make('span', '', words(name)),
        make('div', 'meter', make('i', `s-${name}`)),
        make('b', '', '0'),
      ]),
    );
  }
  for (const [i, name] of names.entries()) {
    const count = counts[name] ?? 0;
    const [label, meter, figure] = [0, 1, 2].map((part) => box.children[3 * i + part] as HTMLElement);
    label!.className = figure!.className = count === 0 ? 'zero' : '';
    (meter!.firstElementChild as HTMLElement).style.width = `${(100 * count) / top}%`;
    figure!.textContent = number.format(count);
  }
}

export function showLeases({leases, paused, regionId}: Status): void {
  const rows = leases.map(({regionId: id, owner, fence, here}) => {
    const serves = here ? 'this daemon' : owner === null ? 'nobody' : 'another daemon';
    const notes = [`dispatched by ${serves}`, ...(paused && id === regionId ? ['paused'] : [])];
    return make(
      'li',
      owner === null ? 'without' : '',
      make('b', '', id),
      make('span', 'dim', notes.join(', ')),
      make('span', 'mono', owner === null ? 'no daemon holds the lease' : `${owner} · fence ${fence}`),
    );
  });
  replace(byId('leases'), rows.length > 0 ? rows : [make('li', 'dim', 'No region was dispatched yet.')]);
}
