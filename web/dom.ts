// Elements, texts and numbers: what every panel makes.

export const byId = <E extends HTMLElement = HTMLElement>(id: string): E => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as E;
};

type Child = Node | string;

/** An element with its class and children. `tag.class-a.class-b`. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function setText(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

export function button(className: string, text: string, run: () => unknown): HTMLButtonElement {
  const made = make('button', className, text);
  made.type = 'button';
  made.addEventListener('click', () => void run());
  return made;
}

/** Terms and what they say, as a list of facts. */
export function facts(rows: readonly (readonly [string, Child])[]): HTMLElement {
  const list = make('dl', 'facts');
  for (const [term, value] of rows) list.append(make('div', '', make('dt', '', term), make('dd', '', value)));
  return list;
}

/** Arrow keys, Home and End move the focus among the buttons of a list, of which one is in the order of tabs. */
export function roving(list: HTMLElement, keys: readonly [back: string, on: string] = ['ArrowUp', 'ArrowDown']): void {
  list.addEventListener('keydown', (event) => {
    const items = [...list.querySelectorAll<HTMLElement>('button')];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const to =
      event.key === keys[0]
        ? at - 1
        : event.key === keys[1]
          ? at + 1
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? items.length - 1
              : undefined;
    const next = to === undefined ? undefined : items[to];
    if (to === undefined) return;
    event.preventDefault();
    if (!next) return;
    for (const item of items) item.tabIndex = item === next ? 0 : -1;
    next.focus();
  });
}

/** Replaces the children, and keeps the focus on what has the same data-key. */
export function replace(list: HTMLElement, rows: readonly HTMLElement[]): void {
  const held = list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.key : undefined;
  list.replaceChildren(...rows);
  const items = [...list.querySelectorAll<HTMLElement>('button')];
  const next = items.find(({dataset}) => held !== undefined && dataset.key === held);
  for (const [i, item] of items.entries()) item.tabIndex = (next ? item === next : i === 0) ? 0 : -1;
  next?.focus({preventScroll: true});
}

export const number = new Intl.NumberFormat('en');
export const words = (name: string): string => name.toLowerCase().replaceAll('_', ' ').replaceAll('-', ' ');
export const timeOf = (iso: string): string => iso.slice(11, 19);
export const inMs = (ms: number): string => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toString());
export const shortId = (id: string): string => id.slice(-6);
export const money = (cents: number): string => (cents / 100).toFixed(2);
