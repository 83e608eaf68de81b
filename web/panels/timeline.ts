// The last ticks as columns, by stage; one of them is told in full. Ticks that this page has seen stay for a while.

import {withQuery} from '../daemon.ts';
import {byId, facts, inMs, make, number, replace, roving, timeOf} from '../dom.ts';
import type {Status, Tick} from '../wire.ts';

const TICKS_SHOWN = 60;
/** The stages in the order they run: a record keeps their times by name alone. */
const STAGES = [
  'snapshot',
  'eligibility',
  'candidates',
  'etas',
  'pairs',
  'acceptance',
  'costs',
  'problem',
  'seed',
  'solve',
  'certificate',
  'offers',
  'record',
];
/** One that this page does not know yet is shown as the last. */
const placeOf = (stage: string): number => (STAGES.includes(stage) ? STAGES.indexOf(stage) : STAGES.length - 1);
const inOrder = (stageMs: Tick['stageMs']) => Object.entries(stageMs).sort(([a], [b]) => placeOf(a) - placeOf(b));

export const totalMsOf = ({stageMs}: Tick): number => Object.values(stageMs).reduce((sum, ms) => sum + ms, 0);

/** [sentence, tone] of how good the answer is known to be. */
export function proofOf({kind, certified, totalMs, boundMs}: Tick['solve']): readonly [string, string] {
  if (kind === 'optimal' && certified) return ['optimal, proven', 'good'];
  if (kind === 'optimal') return ['not certified', 'warn'];
  const gap = totalMs === 0 ? 0 : (totalMs - boundMs) / totalMs;
  return [`within ${(gap * 100).toFixed(2)} %`, 'warn'];
}

export function startTimeline() {
  const columns = byId('ticks');
  /** Oldest first. */
  let ticks: readonly Tick[] = [];
  let chosenId: string | undefined;
  let regionId = '';
  roving(columns, ['ArrowLeft', 'ArrowRight']);
  columns.addEventListener('focusin', ({target}) => choose((target as HTMLElement).dataset.key));

  function choose(id: string | undefined): void {
    chosenId = id;
    for (const column of columns.children) {
      (column as HTMLElement).ariaPressed = String((column as HTMLElement).dataset.key === id);
    }
    showDetail();
  }

  function show(status: Status): void {
    regionId = status.regionId;
    const known = new Set(ticks.map(({id}) => id));
    const next = status.ticks.filter(({id}) => !known.has(id)).reverse();
    byId('ticks-empty').hidden = ticks.length + next.length > 0;
    if (next.length === 0) return;
    ticks = [...ticks, ...next].slice(-TICKS_SHOWN);
    const slowest = Math.max(...ticks.map(totalMsOf), 1);
    replace(
      columns,
      ticks.map((tick) => column(tick, slowest)),
    );
    byId('stages').replaceChildren(
      ...inOrder(ticks.at(-1)!.stageMs).map(([stage]) => {
        return make('span', '', make('i', `stage-${placeOf(stage)}`), stage);
      }),
    );
    showDetail();
  }

  function column(tick: Tick, slowest: number): HTMLElement {
    const made = make('button', 'tick-column');
    made.type = 'button';
    made.dataset.key = tick.id;
    const [sentence] = proofOf(tick.solve);
    const ms = inMs(totalMsOf(tick));
    made.ariaLabel = `Tick of ${timeOf(tick.at)}: ${ms} ms, ${tick.counts.landed} offers, ${sentence}`;
    made.ariaPressed = String(tick.id === chosenId);
    made.addEventListener('click', () => choose(tick.id === chosenId ? undefined : tick.id));
    for (const [stage, ms] of inOrder(tick.stageMs).reverse()) {
      const part = make('i', `stage-${placeOf(stage)}`);
      part.style.height = `${(100 * ms) / slowest}%`;
      made.append(part);
    }
    return made;
  }

  function whatIf({id}: Tick): HTMLElement {
    const link = make('a', 'link', 'What if…');
    link.href = withQuery('/what-if', {tick: id, region: regionId});
    return link;
  }

  /** Of the chosen tick, else of the last. */
  function showDetail(): void {
    const tick = ticks.find(({id}) => id === chosenId) ?? ticks.at(-1);
    if (!tick) return;
    const {counts, stageMs, solve} = tick;
    const [sentence, tone] = proofOf(solve);
    const verdict = make('b', `tag-${tone}`, sentence);
    byId('tick-detail').replaceChildren(
      facts([
        ['at', `${timeOf(tick.at)}${tick.trigger === 'loop' ? '' : ', on request'}`],
        ['proof', verdict],
        ['decided again', whatIf(tick)],
        ['drivers', `${number.format(counts.eligibleDrivers)} of ${number.format(counts.drivers)}`],
        ['tasks', `${number.format(counts.eligibleTasks)} of ${number.format(counts.tasks)}`],
        ['pairs', number.format(counts.pairs)],
        ['offers', `${number.format(counts.landed)}, ${number.format(counts.refused)} refused`],
        ...inOrder(stageMs).map(([stage, ms]) => [stage, `${inMs(ms)} ms`] as const),
      ]),
    );
  }

  return {
    show,
    clear() {
      ticks = [];
      chosenId = undefined;
      for (const id of ['ticks', 'stages', 'tick-detail']) byId(id).replaceChildren();
    },
  };
}
