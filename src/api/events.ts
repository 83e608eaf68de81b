// GET /v1/events: what happens to tasks, as a stream that can be resumed, or page by page. docs/EVENTS.md

import type {OutgoingHttpHeaders} from 'node:http';
import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import type {FastifyRequest} from 'fastify';
import {type Static, Type} from 'typebox';
import {readEvents, readOutboxEnd} from '../db/events.ts';
import {BODY_UNREADABLE, type EventCursor, formatCursor, isWanted, messageOf, parseCursor} from '../domain/event.ts';
import {createEventFeed, type EventFeed, type Take} from '../loops/event-feed.ts';
import {type Caller, callerOf} from './access/caller.ts';
import {type EventStream, openEventStream, type StreamEnd} from './event-stream.ts';
import {type Failure, refuse} from './failures.ts';
import {EVENT_STREAMS_LIMIT, EVENT_STREAMS_PER_TOKEN, KINDS_LIMIT, PAGE_DEFAULT, PAGE_LIMIT} from './limits.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

export const kind = Type.String({
  pattern: '^[a-z-]{1,40}$',
  maxLength: 40,
  title: 'a kind of event, such as offered',
  examples: ['offered'],
});

export const cursor = Type.String({
  pattern: '^[0-9a-f-]{1,80}$',
  maxLength: 80,
  title: 'a cursor as it was answered, or 0 for the beginning',
  examples: ['0'],
});

const event = wire.named(
  'TaskEvent',
  Type.Object({
    id: Type.String({description: 'The same however often it is sent.'}),
    regionId: wire.regionId,
    taskId: wire.uuid,
    seq: Type.Integer({description: "Its number in the task's dossier, from 1 without gaps."}),
    kind,
    at: Type.String({...wire.instant, description: 'Dispatch time.'}),
    actor: Type.String({description: 'dispatch, operator, or driver: and an id.'}),
    detail: wire.nullable(
      Type.Object({}, {additionalProperties: true, description: 'By kind; null where `code` says why.'}),
    ),
    code: Type.Optional(Type.Literal(BODY_UNREADABLE, {description: 'The event was damaged where it is kept.'})),
    hash: Type.String({description: 'Of the dossier up to here, SHA-256 in hexadecimal.'}),
  }),
);

const eventPage = wire.named(
  'EventPage',
  Type.Object({
    events: Type.Array(event.ref),
    nextCursor: Type.String({description: 'Give it as `after` for what comes next, also at the end.'}),
    atEnd: Type.Boolean({description: 'Nothing more is there yet.'}),
  }),
);

export const eventShapes = [event.shape, eventPage.shape];

/** The cursor that a text stands for; `now` without one. A cursor of another database would be waited for in vain. */
export async function cursorOf(
  {db}: World,
  text: string | undefined,
  field: string,
): Promise<{readonly kind: 'cursor'; readonly cursor: EventCursor} | Failure> {
  const {now, nextXid} = await readOutboxEnd(db);
  if (text === undefined) return {kind: 'cursor', cursor: now};
  const parsed = parseCursor(text);
  if (!parsed) return {kind: 'invalid', errors: [{field, message: 'must be a cursor as it was answered, or 0'}]};
  if (BigInt(parsed.xid) > nextXid) {
    return {
      kind: 'refused',
      code: 'CURSOR_AHEAD',
      detail: 'The cursor is of another database, or of one since restored.',
    };
  }
  return {kind: 'cursor', cursor: parsed};
}

export const events =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db, tokens, metrics, clock, log, eventsEveryMs} = world;
    const feeds = new Map<string, EventFeed>();
    /** With the id of who asked for it. */
    const streams = new Map<EventStream, string>();
    let stopping = false;

    const feedOf = (regionId: string): EventFeed => {
      const standing = feeds.get(regionId);
      if (standing) return standing;
      const made = createEventFeed(
        (after, limit) => readEvents(db, regionId, after, limit),
        eventsEveryMs,
        clock,
        (error) => log.warn({err: error, region: regionId}, 'events could not be read; they are read again'),
      );
      feeds.set(regionId, made);
      return made;
    };

    function streamsFull(request: FastifyRequest): Failure | undefined {
      if (streams.size >= EVENT_STREAMS_LIMIT) return {kind: 'streams-full', limit: EVENT_STREAMS_LIMIT};
      if (request.caller.kind !== 'token') return undefined;
      const its = Array.from(streams.values()).filter((id) => id === callerOf(request)).length;
      return its >= EVENT_STREAMS_PER_TOKEN ? {kind: 'streams-full', limit: EVENT_STREAMS_PER_TOKEN} : undefined;
    }

    /** A stream may outlast its token, and must then send nothing more. One batch after the other, in order. */
    function whileItHolds(caller: Caller, stream: EventStream): Take {
      if (caller.kind !== 'token') return stream.send;
      let sent = Promise.resolve();
      return (events) => {
        sent = sent
          .then(async () => ((await tokens.find(caller.presented)) ? stream.send(events) : stream.end('token')))
          .catch(() => stream.end('failed'));
        return sent;
      };
    }

    app.addHook('preClose', async () => {
      stopping = true;
      for (const stream of streams.keys()) stream.end('stopping');
      await Promise.all(Array.from(feeds.values(), (feed) => feed.stop()));
    });

    app.get(
      '/v1/events',
      {
        // A stream has no length, and no end of its own.
        exposeHeadRoute: false,
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags: ['events'],
          operationId: 'events',
          summary: 'What happens to tasks, as server-sent events or page by page',
          description:
            'A stream, unless JSON is accepted and no stream. Each message has a cursor as its id; a client that ' +
            'gives it back as Last-Event-ID goes on after it and misses nothing. Without a cursor it begins now. ' +
            "At least once, each task's events in order.",
          querystring: wire.record({
            regionId: Type.Optional(wire.regionId),
            kinds: Type.Optional(
              Type.Array(kind, {maxItems: KINDS_LIMIT, description: 'Only these; without it all but legal holds.'}),
            ),
            after: Type.Optional({...cursor, description: 'Where to begin; Last-Event-ID counts before it.'}),
            limit: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: PAGE_LIMIT,
                default: PAGE_DEFAULT,
                description: 'Of a page: events looked at, of which those of other kinds are left out.',
              }),
            ),
          }),
          response: {
            200: {
              description: 'The events after the cursor.',
              content: {'text/event-stream': {schema: Type.String()}, 'application/json': {schema: eventPage.ref}},
            },
            ...problems(404, 422),
          },
        },
      },
      async (request, reply) => {
        const {kinds, limit = PAGE_DEFAULT, after: asked} = request.query;
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region) as never;
        const from = await cursorOf(world, lastEventId(request) ?? asked, 'query.after');
        if (from.kind !== 'cursor') return refuse(reply, from) as never;

        if (wantsPage(request)) {
          const found = await readEvents(db, region.id, from.cursor, limit);
          const messages = found.map((each) => messageOf(region.id, each));
          const page: Static<typeof eventPage.shape> = {
            events: messages.filter((message) => isWanted(kinds, message.kind)),
            nextCursor: formatCursor(found.at(-1)?.cursor ?? from.cursor),
            atEnd: found.length < limit,
          };
          return reply.type('application/json').send(page as never);
        }

        if (stopping) return refuse(reply, {kind: 'stopping'}) as never;
        const full = streamsFull(request);
        if (full) return refuse(reply, full) as never;
        // From here on the answer is ours: the time limit of handlers does not hold for it.
        reply.hijack();
        const headers = {...reply.getHeaders(), 'content-type': 'text/event-stream', 'cache-control': 'no-store'};
        reply.raw.writeHead(200, headers as OutgoingHttpHeaders);
        const onEnd = (reason: StreamEnd) => {
          streams.delete(stream);
          metrics.eventStreams.set(streams.size);
          metrics.eventStreamsEnded.inc({reason});
        };
        const wants = (each: string) => isWanted(kinds, each);
        const stream: EventStream = openEventStream(reply.raw, region.id, from.cursor, wants, onEnd);
        streams.set(stream, callerOf(request));
        metrics.eventStreams.set(streams.size);
        feedOf(region.id)
          .follow(from.cursor, whileItHolds(request.caller, stream), stream.signal)
          .catch((error: unknown) => {
            log.warn({err: error, region: region.id}, 'a stream of events ends: the past could not be read');
            stream.end('failed');
          });
        return reply;
      },
    );
  };

const lastEventId = ({headers}: FastifyRequest): string | undefined => {
  const given = headers['last-event-id'];
  return typeof given === 'string' && given !== '' ? given : undefined;
};

const wantsPage = ({headers: {accept = ''}}: FastifyRequest): boolean =>
  accept.includes('application/json') && !accept.includes('text/event-stream');
