// What a demo run tells: a line per tick for a person, and the sums at the end for a machine.

import type {Ticked} from '../dispatch/tick.ts';
import type {DriverAction} from '../sim/drivers.ts';

export type DemoSums = {
  readonly ticks: number;
  readonly tasksCreated: number;
  readonly offersMade: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly timedOut: number;
  readonly delivered: number;
  readonly returned: number;
  readonly failed: number;
  readonly tickMs: {readonly p50: number; readonly p99: number; readonly max: number};
  readonly certifiedTicks: number;
  readonly uncertifiedTicks: number;
  /** Ticks that ended in an error or under an old lease, and steps of the simulated people that did. */
  readonly failedTicks: number;
  readonly failedSteps: number;
  readonly invariantViolations: number;
};

export type DemoReport = {
  ticked(ticked: Ticked, tookMs: number): string;
  created(tasks: number): void;
  acted(action: DriverAction): void;
  swept(expired: number, failed: number): void;
  tickFailed(): void;
  stepFailed(): void;
  sums(invariantViolations: number): DemoSums;
};

export function demoReport(): DemoReport {
  const count = {created: 0, landed: 0, timedOut: 0, failed: 0, certified: 0, uncertified: 0};
  const failures = {ticks: 0, steps: 0};
  const acts: Partial<Record<DriverAction, number>> = {};
  const tickMs: number[] = [];
  return {
    ticked({header, landed, flaw}, tookMs) {
      tickMs.push(tookMs);
      count.landed += landed.length;
      if (flaw === undefined && header.solve.kind === 'optimal') count.certified++;
      else count.uncertified++;
      return tickLine(header, tookMs, acts);
    },
    created: (tasks) => {
      count.created += tasks;
    },
    acted: (action) => {
      acts[action] = (acts[action] ?? 0) + 1;
    },
    swept: (expired, failed) => {
      count.timedOut += expired;
      count.failed += failed;
    },
    tickFailed: () => {
      failures.ticks++;
    },
    stepFailed: () => {
      failures.steps++;
    },
    sums: (invariantViolations) => ({
      ticks: tickMs.length,
      tasksCreated: count.created,
      offersMade: count.landed,
      accepted: acts.accept ?? 0,
      rejected: acts.reject ?? 0,
      timedOut: count.timedOut,
      delivered: acts.deliver ?? 0,
      returned: acts.return ?? 0,
      failed: count.failed,
      tickMs: {p50: quantile(tickMs, 0.5), p99: quantile(tickMs, 0.99), max: quantile(tickMs, 1)},
      certifiedTicks: count.certified,
      uncertifiedTicks: count.uncertified,
      failedTicks: failures.ticks,
      failedSteps: failures.steps,
      invariantViolations,
    }),
  };
}

function tickLine(h: Ticked['header'], tookMs: number, acts: Partial<Record<DriverAction, number>>): string {
  const {counts: c, solve} = h;
  const proof = !solve.certified ? 'NOT CERTIFIED' : solve.kind === 'optimal' ? 'optimal' : 'within its gap';
  return [
    new Date(h.atMs).toISOString().slice(11, 19),
    `waiting ${String(c.eligibleTasks).padStart(3)}`,
    `free drivers ${String(c.eligibleDrivers).padStart(4)}`,
    `pairs ${String(c.pairs).padStart(5)}`,
    `offers ${String(c.landed).padStart(3)}`,
    proof,
    `${tookMs.toFixed(0).padStart(3)} ms`,
    `delivered so far ${acts.deliver ?? 0}`,
  ].join('  ');
}

/** Nearest rank, in milliseconds to a tenth; 0 of nothing. */
function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  return Math.round(value * 10) / 10;
}
