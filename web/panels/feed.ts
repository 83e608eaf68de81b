// What happens to tasks, as it happens: the stream of events, resumed where it broke off. A browser's EventSource comes
// back by itself after a network failure, with its last cursor; an answer that is no stream ends it for good, such as a
// 503 of a daemon that starts, and then it is opened anew after the last cursor that was seen.

import {withQuery} from '../daemon.ts';
import {byId, make, replace, roving, setText, shortId, timeOf, words} from '../dom.ts';
import type {TaskEvent} from '../wire.ts';

const ROWS_SHOWN = 60;
const REOPEN_MS = 2_000;
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

export function startFeed(onPick: (taskId: string) => void, onEvent: (event: TaskEvent) => void) {
  const list = byId('feed');
  roving(list);
  let source: EventSource | undefined;
  let after: string | undefined;
  /** Newest first. */
  let events: TaskEvent[] = [];
  let waiting = false;
  let reopening: ReturnType<typeof setTimeout> | undefined;

  function open(regionId: string): void {
    source?.close();
    const opened = new EventSource(withQuery('/v1/events', {regionId, after}));
    source = opened;
    opened.addEventListener('open', () => setText('feed-state', 'live'));
    opened.addEventListener('error', () => {
      setText('feed-state', 'reconnecting');
      if (opened.readyState !== EventSource.CLOSED) return;
      clearTimeout(reopening);
      reopening = setTimeout(() => source === opened && open(regionId), REOPEN_MS);
    });
    for (const kind of KINDS) opened.addEventListener(kind, take);
  }

  function take({data, lastEventId}: MessageEvent<string>): void {
    after = lastEventId;
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
      clearTimeout(reopening);
      after = undefined;
      events = [];
      show();
      open(regionId);
    },
    stop() {
      clearTimeout(reopening);
      source?.close();
    },
  };
}
