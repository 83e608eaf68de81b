// How a task spent its time, by the events of its dossier.

import type {DossierEvent} from './dossier.ts';

export const PHASE_KINDS = ['waiting', 'offered', 'to-pickup', 'carrying', 'returning'] as const;
export type PhaseKind = (typeof PHASE_KINDS)[number];

export type Phase = {
  readonly kind: PhaseKind;
  /** The event that began it. */
  readonly seq: number;
  /** NaN, as `untilMs`: somebody damaged the event, and its instant cannot be read. */
  readonly fromMs: number;
  /** null: it lasts. */
  readonly untilMs: number | null;
};

/** What an event begins; null ends what was. Others, such as a legal hold, change nothing. */
const BEGUN: ReadonlyMap<string, PhaseKind | null> = new Map([
  ['created', 'waiting'],
  ['offered', 'offered'],
  ['accepted', 'to-pickup'],
  ['rejected', 'waiting'],
  ['timed-out', 'waiting'],
  ['picked-up', 'carrying'],
  ['delivered', null],
  ['verification-failed', 'returning'],
  ['returned', null],
  ['released', 'waiting'],
  ['cancelled', null],
  ['failed', null],
  ['re-opened', 'waiting'],
]);

/** In order, without overlap; there is a gap while a task was closed that was opened again. */
export function phasesOf(events: readonly DossierEvent[]): Phase[] {
  const changes = events.filter(({kind}) => BEGUN.has(kind));
  return changes.flatMap(({kind, seq, at}, i) => {
    const begun = BEGUN.get(kind) ?? null;
    const next = changes[i + 1];
    return begun === null
      ? []
      : [{kind: begun, seq, fromMs: Date.parse(at), untilMs: next ? Date.parse(next.at) : null}];
  });
}
