// An assignment as a min-cost flow in DIMACS `.min` format, as `cloudrun solve` and other solvers read it: a source
// that gives a unit for each task, through drivers or along an arc of the task's own.

import {closeSync, openSync, writeSync} from 'node:fs';
import type {Problem} from '../../src/flow/problem.ts';

const LINES_AT_ONCE = 50_000;

/** Pairs as dear as the penalty or dearer stay in. Its least cost is that of the assignment. */
export function writeMinFile(path: string, problem: Problem): void {
  const file = openSync(path, 'w');
  let lines: string[] = [];
  for (const line of linesOf(problem)) {
    if (lines.push(line) < LINES_AT_ONCE) continue;
    writeSync(file, `${lines.join('\n')}\n`);
    lines = [];
  }
  writeSync(file, `${lines.join('\n')}\n`);
  closeSync(file);
}

function* linesOf({driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs}: Problem) {
  const source = 1;
  const driverNode = (d: number): number => 2 + d;
  const taskNode = (t: number): number => 2 + driverCount + t;
  yield `p min ${1 + driverCount + taskCount} ${driverCount + firstPair[taskCount] + taskCount}`;
  yield `n ${source} ${taskCount}`;
  for (let t = 0; t < taskCount; t++) yield `n ${taskNode(t)} -1`;
  for (let d = 0; d < driverCount; d++) yield `a ${source} ${driverNode(d)} 0 ${capacity[d]} 0`;
  for (let t = 0; t < taskCount; t++) {
    for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
      yield `a ${driverNode(driver[pair])} ${taskNode(t)} 0 1 ${costMs[pair]}`;
    }
    yield `a ${source} ${taskNode(t)} 0 1 ${unassignedMs[t]}`;
  }
}
