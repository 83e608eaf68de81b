// A delivery that goes wrong before it goes right, with the ticks it went through: for the trace of a task.

import {expireOffers} from '../../src/db/offers.ts';
import {changeTask} from '../../src/db/tasks.ts';
import {keepPayloadPartitions, saveTick} from '../../src/db/ticks.ts';
import type {OfferFeatures} from '../../src/domain/offer.ts';
import {header} from '../api/world.ts';
import {at, bringOn, FEATURES, type Market, MINUTE_MS, NOW_MS, newId, proposalOf, propose} from './market.ts';

const SECOND_MS = 1_000;
export const TTL_S = 60;

export type Story = {
  readonly taskId: string;
  /** Of the ticks that offered it, in order; then of the one whose proposal was refused. */
  readonly tickIds: readonly string[];
  readonly refusedTickId: string;
};

/** The record of a tick, as many ms after NOW_MS. */
export async function saveTickAt(market: Market, atMs: number, id: string, refused = 0): Promise<void> {
  const {db, regionId, fence} = market;
  const counts = {...header.counts, refused};
  const payload = new Uint8Array();
  await saveTick(db, {...header, id, regionId, fence, atMs: NOW_MS + atMs, counts, payload, trigger: 'loop'});
}

/** What a tick would promise that ran so many ms after NOW_MS. */
export const promising = (atMs: number): OfferFeatures => ({
  ...FEATURES,
  version: 2,
  pickupAtMs: NOW_MS + atMs + FEATURES.pickupMs + 30 * SECOND_MS,
  dropAtMs: NOW_MS + atMs + FEATURES.pickupMs + FEATURES.dropMs + 2 * MINUTE_MS + 30 * SECOND_MS,
  pickupCorrectionMs: 30 * SECOND_MS,
  dropCorrectionMs: 0,
});

/** A tick that runs so long after NOW_MS and offers the task to the driver; its commit comes 200 ms later. */
export async function offerAt(market: Market, taskId: string, driverId: string, atMs: number): Promise<string> {
  const tickId = newId();
  await at(market.db, NOW_MS + atMs + 200);
  const {landed} = await propose(market, [{...proposalOf(taskId, driverId), features: promising(atMs)}], tickId);
  if (landed.length !== 1) throw new Error('the offer did not land');
  await saveTickAt(market, atMs, tickId);
  return tickId;
}

/**
 * Offered to the first driver, who lets it pass; proposed in vain to the second, who has just got another task, by a
 * tick that has another proposal refused as well; offered to the second, who rejects it, and to the third, who accepts,
 * is a minute late at the store and early at the door. The region's offerTtlS is TTL_S. The clock stands at the end.
 */
export async function troubledDelivery(
  market: Market,
  taskId: string,
  otherTaskId: string,
  [first, second, third]: readonly string[],
): Promise<Story> {
  const {db, regionId} = market;
  await keepPayloadPartitions(db, {nowMs: NOW_MS, keepHours: 1});
  for (const s of [1, 2, 3]) await saveTickAt(market, s * SECOND_MS, newId());
  const tickIds = [await offerAt(market, taskId, first, 4 * SECOND_MS)];
  await at(db, NOW_MS + 65 * SECOND_MS);
  await expireOffers(db, regionId, 10);

  const refusedTickId = newId();
  await offerAt(market, otherTaskId, second, 66 * SECOND_MS);
  await at(db, NOW_MS + 67 * SECOND_MS);
  await propose(market, [proposalOf(taskId, second), proposalOf(otherTaskId, third)], refusedTickId);
  await saveTickAt(market, 66.5 * SECOND_MS, refusedTickId, 2);
  await changeTask(db, regionId, otherTaskId, 'reject', {driverId: second, reason: 'TOO_FAR'});

  tickIds.push(await offerAt(market, taskId, second, 68 * SECOND_MS));
  await at(db, NOW_MS + 80 * SECOND_MS);
  await changeTask(db, regionId, taskId, 'reject', {driverId: second, reason: 'TOO_HEAVY'});

  tickIds.push(await offerAt(market, taskId, third, 81 * SECOND_MS));
  const {pickupAtMs, dropAtMs} = promising(81 * SECOND_MS);
  await at(db, NOW_MS + 95 * SECOND_MS);
  await bringOn(market, taskId, third, ['accept']);
  await at(db, pickupAtMs + MINUTE_MS);
  await bringOn(market, taskId, third, ['pickup']);
  await at(db, dropAtMs - 40 * SECOND_MS);
  await bringOn(market, taskId, third, ['deliver']);
  return {taskId, tickIds, refusedTickId};
}
