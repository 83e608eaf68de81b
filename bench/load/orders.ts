// The work of the load: tasks that keep coming, so that a given number of them waits or is offered, and which tasks and
// offers stand for those who ask for them.

import type {Database} from '../../src/db/connect.ts';
import {listOffers} from '../../src/db/offers.ts';
import type {Statement} from '../../src/db/statement.ts';
import {listStores} from '../../src/db/stores.ts';
import {createTasks} from '../../src/db/tasks.ts';
import {systemClock} from '../../src/domain/clock.ts';
import type {NewTask} from '../../src/domain/task.ts';
import {startCadence} from '../../src/loops/cadence.ts';
import {ordersOfMinute} from '../../src/sim/customers.ts';
import {REGION, type Served} from './served.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const LOOK_EVERY_MS = 500;
const AT_ONCE = 500;
/** Tasks and offers that callers may name; older ones make room. */
const REMEMBERED = 5_000;
/** Every task has as many, so that a store need not look them up. */
export const UNITS = 2;

export type Held = {readonly taskId: string; readonly driverId: string};

export type Orders = {
  /** Ids of tasks that were made of late, in no order. */
  readonly taskIds: string[];
  /** Offers that nobody has answered yet, the newest last. */
  readonly offers: Held[];
  /** Open tasks as they were counted last. */
  readonly openCount: () => number;
  /** A task nobody has ordered before. */
  readonly next: () => NewTask;
  readonly stop: () => Promise<void>;
};

/** What waits for a driver, or for a driver's answer. */
const COUNT_OPEN: Statement = {
  name: 'count_open',
  text: `select count(*)::int as open from delivery_tasks
    where region_id = $1 and status in ('PENDING', 'OFFERED', 'EXPIRED')`,
};

/** From the first call the number of open tasks grows to `target` within `rampMs`, and is kept there. */
export async function openOrders({db, place}: Served, seed: number, target: number, rampMs: number): Promise<Orders> {
  const stores = await listStores(db, REGION, {limit: 1_000});
  const startMs = systemClock.monotonicMs();
  const taskIds: string[] = [];
  const offers: Held[] = [];
  let drawn: NewTask[] = [];
  let minute = 0;
  let open = 0;
  let lastOfferId: string | undefined;

  const next = (): NewTask => {
    for (; drawn.length === 0; minute++) {
      drawn = ordersOfMinute(seed, REGION, stores, AT_ONCE, place, minute * MINUTE_MS).map(({task}) => task);
    }
    const nowMs = systemClock.wallMs();
    const task = {...drawn.pop()!, units: UNITS, purchaserHmac: null, ageCheckUntilMs: nowMs + 24 * HOUR_MS};
    remember(taskIds, [task.id]);
    return {...task, readyAtMs: nowMs, dueAtMs: nowMs + 40 * MINUTE_MS, latestAtMs: nowMs + 90 * MINUTE_MS};
  };
  const look = async () => {
    [{open}] = await db.query<{open: number}>(COUNT_OPEN, [REGION]);
    const wanted = Math.min(1, (systemClock.monotonicMs() - startMs) / rampMs) * target;
    for (let missing = Math.round(wanted) - open; missing > 0; missing -= AT_ONCE) {
      await createTasks(db, REGION, Array.from({length: Math.min(missing, AT_ONCE)}, next));
    }
    lastOfferId = await readOffers(db, offers, lastOfferId);
  };
  let failure: unknown;
  const cadence = startCadence(LOOK_EVERY_MS, systemClock, () =>
    look().catch((error: unknown) => {
      failure ??= error;
    }),
  );
  return {
    taskIds,
    offers,
    openCount: () => open,
    next,
    async stop() {
      await cadence.stop();
      if (failure) throw failure;
    },
  };
}

/** Appends the offers opened since the last call; their ids ascend with the instants of ticks. */
async function readOffers(db: Database, offers: Held[], lastId: string | undefined): Promise<string | undefined> {
  let afterId = lastId;
  for (;;) {
    const page = await listOffers(db, REGION, {states: ['OPEN'], ...(afterId && {afterId}), limit: 1_000});
    remember(
      offers,
      page.map(({taskId, driverId}) => ({taskId, driverId})),
    );
    afterId = page.at(-1)?.id ?? afterId;
    if (page.length < 1_000) return afterId;
  }
}

function remember<T>(known: T[], more: readonly T[]): void {
  known.push(...more);
  if (known.length > REMEMBERED) known.splice(0, known.length - REMEMBERED);
}
