// What the daemon answers of a what-if, and what this page reads in it. /docs/json says it in full.

import {shortId, timeOf} from '../dom.ts';

export type Outcome = Readonly<
  Record<
    | 'tasks'
    | 'proposed'
    | 'unassigned'
    | 'costMs'
    | 'pickupMs'
    | 'readyToDropMs'
    | 'lateMs'
    | 'lateTasks'
    | 'acceptance',
    number
  >
>;

export type Moved = {readonly taskId: string; readonly fromDriverId: string | null; readonly toDriverId: string | null};

export type Settable = {readonly name: string; readonly value: number; readonly low: number; readonly high: number};

/** Indices of tasks and drivers. */
type Side = {
  readonly assigned: readonly (readonly [task: number, driver: number, pickupMs: number, dropInMs: number])[];
  readonly waiting: readonly number[];
  readonly idle: readonly number[];
};

type Place = readonly [id: string, lon: number, lat: number];

export type WhatIf = {
  readonly tickId: string;
  readonly regionId: string;
  readonly at: string;
  readonly same: boolean;
  readonly before: Outcome;
  readonly after: Outcome;
  readonly moved: readonly Moved[];
  readonly addedDrivers: readonly string[];
  readonly settables: readonly Settable[];
  readonly rules: readonly {readonly code: string; readonly sentence: string}[];
  readonly map: {
    readonly stores: readonly Place[];
    readonly drivers: readonly Place[];
    readonly tasks: readonly (readonly [...Place, store: number])[];
    readonly before: Side;
    readonly after: Side;
  };
};

export const SIDES = ['before', 'after'] as const;
export type SideName = (typeof SIDES)[number];

/** What a side decided of a task; undefined where it had no part there, null where it waits. */
export type Served = {readonly driverId: string; readonly pickupMs: number; readonly at: string};

/** By task id, of one side. */
export function servedIn({map, at}: WhatIf, side: SideName): ReadonlyMap<string, Served | null> {
  const {assigned, waiting} = map[side];
  const startMs = Date.parse(at);
  return new Map<string, Served | null>([
    ...assigned.map(([task, driver, pickupMs, dropInMs]) => {
      const handedOver = timeOf(new Date(startMs + dropInMs).toISOString());
      return [map.tasks[task]![0], {driverId: map.drivers[driver]![0], pickupMs, at: handedOver}] as const;
    }),
    ...waiting.map((task) => [map.tasks[task]![0], null] as const),
  ]);
}

export const minutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`;

/** What a driver is called here; those who were added have ids that say nothing. */
export function nameOf({addedDrivers}: WhatIf, driverId: string): string {
  const added = addedDrivers.indexOf(driverId);
  return added < 0 ? shortId(driverId) : `added ${added + 1}`;
}
