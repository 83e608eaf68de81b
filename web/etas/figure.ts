// A plot with what it says above it and its numbers in a table below, which a button unfolds.

import {make} from '../dom.ts';

type Cell = string | number;

export type Shown = {
  /** A sentence: what the plot says. */
  readonly finding: string;
  /** How to read it, with units. */
  readonly note: string;
  readonly draw: (width: number) => Element[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

export type Figure = {
  readonly element: HTMLElement;
  /** Undefined: there is nothing to show, and no place is taken. */
  show(shown: Shown | undefined): void;
};

export function figure(id: string, title: string): Figure {
  const heading = make('h2');
  const note = make('p', 'dim');
  const plot = make('div', 'plot-box');
  const head = make('thead');
  const body = make('tbody');
  const table = make('table', '', make('caption', 'unseen', title), head, body);
  const scroll = make('div', 'table-box', table);
  scroll.tabIndex = 0;
  scroll.role = 'region';
  scroll.ariaLabel = `${title}: table`;
  const element = make(
    'figure',
    'panel',
    make('figcaption', '', make('small', '', title), heading, note),
    plot,
    make('details', '', make('summary', '', 'Table'), scroll),
  );
  element.id = id;
  plot.role = 'img';
  let standing: Shown | undefined;
  let drawnPx = 0;

  function draw(): void {
    const widthPx = Math.floor(plot.clientWidth);
    if (!standing || widthPx === 0) return;
    drawnPx = widthPx;
    plot.replaceChildren(...standing.draw(widthPx));
  }

  new ResizeObserver(() => {
    if (Math.floor(plot.clientWidth) !== drawnPx) draw();
  }).observe(plot);

  return {
    element,
    show(shown) {
      standing = shown;
      element.hidden = shown === undefined;
      if (!shown) return;
      heading.textContent = shown.finding;
      note.textContent = shown.note;
      plot.ariaLabel = `${title}. ${shown.finding}. The table below has the numbers.`;
      head.replaceChildren(make('tr', '', ...shown.columns.map((name) => headCell('col', name))));
      body.replaceChildren(
        ...shown.rows.map(([name, ...cells]) =>
          make('tr', '', headCell('row', String(name)), ...cells.map((cell) => make('td', 'n', String(cell)))),
        ),
      );
      draw();
    },
  };
}

function headCell(scope: 'col' | 'row', text: string): HTMLElement {
  const cell = make('th', '', text);
  cell.scope = scope;
  return cell;
}
