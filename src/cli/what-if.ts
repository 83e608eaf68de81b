// Recorded ticks under other circumstances, each beside its replay.

import type {Database} from '../db/connect.ts';
import {listTicks} from '../db/ticks.ts';
import {decideAgain} from '../dispatch/replay.ts';
import {type Changes, changed} from '../dispatch/what-if/changes.ts';
import {type Difference, difference, type Outcome} from '../dispatch/what-if/difference.ts';
import {InputFailure} from '../domain/failure.ts';
import {type DatabaseOptions, withDatabase} from './database.ts';
import type {GraphOptions} from './engine.ts';
import {parsePoint} from './points.ts';
import {decideAsRecorded, isAsRecorded, type RecordedTick, readRecorded, withReplayWorld} from './recorded-tick.ts';
import {terminal} from './terminal.ts';

export type WhatIfOptions = DatabaseOptions &
  GraphOptions & {
    readonly set: readonly string[];
    readonly addDriver: readonly string[];
    readonly withoutDriver: readonly string[];
    readonly withoutTask: readonly string[];
    readonly withoutRule: readonly string[];
    readonly span: number;
    readonly json?: boolean;
  };

type Compared = Difference & {readonly id: string; readonly same: boolean};

type Answer = {
  readonly ticks: readonly Compared[];
  /** Sums over the ticks. */
  readonly before: Outcome;
  readonly after: Outcome;
  readonly moved: number;
};

/** Changed tasks that are listed for a person. */
const MOVES_SHOWN = 20;

export async function whatIfCommand(tickId: string, options: WhatIfOptions): Promise<void> {
  const changes = changesOf(options);
  const recorded = await withDatabase(options, (db) => readSpan(db, tickId, options.span));
  const compared: Compared[] = [];
  // Ticks on the same roads share the graph that is opened for them.
  for (const ticks of Map.groupBy(recorded, ({header}) => `${header.graph} ${header.graphEpoch}`).values()) {
    await withReplayWorld(ticks[0], options, async (world) => {
      for (const recorded of ticks) {
        const {header, payload} = recorded;
        const before = await decideAsRecorded(recorded, world);
        const after = await decideAgain({...payload, snapshot: changed(payload.snapshot, changes)}, world);
        const same = isAsRecorded(after, header);
        compared.push({id: header.id, same, ...difference(before, after)});
      }
    });
  }
  const answer: Answer = {
    ticks: compared,
    before: totalOf(compared.map(({before}) => before)),
    after: totalOf(compared.map(({after}) => after)),
    moved: compared.reduce((sum, {moved}) => sum + moved.length, 0),
  };
  terminal(options.json ?? false).answer(answer, table(answer));
}

/** The tick and, for a span, those of its region before it; ascending in time. */
async function readSpan(db: Database, tickId: string, span: number): Promise<RecordedTick[]> {
  const last = await readRecorded(db, tickId);
  const {regionId, atMs} = last.header;
  const before = (await listTicks(db, regionId, span, atMs)).filter(({id}) => id !== tickId).slice(0, span - 1);
  const read: RecordedTick[] = [];
  for (const {id} of before.reverse()) read.push(await readRecorded(db, id));
  return [...read, last];
}

function changesOf({set, addDriver, withoutDriver, withoutTask, withoutRule}: WhatIfOptions): Changes {
  const entries = set.map((text) => {
    const [, name, value] = /^([A-Za-z0-9_]+)=(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
    if (name === undefined) throw new InputFailure('WHAT_IF_INVALID', `--set ${text} is not name=number`);
    return [name, Number(value)] as const;
  });
  return {
    set: Object.fromEntries(entries),
    addDrivers: addDriver.map((text) => parsePoint(text, '--add-driver')),
    withoutDrivers: withoutDriver.map((id) => id.toLowerCase()),
    withoutTasks: withoutTask.map((id) => id.toLowerCase()),
    withoutRules: withoutRule,
  };
}

function totalOf(outcomes: readonly Outcome[]): Outcome {
  const sum = (name: keyof Outcome) => outcomes.reduce((total, outcome) => total + outcome[name], 0);
  const names = Object.keys(outcomes[0]) as (keyof Outcome)[];
  return Object.fromEntries(names.map((name) => [name, sum(name)])) as Outcome;
}

/** Means are by proposal. */
const ROWS: readonly (readonly [label: string, value: (outcome: Outcome) => number, digits: number])[] = [
  ['tasks waiting', ({tasks}) => tasks, 0],
  ['proposed', ({proposed}) => proposed, 0],
  ['left waiting', ({unassigned}) => unassigned, 0],
  ['cost a pair, min', ({costMs, proposed}) => costMs / proposed / 60_000, 2],
  ['drive to the store, min', ({pickupMs, proposed}) => pickupMs / proposed / 60_000, 2],
  ['ready to handed over, min', ({readyToDropMs, proposed}) => readyToDropMs / proposed / 60_000, 2],
  ['late tasks', ({lateTasks}) => lateTasks, 0],
  ['lateness a late task, min', ({lateMs, lateTasks}) => lateMs / lateTasks / 60_000, 2],
  ['acceptance', ({acceptance, proposed}) => acceptance / proposed, 3],
];

function table({ticks, before, after, moved}: Answer): string {
  const cell = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : '–').padStart(12);
  const rows = ROWS.map(([label, value, digits]) => {
    return `${label.padEnd(26)}${cell(value(before), digits)}${cell(value(after), digits)}`;
  });
  const one = ticks.length === 1 ? ticks[0].moved.slice(0, MOVES_SHOWN).map(moveLine) : [];
  const same = ticks.filter((tick) => tick.same).length;
  return [
    `of ${ticks.length} ticks ${same} decided the same; ${moved} tasks go to somebody else`,
    `${''.padEnd(26)}${'as it was'.padStart(12)}${'what if'.padStart(12)}`,
    ...rows,
    ...one,
  ].join('\n');
}

const moveLine = ({taskId, fromDriverId, toDriverId}: Compared['moved'][number]): string =>
  `task ${taskId}: ${fromDriverId ?? 'nobody'} → ${toDriverId ?? 'nobody'}`;
