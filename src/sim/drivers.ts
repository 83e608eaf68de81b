// Simulated drivers. They answer offers with the model's own probability, drive their routes, pick up and deliver.
//
// Level-triggered: each step looks at the tasks as they stand in the market and does what is due. Nothing but where a
// driver is on its way lives here, so a world that was killed goes on from the database alone.

import type {DriverPosition} from '../domain/driver.ts';
import type {IdScan, StoreVerification} from '../domain/handover.ts';
import {randomStream} from '../domain/random.ts';
import type {Task} from '../domain/task.ts';
import type {Point} from './city.ts';

export type Trip = {
  readonly durationMs: number;
  /** Where the driver is after so many milliseconds; the destination after all of them. */
  readonly at: (elapsedMs: number) => Point;
};

/** What is said and shown with it, for the dossier. */
export type Shown = {
  readonly reason?: string;
  readonly verification?: StoreVerification;
  readonly idScan?: IdScan;
};

/** What a driver does to a task. */
export type DriverAction = 'accept' | 'reject' | 'pickup' | 'deliver' | 'fail-verification' | 'return';

export type Market = {
  /** Tasks that a driver holds: OFFERED, ASSIGNED, PICKED_UP, RETURNING. */
  readonly heldTasks: () => Promise<readonly Task[]>;
  readonly act: (task: Task, action: DriverAction, shown?: Shown) => Promise<void>;
  readonly recordPositions: (positions: readonly DriverPosition[]) => Promise<void>;
  /** Where a task's store is. */
  readonly storeOf: (task: Task) => Point;
  /** The acceptance probability that the tick gave this offer, when it is known. */
  readonly acceptanceOf: (offerId: string) => number | undefined;
  /** Undefined when no road leads there. */
  readonly trip: (from: Point, to: Point) => Promise<Trip | undefined>;
};

const PRIOR_ACCEPTANCE = 0.7;
/** Of those who do not accept, this share says so; the rest let the offer pass. */
const SAYS_NO_SHARE = 0.6;
const FAILED_CHECK_SHARE = 0.03;
const ANSWER_MS: readonly [number, number] = [4_000, 30_000];
const HANDOVER_MS = 120_000;
const YEAR_MS = 365 * 86_400_000;
/** A driver who stands still still says so. */
const HEARTBEAT_MS = 60_000;

type Errand = {
  readonly key: string;
  readonly trip: Trip | undefined;
  readonly startMs: number;
  readonly endMs: number;
};

export type Drivers = {
  /** Does all that is due at `nowMs` of dispatch time, then sends positions. */
  step(nowMs: number): Promise<void>;
};

/** What a scanner says at the door: the purchaser opens it, with a licence that holds for a year. */
const scanned = (task: Task, passes: boolean, nowMs: number): IdScan => ({
  method: 'barcode',
  result: passes ? 'passed' : 'failed',
  documentKind: 'driving_licence',
  documentExpiresOn: new Date(nowMs + YEAR_MS).toISOString().slice(0, 10),
  over21: true,
  ...(task.purchaserHmac !== null && {purchaserHmac: task.purchaserHmac}),
});

export function simulateDrivers(seed: number, market: Market, known: readonly DriverPosition[]): Drivers {
  const position = new Map<string, DriverPosition>(known.map((p) => [p.driverId, p]));
  const errands = new Map<string, Errand>();
  const answered = new Set<string>();

  /** Chance that belongs to one task, or one attempt at it: the same whenever it is asked, in every run of the seed. */
  const chance = (about: string) => randomStream(seed, about);

  async function answerOffer(task: Task, nowMs: number): Promise<void> {
    const {offerId, offerExpiresAtMs} = task;
    if (offerId === null || offerExpiresAtMs === null || answered.has(offerId)) return;
    const random = chance(`${task.id} ${task.attempts}`);
    if (nowMs < task.changedAtMs + ANSWER_MS[0] + random() * (ANSWER_MS[1] - ANSWER_MS[0])) return;
    answered.add(offerId);
    const accepts = random() < (market.acceptanceOf(offerId) ?? PRIOR_ACCEPTANCE);
    if (accepts) await market.act(task, 'accept');
    else if (random() < SAYS_NO_SHARE) await market.act(task, 'reject', {reason: 'declined'});
  }

  /** The driver's way to where the task's state sends it, made once per task and state. */
  async function errandOf(task: Task, driverId: string, nowMs: number): Promise<Errand> {
    const key = `${task.id} ${task.state}`;
    const under = errands.get(driverId);
    if (under?.key === key) return under;
    const toDrop = task.state === 'PICKED_UP';
    const goal = toDrop ? {latE7: task.dropLatE7, lonE7: task.dropLonE7} : market.storeOf(task);
    const trip = await market.trip(position.get(driverId) ?? goal, goal);
    const errand = {key, trip, startMs: nowMs, endMs: nowMs + (trip?.durationMs ?? 0) + (toDrop ? HANDOVER_MS : 0)};
    errands.set(driverId, errand);
    return errand;
  }

  async function workOn(task: Task, nowMs: number): Promise<void> {
    if (task.driverId === null) return;
    if (task.state === 'OFFERED') return answerOffer(task, nowMs);
    const {endMs} = await errandOf(task, task.driverId, nowMs);
    if (nowMs < endMs) return;
    const verification = {verifiedBy: `store:${task.storeId}`, units: task.units};
    if (task.state === 'ASSIGNED' && nowMs >= task.readyAtMs) {
      await market.act(task, 'pickup', {verification: {...verification, driverIdentified: true}});
    }
    if (task.state === 'RETURNING') await market.act(task, 'return', {verification});
    if (task.state !== 'PICKED_UP') return;
    const random = chance(task.id);
    const failed = random() < FAILED_CHECK_SHARE;
    const idScan = scanned(task, !failed, nowMs);
    if (failed) await market.act(task, 'fail-verification', {reason: 'ID_SUSPECT', idScan});
    else await market.act(task, 'deliver', {idScan});
  }

  function moved(nowMs: number): DriverPosition[] {
    const sent: DriverPosition[] = [];
    for (const [driverId, last] of position) {
      const errand = errands.get(driverId);
      const underWay = errand?.trip !== undefined && last.recordedAtMs < errand.endMs;
      if (!underWay && nowMs - last.recordedAtMs < HEARTBEAT_MS) continue;
      const here = underWay ? errand.trip.at(nowMs - errand.startMs) : {latE7: last.latE7, lonE7: last.lonE7};
      const next = {driverId, ...here, recordedAtMs: nowMs};
      position.set(driverId, next);
      sent.push(next);
    }
    return sent;
  }

  return {
    async step(nowMs) {
      const held = await market.heldTasks();
      const ends = await Promise.allSettled(held.map((task) => workOn(task, nowMs)));
      const busy = new Set(held.map((task) => task.driverId));
      for (const driverId of errands.keys()) if (!busy.has(driverId)) errands.delete(driverId);
      const open = new Set(held.map((task) => task.offerId));
      for (const offerId of answered) if (!open.has(offerId)) answered.delete(offerId);
      const positions = moved(nowMs);
      if (positions.length > 0) await market.recordPositions(positions);
      const failure = ends.find((end) => end.status === 'rejected');
      if (failure) throw failure.reason;
    },
  };
}
