// One stream of server-sent events to one client: https://html.spec.whatwg.org/multipage/server-sent-events.html.
//
// What was written and not yet taken by the client's socket is bounded: a client that reads too slowly is cut off, and
// goes on from its last id when it comes back. While it catches up with the past it is waited for instead, for a while.
// (@fastify/sse 0.6.0 frames messages and sends heartbeats, but does not tell how much of them waits.)

import {once} from 'node:events';
import type {ServerResponse} from 'node:http';
import {type EventCursor, formatCursor, messageOf, type TaskEvent} from '../domain/event.ts';
import {STREAM_BACKLOG_LIMIT_BYTES, STREAM_HEARTBEAT_MS, STREAM_RETRY_MS, STREAM_STALL_LIMIT_MS} from './limits.ts';

/** 'token': it does not hold any more. */
export type StreamEnd = 'client' | 'slow' | 'stopping' | 'failed' | 'token';

export type EventStream = {
  /** Aborted once it has ended, for whatever reason. */
  readonly signal: AbortSignal;
  /** Sends the events of the kinds that are wanted; resolves when the client has taken what may not wait. */
  readonly send: (events: readonly TaskEvent[]) => Promise<void>;
  readonly end: (reason: StreamEnd) => void;
};

/** Writes head and heartbeats; `onEnd` is called once. `response` is nobody else's. */
export function openEventStream(
  response: ServerResponse,
  regionId: string,
  after: EventCursor,
  isWanted: (kind: string) => boolean,
  onEnd: (reason: StreamEnd) => void,
): EventStream {
  const ended = new AbortController();
  let seen = after;

  const end = (reason: StreamEnd) => {
    if (ended.signal.aborted) return;
    ended.abort();
    clearInterval(heartbeat);
    // A client that does not read would never see the end.
    if (reason === 'slow') response.destroy();
    else response.end();
    onEnd(reason);
  };
  /** An id without data moves the client's Last-Event-ID on past events that it did not want. */
  const heartbeat = setInterval(() => {
    write(`: alive\nid: ${formatCursor(seen)}\n\n`);
  }, STREAM_HEARTBEAT_MS);

  const write = (text: string) => {
    if (ended.signal.aborted) return;
    response.write(text);
    if (response.writableLength > STREAM_BACKLOG_LIMIT_BYTES) end('slow');
  };

  response.on('close', () => end('client'));
  response.on('error', () => end('client'));
  write(`retry: ${STREAM_RETRY_MS}\nid: ${formatCursor(after)}\n\n`);
  return {
    signal: ended.signal,
    end,
    async send(events) {
      for (const event of events) {
        seen = event.cursor;
        const message = messageOf(regionId, event);
        if (!isWanted(message.kind)) continue;
        write(`id: ${formatCursor(seen)}\nevent: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`);
      }
      if (!response.writableNeedDrain || ended.signal.aborted) return;
      const stalled = AbortSignal.any([ended.signal, AbortSignal.timeout(STREAM_STALL_LIMIT_MS)]);
      await once(response, 'drain', {signal: stalled}).catch(() => end('slow'));
    },
  };
}
