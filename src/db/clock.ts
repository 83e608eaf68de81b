// Dispatch time as Postgres keeps it: how a demo runs faster than the world, and a test holds time still.

import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const SET = statement('set_dispatch_clock');
const READ = statement('read_dispatch_clock');
const LATEST = statement('latest_instant');

export type DispatchClock = {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Dispatch seconds per real second, 0 to 100,000; 0 holds time still. */
  readonly scale: number;
};

export async function setDispatchClock(db: Database, {nowMs, scale}: DispatchClock): Promise<void> {
  await db.query(SET, [Math.round(nowMs), scale]);
}

export async function readDispatchClock(db: Database): Promise<DispatchClock> {
  const [clock] = await db.query<DispatchClock>(READ);
  return clock;
}

/** The greatest instant recorded anywhere, epoch milliseconds: where a stopped world resumes. Reads whole tables. */
export async function latestInstantMs(db: Database): Promise<number | null> {
  const [{atMs}] = await db.query<{atMs: number | null}>(LATEST);
  return atMs;
}
