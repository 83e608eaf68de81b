// What goes wrong in a run: a pure function of its seed, known before anything starts.
//
// The faults lie in a deck, and each seed deals its own few from where the one before stopped, so that consecutive
// seeds meet all of them; when, to whom and for how long is drawn.

import {type Random, randomStream} from '../../src/domain/random.ts';

/** Where in a tick a daemon can be struck, in the order of a tick. */
export type Stage =
  | 'snapshot'
  | 'candidates'
  | 'etas'
  | 'solve'
  | 'before-commit'
  | 'in-commit'
  | 'after-commit'
  | 'before-record'
  | 'after-record';

/** What a worker thread does instead of a solve. */
export type WorkerFault = 'throw' | 'hang' | 'exhaust';

export type Fault =
  /** kill -9 of the daemon that next reaches the stage; it is started again so much later. */
  | {readonly kind: 'kill'; readonly stage: Stage; readonly downMs: number}
  /** SIGSTOP in the stage, SIGCONT so much later, when the lease has passed. */
  | {readonly kind: 'pause'; readonly stage: Stage; readonly forMs: number}
  | {readonly kind: 'kill-sweeper'; readonly sweeper: number; readonly downMs: number}
  /** The database dies and recovers: an immediate shutdown, or kill -9 of its first process. */
  | {readonly kind: 'postgres'; readonly how: 'immediate' | 'killed'}
  /** Connections between a daemon and the database are reset. */
  | {readonly kind: 'reset'; readonly daemon: number}
  /** They stay open, but nothing passes; then all that was kept back does, or they are reset. */
  | {readonly kind: 'half-open'; readonly daemon: number; readonly forMs: number; readonly end: 'released' | 'cut'}
  | {readonly kind: 'slow'; readonly daemon: number; readonly delayMs: number; readonly forMs: number}
  /** A daemon's own clock jumps. */
  | {readonly kind: 'skew'; readonly daemon: number; readonly byMs: number}
  | {readonly kind: 'worker'; readonly does: WorkerFault}
  /** A graph is saved where the disk is full, over one that daemons use. */
  | {readonly kind: 'disk-full'};

export type Step = {
  /** Since the fault before began. */
  readonly afterMs: number;
  readonly fault: Fault;
};

export type Size = {
  readonly name: 'short' | 'long';
  readonly faults: number;
  /** Of each region. */
  readonly tasks: number;
  readonly drivers: number;
  /** A new database and new processes after so many seeds. */
  readonly seedsPerWorld: number;
};

export const SIZES: Readonly<Record<Size['name'], Size>> = {
  short: {name: 'short', faults: 2, tasks: 25, drivers: 10, seedsPerWorld: 10},
  long: {name: 'long', faults: 12, tasks: 1_000, drivers: 80, seedsPerWorld: 1},
};

/** In both sizes; daemons are 2 to 4. */
export const SWEEPERS = 2;
/** The lease of a run: the default of 5 s would make every pause last longer than that. */
export const LEASE_TTL_MS = 1_500;
const HOUR_MS = 3_600_000;

export type Plan = {readonly seed: number; readonly daemons: number; readonly steps: readonly Step[]};

type Card = (random: Random, daemon: number) => Fault;

const between = (random: Random, low: number, high: number): number => Math.round(low + random() * (high - low));
/** Whoever waits for a lease asks for it every second, and then has to tick. */
const pastLease = (random: Random): number => LEASE_TTL_MS + between(random, 1_200, 2_000);

const kill =
  (stage: Stage): Card =>
  (random) => ({kind: 'kill', stage, downMs: between(random, 0, 800)});
const pause =
  (stage: Stage): Card =>
  (random) => ({kind: 'pause', stage, forMs: pastLease(random)});
const postgres =
  (how: 'immediate' | 'killed'): Card =>
  () => ({kind: 'postgres', how});
const halfOpen =
  (end: 'released' | 'cut'): Card =>
  (random, daemon) => ({kind: 'half-open', daemon, forMs: pastLease(random), end});
const skew =
  (byMs: number): Card =>
  (_random, daemon) => ({kind: 'skew', daemon, byMs});
const worker =
  (does: WorkerFault): Card =>
  () => ({kind: 'worker', does});

const DECK: readonly Card[] = [
  kill('snapshot'),
  kill('candidates'),
  pause('before-commit'),
  worker('throw'),
  kill('in-commit'),
  postgres('immediate'),
  halfOpen('released'),
  (_random, daemon) => ({kind: 'reset', daemon}),
  kill('before-record'),
  skew(HOUR_MS),
  pause('in-commit'),
  worker('hang'),
  kill('after-commit'),
  halfOpen('cut'),
  postgres('killed'),
  (random) => ({kind: 'kill-sweeper', sweeper: between(random, 0, SWEEPERS - 1), downMs: between(random, 0, 800)}),
  kill('solve'),
  worker('exhaust'),
  () => ({kind: 'disk-full'}),
  pause('before-record'),
  (random, daemon) => ({
    kind: 'slow',
    daemon,
    delayMs: between(random, 50, 400),
    forMs: between(random, 500, 1_500),
  }),
  kill('before-commit'),
  skew(-HOUR_MS),
  kill('etas'),
  kill('after-record'),
];

/** 2 to 4 daemons; in a short run always 3, since starting one takes longer than most faults. */
export function planOf(seed: number, size: Size): Plan {
  const random = randomStream(seed, 'chaos plan');
  const daemons = size.name === 'short' ? 3 : between(random, 2, 4);
  const steps = Array.from({length: size.faults}, (_, i): Step => {
    const card = DECK[(seed * size.faults + i) % DECK.length];
    return {afterMs: between(random, 150, 700), fault: card(random, between(random, 0, daemons - 1))};
  });
  return {seed, daemons, steps};
}

/** A fault as a line of the run says it. */
export function describe(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `kill -9 of a daemon in its tick, ${fault.stage}; started again after ${fault.downMs} ms`;
    case 'pause':
      return `SIGSTOP of a daemon in its tick, ${fault.stage}; SIGCONT after ${fault.forMs} ms`;
    case 'kill-sweeper':
      return `kill -9 of sweeper ${fault.sweeper}; started again after ${fault.downMs} ms`;
    case 'postgres':
      return fault.how === 'immediate' ? 'Postgres stopped at once, and started' : 'Postgres killed, and started';
    case 'reset':
      return `connections of daemon ${fault.daemon} to the database reset`;
    case 'half-open': {
      const end = fault.end === 'cut' ? 'reset' : 'let through';
      return `connections of daemon ${fault.daemon} held back for ${fault.forMs} ms, then ${end}`;
    }
    case 'slow':
      return `connections of daemon ${fault.daemon} ${fault.delayMs} ms slower, for ${fault.forMs} ms`;
    case 'skew':
      return `the clock of daemon ${fault.daemon} jumps by ${fault.byMs / HOUR_MS} h`;
    case 'worker':
      return `a worker thread of a daemon is to ${fault.does}`;
    case 'disk-full':
      return 'the disk is full while a graph is saved';
    default:
      return fault satisfies never;
  }
}
