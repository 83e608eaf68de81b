// The candidate pairs and their costs as the flow problem of src/flow: eligible tasks and drivers under dense ids of
// their own, in the snapshot's canonical order, so that the problem is a pure function of the snapshot.

import type {Problem} from '../flow/problem.ts';
import type {Costs} from './costs.ts';
import type {Eligibility} from './eligibility.ts';
import type {Pairs} from './etas.ts';

export type Assignment = {
  readonly problem: Problem;
  /** Snapshot index by the problem's task and driver ids. */
  readonly tasks: Int32Array;
  readonly drivers: Int32Array;
};

/**
 * Every eligible task takes part, with or without pairs; of the drivers, those in a pair. Each driver takes one task.
 */
export function assignment(eligible: Eligibility, pairs: Pairs, cost: Costs): Assignment {
  const tasks = eligible.tasks;
  const drivers = Int32Array.from(new Set(pairs.driver)).sort();
  const taskId = idsBySnapshot(tasks);
  const driverId = idsBySnapshot(drivers);

  const firstPair = new Int32Array(tasks.length + 1);
  for (const task of pairs.task) firstPair[taskId[task] + 1]++;
  for (let id = 0; id < tasks.length; id++) firstPair[id + 1] += firstPair[id];
  return {
    problem: {
      driverCount: drivers.length,
      taskCount: tasks.length,
      firstPair,
      driver: pairs.driver.map((driver) => driverId[driver]),
      costMs: cost.costMs,
      capacity: new Int32Array(drivers.length).fill(1),
      unassignedMs: tasks.map((task) => cost.unassignedMs[task]),
    },
    tasks,
    drivers,
  };
}

/** By snapshot index: its place among `chosen`, which ascend. */
function idsBySnapshot(chosen: Int32Array): Int32Array {
  const ids = new Int32Array((chosen.at(-1) ?? -1) + 1);
  chosen.forEach((index, id) => {
    ids[index] = id;
  });
  return ids;
}
