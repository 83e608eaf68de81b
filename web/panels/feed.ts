// What happens to tasks, as it happens: the stream of events, with what came last in front.

import {get, Problem, withQuery} from '../daemon.ts';
import {byId, make, replace, roving, setText, shortId, timeOf, words} from '../dom.ts';
import type {TaskEvent} from '../wire.ts';
import {type EventSourceOf, startEventStream} from './event-stream.ts';

const ROWS_SHOWN = 60;
const KINDS = [
  'created',
  'offered',
  'accepted',
  'rejected',
  'timed-out',
  'picked-up',
  'delivered',
  'verification-failed',
  'returned',
  'released',
  'cancelled',
  'failed',
  're-opened',
];
const STATE_OF: Readonly<Record<string, string>> = {
  offered: 'OFFERED',
  accepted: 'ASSIGNED',
  'picked-up': 'PICKED_UP',
  delivered: 'DELIVERED',
  'verification-failed': 'RETURNING',
  returned: 'RETURNED',
  'timed-out': 'EXPIRED',
  failed: 'FAILED',
};

/** A browser's EventSource comes back by itself after a network failure, and ends at an answer that is no stream. */
const SOURCE: EventSourceOf = {
  async cursorFrom(regionId, after) {
    try {
      const {nextCursor} = await get<{nextCursor: string}>(withQuery('/v1/events', {regionId, after, limit: '1'}));
      // What is after a cursor is left to the stream.
      return after ?? nextCursor;
    } catch (error) {
      // CURSOR_AHEAD.
      if (after !== undefined && error instanceof Problem && error.status === 422) return undefined;
      throw error;
    }
  },
  open(regionId, after, {opened, event, broken}) {
    const source = new EventSource(withQuery('/v1/events', {regionId, after}));
    source.addEventListener('open', opened);
    source.addEventListener('error', () => broken(source.readyState === EventSource.CLOSED));
    for (const kind of KINDS) {
      source.addEventListener(kind, ({data, lastEventId}: MessageEvent<string>) => event(data, lastEventId));
    }
    return source;
  },
};

export function startFeed(onPick: (taskId: string) => void, onEvent: (event: TaskEvent) => void) {
  const list = byId('feed');
  roving(list);
  /** Newest first. */
  let events: TaskEvent[] = [];
  let waiting = false;
  let isAnew = false;
  const stream = startEventStream(
    SOURCE,
    take,
    (state) => setText('feed-state', state === 'live' && isAnew ? 'live, begun anew: another database' : state),
    () => {
      isAnew = true;
      events = [];
      show();
    },
  );

  function take(data: string): void {
    const event = JSON.parse(data) as TaskEvent;
    events = [event, ...events].slice(0, ROWS_SHOWN);
    onEvent(event);
    if (waiting) return;
    // Many may come at once: they are drawn once a frame.
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      show();
    });
  }

  function show(): void {
    byId('feed-empty').hidden = events.length > 0;
    replace(
      list,
      events.map(({taskId, kind, at, actor}) => {
        const made = make('button', 'row');
        made.type = 'button';
        made.dataset.key = `${taskId} ${kind} ${at}`;
        made.append(
          make('i', `dot s-${STATE_OF[kind] ?? 'PENDING'}`),
          make('span', 'mono', timeOf(at)),
          make('span', '', words(kind)),
          make('span', 'dim', actor.startsWith('driver:') ? `driver ${shortId(actor)}` : actor),
          make('span', 'mono n', shortId(taskId)),
        );
        made.addEventListener('click', () => onPick(taskId));
        return make('li', '', made);
      }),
    );
  }

  return {
    /** Begins now, with whatever region is shown. */
    restart(regionId: string) {
      isAnew = false;
      events = [];
      show();
      stream.restart(regionId);
    },
    stop: stream.stop,
  };
}
