// Where the time of a task went, as lengths along a bar; beside it what its accepted offers promised.

import type {Trace} from '../db/traces.ts';
import {PHASE_KINDS, type PhaseKind} from '../domain/phases.ts';
import {type LocalTimes, spanOf} from './told-times.ts';
import {truthsOf} from './trace-story.ts';

const PHASE_NAMES: Readonly<Record<PhaseKind, string>> = {
  waiting: 'waiting',
  offered: 'offered',
  'to-pickup': 'on the way to the store',
  carrying: 'on the way to the customer',
  returning: 'on the way back',
};

/** `x` and `width` are percents of the bar. */
type Piece = {readonly kind: PhaseKind; readonly x: string; readonly width: string; readonly label: string};

export type TraceBar = {
  readonly happened: readonly Piece[];
  readonly promised: readonly Piece[];
  /** Instants with a name. */
  readonly marks: readonly {readonly x: string; readonly label: string; readonly anchor: 'start' | 'end'}[];
  readonly axis: readonly {readonly x: string; readonly label: string}[];
  /** Phases that there are, each with all its time. */
  readonly legend: readonly {readonly kind: PhaseKind; readonly label: string}[];
};

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const STEPS_S = [10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 604_800];
/** As many as fit a phone. */
const AXIS_LABELS = 4;
/** A sliver is still seen. */
const LEAST_WIDTH = 0.4;
/** Labels nearer to an end than this would be cut off. */
const AXIS_MARGIN = 6;
/** The due time is on the bar where that does not squeeze what happened into less than a third of it. */
const DUE_STRETCH = 3;

export function barOf(trace: Trace, {timeOf, minuteOf, dayOf}: LocalTimes): TraceBar {
  const {dossier, offers, nowMs} = trace;
  // Of a damaged dossier: what has no readable time has no place on a bar.
  const phases = trace.phases.filter(({fromMs, untilMs}) => !Number.isNaN(fromMs) && !Number.isNaN(untilMs));
  const truths = truthsOf(trace);
  const promises = offers.flatMap(({offerId, outcome, outcomeAtMs}) => {
    const {pickup, handover} = truths.get(offerId)!;
    return outcome === 'ACCEPTED' && outcomeAtMs !== null && pickup.promisedAtMs !== null && handover.promisedAtMs
      ? [{fromMs: outcomeAtMs, pickupAtMs: pickup.promisedAtMs, dropAtMs: handover.promisedAtMs}]
      : [];
  });
  const startMs = phases[0]?.fromMs ?? dossier.task.createdAtMs;
  const lastMs = Math.max(
    startMs + SECOND_MS,
    ...phases.map(({untilMs}) => untilMs ?? nowMs),
    ...promises.map(({dropAtMs}) => dropAtMs),
  );
  const {dueAtMs} = dossier.task;
  const hasDue = dueAtMs > startMs && dueAtMs - startMs < DUE_STRETCH * (lastMs - startMs);
  const endMs = hasDue ? Math.max(lastMs, dueAtMs) : lastMs;

  const percent = (ms: number) => (100 * (ms - startMs)) / (endMs - startMs);
  const piece = (kind: PhaseKind, fromMs: number, untilMs: number, label: string): Piece => ({
    kind,
    x: `${percent(fromMs).toFixed(2)}%`,
    width: `${Math.max(LEAST_WIDTH, percent(untilMs) - percent(fromMs)).toFixed(2)}%`,
    label,
  });
  const told = (kind: PhaseKind, fromMs: number, untilMs: number) =>
    `${PHASE_NAMES[kind]} for ${spanOf(untilMs - fromMs)}, from ${timeOf(fromMs)}`;

  const stepMs =
    SECOND_MS * (STEPS_S.find((s) => (endMs - startMs) / (s * SECOND_MS) <= AXIS_LABELS) ?? STEPS_S.at(-1)!);
  const axis = [];
  for (let ms = Math.ceil(startMs / stepMs) * stepMs; ms <= endMs && axis.length <= AXIS_LABELS; ms += stepMs) {
    if (percent(ms) < AXIS_MARGIN || percent(ms) > 100 - AXIS_MARGIN) continue;
    const label = stepMs >= DAY_MS ? dayOf(ms) : stepMs >= 60 * SECOND_MS ? minuteOf(ms) : timeOf(ms);
    axis.push({x: `${percent(ms).toFixed(2)}%`, label});
  }
  return {
    happened: phases.map(({kind, fromMs, untilMs}) =>
      piece(kind, fromMs, untilMs ?? nowMs, told(kind, fromMs, untilMs ?? nowMs)),
    ),
    promised: promises.flatMap(({fromMs, pickupAtMs, dropAtMs}) => [
      piece('to-pickup', fromMs, Math.max(fromMs, pickupAtMs), `pick-up promised at ${timeOf(pickupAtMs)}`),
      piece('carrying', pickupAtMs, dropAtMs, `hand-over promised at ${timeOf(dropAtMs)}`),
    ]),
    marks: hasDue
      ? [
          {
            x: `${percent(dueAtMs).toFixed(2)}%`,
            label: `due ${timeOf(dueAtMs)}`,
            anchor: percent(dueAtMs) < 50 ? 'start' : 'end',
          },
        ]
      : [],
    axis,
    legend: PHASE_KINDS.flatMap((kind) => {
      const own = phases.filter((phase) => phase.kind === kind);
      const totalMs = own.reduce((sum, {fromMs, untilMs}) => sum + (untilMs ?? nowMs) - fromMs, 0);
      return own.length === 0 ? [] : [{kind, label: `${PHASE_NAMES[kind]} ${spanOf(totalMs)}`}];
    }),
  };
}
