// The events of one region for any number of followers, read by one poller. A follower that begins in the past reads
// its own way up to where the poller is, and is fed by it from there on: each event once, in the order of cursors.

import type {Clock} from '../domain/clock.ts';
import {compareCursors, type EventCursor, type TaskEvent} from '../domain/event.ts';
import {type Cadence, startCadence} from './cadence.ts';

/** Events of one reading. */
export const EVENTS_PER_READING = 500;

export type ReadEvents = (after: EventCursor, limit: number) => Promise<readonly TaskEvent[]>;

/** Takes events; while a follower catches up, the next reading waits for what this resolves to. */
export type Take = (events: readonly TaskEvent[]) => Promise<void> | void;

export type EventFeed = {
  /** Resolves once the follower has caught up, or has left. Rejects with what its own readings meet. */
  follow(after: EventCursor, take: Take, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
};

type Follower = {cursor: EventCursor; readonly take: Take};

/**
 * Polls every `everyMs` while somebody follows. `onFailure` is told of a reading that failed, of which the next is the
 * retry, and of a follower that could not take what it was given.
 */
export function createEventFeed(
  read: ReadEvents,
  everyMs: number,
  clock: Clock,
  onFailure: (error: unknown) => void,
): EventFeed {
  const followers = new Set<Follower>();
  let tail: EventCursor | undefined;
  let poller: Cadence | undefined;
  let stopped = false;

  const poll = async () => {
    try {
      while (tail !== undefined) {
        const from: EventCursor = tail;
        const events = await read(from, EVENTS_PER_READING);
        if (tail !== from) continue;
        if (events.length === 0) return;
        tail = events.at(-1)!.cursor;
        for (const follower of followers) feed(follower, events, onFailure);
        if (events.length < EVENTS_PER_READING) return;
      }
    } catch (error) {
      onFailure(error);
    }
  };

  const leave = (follower: Follower) => {
    followers.delete(follower);
    if (followers.size > 0) return;
    void poller?.stop();
    poller = undefined;
    tail = undefined;
  };

  const join = (follower: Follower, signal: AbortSignal) => {
    followers.add(follower);
    signal.addEventListener('abort', () => leave(follower), {once: true});
    // Who has read everything may still be before the poller: one that begins now begins after a place that holds no
    // event yet. The poller goes on from the earlier place, so that none is missed; followers skip what they have.
    if (tail === undefined || compareCursors(follower.cursor, tail) < 0) tail = follower.cursor;
    poller ??= startCadence(everyMs, clock, poll);
  };

  return {
    async follow(after, take, signal) {
      const follower: Follower = {cursor: after, take};
      while (!signal.aborted && !stopped) {
        const before = tail;
        const events = await read(follower.cursor, EVENTS_PER_READING);
        if (signal.aborted || stopped) return;
        if (events.length > 0) {
          follower.cursor = events.at(-1)!.cursor;
          await take(events);
        }
        // A short page holds all there was, so the follower lacks nothing but what the poller has read meanwhile.
        // From the comparison to joining nothing is awaited, so the poller cannot move in between.
        const hasAll = tail === undefined || tail === before || compareCursors(follower.cursor, tail) >= 0;
        if (events.length < EVENTS_PER_READING && hasAll) {
          if (!signal.aborted && !stopped) join(follower, signal);
          return;
        }
      }
    },
    async stop() {
      stopped = true;
      followers.clear();
      tail = undefined;
      await poller?.stop();
    },
  };
}

/** What the poller read and the follower has not: one that read further by itself has some of it. */
function feed(follower: Follower, events: readonly TaskEvent[], onFailure: (error: unknown) => void): void {
  const unseen = events.filter(({cursor}) => compareCursors(cursor, follower.cursor) > 0);
  if (unseen.length === 0) return;
  follower.cursor = unseen.at(-1)!.cursor;
  // One that cannot take them keeps nothing from the others, and ends no daemon.
  Promise.try(() => follower.take(unseen)).catch(onFailure);
}
