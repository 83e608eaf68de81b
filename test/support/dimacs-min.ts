// Reads a min-cost-flow instance in DIMACS `.min` format, plain or gzipped, that has the shape of an assignment:
// source -> drivers (capacity) -> tasks, each task asking for one unit. The unassigned arc is the task's own arc from
// the source, or where tasks lead to one sink, the arc from source to sink that all of them share.

import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import type {Problem} from '../../src/flow/problem.ts';
import {problemOf} from './flow-problems.ts';

export function readAssignment(path: string): Problem {
  const bytes = readFileSync(path);
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n');
  const fields = lines.map((line) => line.trim().split(/\s+/));
  const supplies = fields.filter(([kind]) => kind === 'n').map(([, node, supply]) => [Number(node), Number(supply)]);
  const arcs = fields
    .filter(([kind]) => kind === 'a')
    .map(([, from, to, , capacity, cost]) => ({from: +from, to: +to, capacity: +capacity, cost: +cost}));

  const source = supplies.find(([, supply]) => supply > 0)![0];
  const demanding = new Set(supplies.filter(([, supply]) => supply < 0).map(([node]) => node));
  const sink = demanding.size === 1 ? [...demanding][0] : undefined;
  const shared = arcs.find((arc) => arc.from === source && arc.to === sink);
  const taskNodes =
    sink === undefined ? [...demanding] : arcs.filter((a) => a.to === sink && a.from !== source).map((a) => a.from);

  const taskOf = new Map(taskNodes.map((node, t) => [node, t]));
  const supplying = arcs.filter((arc) => arc.from === source && arc.to !== sink && !taskOf.has(arc.to));
  const driverOf = new Map(supplying.map((arc, d) => [arc.to, d]));
  const rows = taskNodes.map(() => new Map<number, number>());
  const unassignedMs = taskNodes.map(() => shared?.cost ?? Number.NaN);
  for (const {from, to, cost} of arcs) {
    const t = taskOf.get(to);
    if (t === undefined) continue;
    const d = driverOf.get(from);
    if (d === undefined) unassignedMs[t] = cost;
    else rows[t].set(d, Math.min(cost, rows[t].get(d) ?? cost)); // parallel arcs: the cheapest is enough
  }
  const ascending = rows.map((row) => [...row].sort((a, b) => a[0] - b[0]));
  return problemOf(
    ascending,
    supplying.map((arc) => arc.capacity),
    unassignedMs,
  );
}
