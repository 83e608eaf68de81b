// Customers who order and call off, drivers who answer, drive and hand over, in one region. Level-triggered: each round
// looks at the tasks as they stand and asks for what is due, so that whatever was lost is asked for again, under
// another key. What somebody does about a task is drawn by seed, task and attempt.

import {setTimeout as delay} from 'node:timers/promises';
import type {Database} from '../../src/db/connect.ts';
import {recordPositions} from '../../src/db/drivers.ts';
import {createTasks, listTasks} from '../../src/db/tasks.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import type {TaskState} from '../../src/domain/state.ts';
import type {NewTask, Task} from '../../src/domain/task.ts';
import type {Client} from './client.ts';
import {HOUR_MS, type Market, somewhere} from './market.ts';
import {EVENT_OF, openPeople, type Wish} from './people.ts';

const ROUND_MS = 100;
const POSITIONS_EVERY_MS = 1_000;
/** Of the tasks, those that are created by a batch in the database, and that are due at once. */
const BATCH_SHARE = 0.3;
const HASTY_SHARE = 0.04;
const PAGE = 1_000;
const OPEN_STATES: TaskState[] = ['PENDING', 'EXPIRED', 'OFFERED', 'ASSIGNED', 'PICKED_UP', 'RETURNING'];

export type WorkloadOptions = {
  /** Straight to the database; it may be gone for a moment. */
  readonly db: Database;
  readonly client: Client;
  readonly market: Market;
  readonly seed: number;
  readonly tasks: number;
  /** In which all tasks are ordered. */
  readonly forMs: number;
  /** Dispatch time. */
  readonly nowMs: () => number;
};

export type Workload = {
  /** Resolves when all tasks are ordered. */
  readonly ordered: Promise<void>;
  /** From now on nobody calls off, declines or dawdles; resolves when no task is open. Throws when nothing moves. */
  finish(stuckAfterMs: number): Promise<void>;
  /** Ids of tasks that a batch was told are there. */
  readonly batched: readonly string[];
};

export function startWorkload(options: WorkloadOptions): Workload {
  const {db, client, market, seed, tasks, forMs, nowMs} = options;
  const {regionId} = market;
  const batched: string[] = [];
  const asking = new Set<string>();
  let marks = 0;
  let calm = false;
  let over = false;
  let open = Number.POSITIVE_INFINITY;
  let lastMovedMs = performance.now();
  let standing = '';

  const chance = (about: string): Random => randomStream(seed, `${regionId} ${about}`);
  const nextMark = () => `m.${seed}.${regionId}.${++marks}`;
  const people = openPeople(chance, nextMark);

  const mayAsk = ({id}: Task) => client.hasRoom() && !asking.has(id);

  function ask(task: Task, wish: Wish | undefined): void {
    if (wish === undefined) return;
    asking.add(task.id);
    const {action, mark, said} = wish;
    const path = `/v1/tasks/${task.id}/${action}?regionId=${regionId}`;
    const asked = {mark, event: EVENT_OF[action], path, body: said, taskId: task.id};
    void client.ask(asked).finally(() => asking.delete(task.id));
  }

  async function round(): Promise<void> {
    const found = await listTasks(db, regionId, {states: OPEN_STATES, limit: PAGE});
    open = found.length;
    const seen = found.map(({id, state, attempts}) => `${id} ${state} ${attempts}`).join();
    if (seen !== standing) lastMovedMs = performance.now();
    standing = seen;
    // Not always the same ones first.
    const first = Math.floor(Math.random() * found.length);
    for (const task of [...found.slice(first), ...found.slice(0, first)]) {
      if (mayAsk(task)) ask(task, people.wishOf(task, calm));
    }
    if (calm) return;
    for (const task of await listTasks(db, regionId, {states: ['CANCELLED'], limit: PAGE})) {
      if (mayAsk(task)) ask(task, people.secondThought(task, nowMs()));
    }
  }

  const rounds = (async () => {
    while (!over) {
      await round().catch(() => {}); // The database is gone for the moment.
      await delay(ROUND_MS);
    }
  })();

  const positions = (async () => {
    const random = chance('positions');
    while (!over) {
      const heard = market.drivers.map((driverId) => ({driverId, ...somewhere(random), recordedAtMs: nowMs()}));
      await recordPositions(db, regionId, heard).catch(() => {});
      await delay(POSITIONS_EVERY_MS);
    }
  })();

  function order(n: number, random: Random): Omit<NewTask, 'id'> {
    const {latE7: dropLatE7, lonE7: dropLonE7} = somewhere(random);
    const atMs = nowMs();
    const latestAtMs = atMs + (random() < HASTY_SHARE ? 90_000 : 10 * HOUR_MS);
    return {
      regionId,
      storeId: market.stores[Math.floor(random() * market.stores.length)].id,
      dropLatE7,
      dropLonE7,
      readyAtMs: atMs,
      dueAtMs: latestAtMs,
      latestAtMs,
      category: 'vape',
      valueCents: 1_000,
      units: 1 + Math.floor(random() * 2),
      // Told apart by it, whatever their ids.
      payCents: (seed % 500) * 10_000 + n,
      ageCheckUntilMs: atMs + 24 * HOUR_MS,
    };
  }

  async function orderByBatch(n: number, random: Random): Promise<void> {
    const id = crypto.randomUUID();
    const asked = {...order(n, random), id};
    // Until it is known to be there: a batch that is sent again finds what it had made.
    while (!over) {
      const made = await createTasks(db, regionId, [asked]).catch(() => undefined);
      if (made !== undefined) return void batched.push(id);
      await delay(ROUND_MS);
    }
  }

  async function orderByHttp(n: number, random: Random): Promise<void> {
    const asked = order(n, random);
    const iso = (ms: number) => new Date(ms).toISOString();
    const {dropLatE7, dropLonE7, readyAtMs, dueAtMs, latestAtMs, ageCheckUntilMs, ...sent} = asked;
    const body = {
      ...sent,
      drop: {lat: dropLatE7 / 1e7, lon: dropLonE7 / 1e7},
      readyAt: iso(readyAtMs),
      dueAt: iso(dueAtMs),
      latestAt: iso(latestAtMs),
      ageCheckUntil: iso(ageCheckUntilMs!),
    };
    await client.ask({mark: nextMark(), event: 'created', path: '/v1/tasks', body});
  }

  const ordered = (async () => {
    const random = chance('orders');
    const made: Promise<void>[] = [];
    const startMs = performance.now();
    for (let n = 1; n <= tasks; n++) {
      await delay(Math.max(0, startMs + (n * forMs) / tasks - performance.now()));
      made.push(random() < BATCH_SHARE ? orderByBatch(n, random) : orderByHttp(n, random));
    }
    await Promise.all(made);
  })();

  return {
    ordered,
    batched,
    async finish(stuckAfterMs) {
      await ordered;
      calm = true;
      open = Number.POSITIVE_INFINITY;
      lastMovedMs = performance.now();
      try {
        while (open > 0) {
          if (performance.now() - lastMovedMs > stuckAfterMs) throw new Error(`${open} tasks are stuck: ${standing}`);
          await delay(ROUND_MS);
        }
      } finally {
        over = true;
        await Promise.all([rounds, positions]);
      }
    },
  };
}
