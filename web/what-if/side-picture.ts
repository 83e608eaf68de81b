// One side of a what-if as features of a map: who goes where, boldly where the sides differ, and who stays behind.

import type {GeoJSONSource} from 'maplibre-gl';
import {minutes, type SideName, servedIn, type WhatIf} from './answer.ts';

type Features = Extract<Parameters<GeoJSONSource['setData']>[0], {type: 'FeatureCollection'}>;
type Point = [lon: number, lat: number];

export type Picked = {readonly kind: 'driver' | 'task'; readonly id: string};

const collection = (features: Features['features']): Features => ({type: 'FeatureCollection', features});

const line = (coordinates: Point[], properties: object): Features['features'][number] => ({
  type: 'Feature',
  properties,
  geometry: {type: 'LineString', coordinates},
});

const dot = (coordinates: Point, properties: object): Features['features'][number] => ({
  type: 'Feature',
  properties,
  geometry: {type: 'Point', coordinates},
});

const at = ([, lon, lat]: readonly [string, number, number, ...unknown[]]): Point => [lon, lat];

/** How much is seen of what is the same on both sides: where nothing differs, and beside what does. */
const ALONE = 0.6;
const BESIDE = 0.25;

/** Lines have a `leg`, dots a `kind`; `differs` where the other side has it otherwise. */
export function pictureOf(answer: WhatIf, side: SideName): Features {
  const {map, moved, addedDrivers} = answer;
  const {stores, drivers, tasks} = map;
  const differing = new Set(moved.map(({taskId}) => taskId));
  const added = new Set(addedDrivers);
  const seenOf = (differs: boolean) => ({differs, seen: differs ? 1 : moved.length > 0 ? BESIDE : ALONE});
  const features: Features['features'] = [];
  for (const [task, driver] of map[side].assigned) {
    const [drop, from] = [tasks[task]!, drivers[driver]!];
    const store = stores[drop[3]]!;
    const seen = seenOf(differing.has(drop[0]));
    const common = {task: drop[0], ...seen};
    features.push(
      line([at(from), at(store)], {...common, leg: 'pickup'}),
      line([at(store), at(drop)], {...common, leg: 'drop'}),
      dot(at(drop), {...common, kind: 'drop', id: drop[0]}),
      dot(at(from), {...seen, kind: added.has(from[0]) ? 'added' : 'driver', id: from[0]}),
    );
  }
  for (const task of map[side].waiting) {
    const [id] = tasks[task]!;
    features.push(dot(at(tasks[task]!), {kind: 'waiting', id, ...seenOf(differing.has(id))}));
  }
  for (const driver of map[side].idle) {
    const [id] = drivers[driver]!;
    features.push(dot(at(drivers[driver]!), {kind: added.has(id) ? 'added' : 'idle', id, ...seenOf(false)}));
  }
  for (const store of stores) features.push(dot(at(store), {kind: 'store'}));
  return collection(features);
}

/** What is picked, and what belongs to it, on one side: the way of a task with its times, the tasks of a driver. */
export function highlightOf(answer: WhatIf, side: SideName, picked: Picked | undefined): Features {
  if (!picked) return collection([]);
  const {stores, drivers, tasks} = answer.map;
  const served = servedIn(answer, side);
  const features: Features['features'] = [];
  for (const task of tasks) {
    const way = served.get(task[0]);
    if (picked.kind === 'task' ? task[0] !== picked.id : way?.driverId !== picked.id) continue;
    const store = at(stores[task[3]]!);
    const driver = drivers.find(([id]) => id === way?.driverId);
    if (way && driver) {
      features.push(
        line([at(driver), store, at(task)], {}),
        dot(at(driver), {told: minutes(way.pickupMs)}),
        dot(at(task), {told: way.at.slice(0, 5)}),
      );
    } else if (way === null) features.push(dot(at(task), {told: 'waits'}));
  }
  if (picked.kind === 'driver' && features.length === 0) {
    const idle = answer.map[side].idle.map((driver) => drivers[driver]!).find(([id]) => id === picked.id);
    if (idle) features.push(dot(at(idle), {told: 'not asked'}));
  }
  return collection(features);
}
