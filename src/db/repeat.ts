// What to do when a connection breaks under a call whose outcome the database keeps: ask again.

import {setTimeout as delay} from 'node:timers/promises';
import {failureKind} from './failure-kind.ts';

/** Calls after the first. A server that restarts, or another one that takes over, is often back by the last. */
const REPEATS_LIMIT = 3;
/** Before the first repetition; before each later one three times as long. Together they fit into a lease. */
const REPEAT_PAUSE_MS = 100;

/**
 * Repeats a call whose connection was lost, since it may have taken effect: it must be one that answers with its first
 * outcome when it did. Every other failure, and the last, is the caller's.
 */
export async function repeatWhenGone<T>(call: () => Promise<T>): Promise<T> {
  for (let pauseMs = REPEAT_PAUSE_MS, repeats = 0; ; pauseMs *= 3, repeats++) {
    try {
      return await call();
    } catch (error) {
      if (failureKind(error) !== 'gone' || repeats === REPEATS_LIMIT) throw error;
    }
    await delay(pauseMs);
  }
}
