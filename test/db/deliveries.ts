// Deliveries whose promises and times a test chooses.
import {createTasks} from '../../src/db/tasks.ts';
import type {NewTask} from '../../src/domain/task.ts';
import {at, bringOn, FEATURES, HOUR_MS, type Market, proposalOf, propose, taskOf} from './market.ts';

/** Instants are epoch milliseconds. */
export type Delivery = {
  readonly driverId: string;
  readonly offeredAtMs: number;
  /** What the offer promised, and what came. */
  readonly pickupAtMs: readonly [promised: number, actual: number];
  readonly dropAtMs: readonly [promised: number, actual: number];
  readonly pickupCorrectionMs?: number;
  readonly dropCorrectionMs?: number;
  readonly pickupMs?: number;
  readonly task?: Partial<NewTask>;
};

/** Creates the task, has it offered, accepted, picked up and handed over, each at its time; answers its id. */
export async function carryOut(market: Market, delivery: Delivery): Promise<string> {
  const {db, regionId} = market;
  const {driverId, offeredAtMs, pickupAtMs, dropAtMs, pickupMs = FEATURES.pickupMs} = delivery;
  const {pickupCorrectionMs = 0, dropCorrectionMs = 0} = delivery;
  const times = {readyAtMs: offeredAtMs, dueAtMs: offeredAtMs + HOUR_MS, latestAtMs: offeredAtMs + 3 * HOUR_MS};
  const task = taskOf(market, {...times, ...delivery.task});
  await at(db, offeredAtMs);
  await createTasks(db, regionId, [task]);
  const features = {...FEATURES, pickupMs, pickupCorrectionMs, dropCorrectionMs};
  const promised = {pickupAtMs: pickupAtMs[0], dropAtMs: dropAtMs[0]};
  const proposal = {...proposalOf(task.id, driverId, dropAtMs[0]), features: {...features, ...promised}};
  const {landed, refused} = await propose(market, [proposal]);
  if (landed.length !== 1) throw new Error(`not offered: ${JSON.stringify(refused)}`);
  await bringOn(market, task.id, driverId, ['accept']);
  await at(db, pickupAtMs[1]);
  await bringOn(market, task.id, driverId, ['pickup']);
  await at(db, dropAtMs[1]);
  await bringOn(market, task.id, driverId, ['deliver']);
  return task.id;
}
