// ../../search/workspace.ts tells what happens here.

import {add, addressAt, DRIVER_OF, FIRST_PLACE, get, PLACE_TASK, put, USED} from './state';

export function take(state: usize, driver: i32, task: i32): void {
  const used = addressAt(state, USED);
  const place = get(addressAt(state, FIRST_PLACE), driver) + get(used, driver);
  add(used, driver, 1);
  put(addressAt(state, PLACE_TASK), place, task);
  put(addressAt(state, DRIVER_OF), task, driver);
}

export function replace(state: usize, driver: i32, task: i32, next: i32): void {
  const placeTask = addressAt(state, PLACE_TASK);
  let place = get(addressAt(state, FIRST_PLACE), driver);
  while (get(placeTask, place) != task) place++;
  put(placeTask, place, next);
  put(addressAt(state, DRIVER_OF), next, driver);
}

export function leave(state: usize, driver: i32, task: i32): void {
  const placeTask = addressAt(state, PLACE_TASK);
  const used = addressAt(state, USED);
  let place = get(addressAt(state, FIRST_PLACE), driver);
  const last = place + get(used, driver) - 1;
  put(used, driver, last - place);
  while (get(placeTask, place) != task) place++;
  put(placeTask, place, get(placeTask, last));
}
