// What of two decisions on the same tick a map draws, side by side: the places of both once, and of each who goes
// where.

import type {Snapshot} from '../../domain/snapshot.ts';
import type {Decision} from '../decision.ts';
import {indexOf, measured} from './measures.ts';

type Place = readonly [id: string, lonE7: number, latE7: number];

/** Drivers and tasks are indices of the scene. */
export type Side = {
  /** By proposal, ascending by task: ms to the store; ms from the tick to the hand-over, by the promises of then. */
  readonly assigned: readonly (readonly [task: number, driver: number, pickupMs: number, dropInMs: number])[];
  /** Tasks that nobody is asked for. */
  readonly waiting: readonly number[];
  /** Drivers who might have been asked, and were not. */
  readonly idle: readonly number[];
};

export type Scene = {
  readonly stores: readonly Place[];
  /** Who might be asked in either. */
  readonly drivers: readonly Place[];
  /** Where the goods go, and the index of the store that they come from. */
  readonly tasks: readonly (readonly [...Place, store: number])[];
  readonly before: Side;
  readonly after: Side;
};

/** `after` has the stores of `before`, and no task that it has not. */
export function sceneOf(before: Decision, after: Decision): Scene {
  const {stores, tasks} = before.snapshot;
  const drivers = new Map([before, after].flatMap(takingPart).map((place) => [place[0], place]));
  const driverIndex = indexOf([...drivers.keys()]);
  const taskIndex = indexOf(tasks.id);
  return {
    stores: stores.id.map((id, i) => [id, stores.lonE7[i], stores.latE7[i]]),
    drivers: [...drivers.values()],
    tasks: tasks.id.map((id, i) => [id, tasks.dropLonE7[i], tasks.dropLatE7[i], tasks.store[i]]),
    before: sideOf(before, before.snapshot, driverIndex, taskIndex),
    after: sideOf(after, before.snapshot, driverIndex, taskIndex),
  };
}

const takingPart = ({snapshot: {drivers}, eligible}: Decision): Place[] =>
  Array.from(eligible.drivers, (d) => [drivers.id[d], drivers.lonE7[d], drivers.latE7[d]]);

function sideOf(
  decision: Decision,
  by: Snapshot,
  driverIndex: ReadonlyMap<string, number>,
  taskIndex: ReadonlyMap<string, number>,
): Side {
  const {snapshot, eligible, proposals} = decision;
  const asked = new Set(proposals.map(({driverId}) => driverId));
  const served = new Set(proposals.map(({taskId}) => taskId));
  return {
    assigned: measured(decision, by).map(({proposal: {taskId, driverId, features}, dropAtMs}) => {
      return [taskIndex.get(taskId)!, driverIndex.get(driverId)!, features.pickupMs, dropAtMs - snapshot.atMs];
    }),
    waiting: others(snapshot.tasks.id, served, taskIndex),
    idle: others(idsOf(snapshot, eligible.drivers), asked, driverIndex),
  };
}

const idsOf = ({drivers}: Snapshot, driver: Int32Array): string[] => Array.from(driver, (d) => drivers.id[d]);

const others = (ids: readonly string[], without: ReadonlySet<string>, index: ReadonlyMap<string, number>): number[] =>
  ids.filter((id) => !without.has(id)).map((id) => index.get(id)!);
