// The feed against an outbox in memory that grows at random moments: whoever follows, from wherever, gets each event
// once and in order.
import {expect, test} from 'vitest';
import {systemClock} from '../../src/domain/clock.ts';
import {BEGINNING, compareCursors, cursorBefore, type EventCursor, type TaskEvent} from '../../src/domain/event.ts';
import {randomStream} from '../../src/domain/random.ts';
import {createEventFeed, EVENTS_PER_READING} from '../../src/loops/event-feed.ts';

const TASK = '019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10';
const eventAt = (xid: number): TaskEvent => ({
  cursor: {xid: `${xid}`, taskId: TASK, seq: xid},
  kind: 'created',
  actor: 'test',
  at: '',
  hash: '',
  body: '{}',
});

function outbox(seed: number) {
  const events: TaskEvent[] = [];
  const random = randomStream(seed, 'outbox');
  let readings = 0;
  let failing = false;
  const read = async (after: EventCursor, limit: number) => {
    readings++;
    const found = events.filter(({cursor}) => compareCursors(cursor, after) > 0).slice(0, limit);
    await new Promise((later) => setTimeout(later, random() * 3));
    if (failing) throw new Error('no database');
    return found;
  };
  const grow = (count: number) => {
    for (let i = 0; i < count; i++) events.push(eventAt(events.length + 1));
  };
  return {events, read, grow, random, readings: () => readings, fail: (now: boolean) => void (failing = now)};
}

/** Resolves once `count` events have come. */
function taker(count: number) {
  const seen: number[] = [];
  const {promise: full, resolve} = Promise.withResolvers<void>();
  const take = (events: readonly TaskEvent[]) => {
    seen.push(...events.map(({cursor}) => cursor.seq));
    if (seen.length >= count) resolve();
  };
  return {seen, take, full};
}

test.each([1, 2, 3, 4])('every follower gets every event after its cursor, once, in order (seed %i)', async (seed) => {
  const box = outbox(seed);
  box.grow(EVENTS_PER_READING + 40);
  const feed = createEventFeed(box.read, 1, systemClock, () => {});
  const left = new AbortController();
  const total = box.events.length + 200;
  const followers = [];
  for (let i = 0; i < 20; i++) {
    box.grow(10);
    const from = Math.floor(box.random() * box.events.length);
    const follower = {from, ...taker(total - from)};
    followers.push(follower);
    const after = from === 0 ? BEGINNING : eventAt(from).cursor;
    void feed.follow(after, follower.take, left.signal);
    await new Promise((later) => setTimeout(later, box.random() * 4));
  }
  await Promise.all(followers.map(({full}) => full));
  for (const {from, seen} of followers) {
    expect(seen).toEqual(Array.from({length: total - from}, (_, i) => from + i + 1));
  }
  await feed.stop();
});

test('one reading serves all, nobody is no reading, and a failed one is read again', async () => {
  const box = outbox(9);
  const failures: unknown[] = [];
  const {promise: failed, resolve} = Promise.withResolvers<void>();
  const feed = createEventFeed(box.read, 1, systemClock, (error) => {
    failures.push(error);
    resolve();
  });
  const left = new AbortController();
  const followers = Array.from({length: 50}, () => taker(1));
  await Promise.all(followers.map(({take}) => feed.follow(BEGINNING, take, left.signal)));
  const before = box.readings();
  box.fail(true);
  await failed;
  box.fail(false);
  box.grow(1);
  await Promise.all(followers.map(({full}) => full));
  expect(followers.map(({seen}) => seen)).toEqual(followers.map(() => [1]));
  expect(box.readings() - before).toBeLessThan(followers.length);

  left.abort();
  await new Promise((later) => setTimeout(later, 10));
  const after = box.readings();
  await new Promise((later) => setTimeout(later, 10));
  expect(box.readings()).toBe(after);
  await feed.stop();
});

test('in a quiet region one that resumes at the last event joins one that began now, and reads no more', async () => {
  const box = outbox(5);
  box.grow(3);
  const feed = createEventFeed(box.read, 1_000, systemClock, () => {});
  const left = new AbortController();
  await feed.follow(cursorBefore('1000'), () => {}, left.signal);
  const joining = feed.follow(eventAt(3).cursor, () => {}, left.signal);
  await Promise.race([joining, new Promise((later) => setTimeout(later, 100))]);
  left.abort();
  expect(box.readings()).toBeLessThanOrEqual(4);
  await feed.stop();
});

test('one that gave a place nothing has reached yet keeps no event from the others', async () => {
  const box = outbox(6);
  box.grow(3);
  const feed = createEventFeed(box.read, 1, systemClock, () => {});
  const left = new AbortController();
  await feed.follow(cursorBefore('1000'), () => {}, left.signal);
  const {seen, take, full} = taker(2);
  await feed.follow(eventAt(3).cursor, take, left.signal);
  box.grow(2);
  await full;
  expect(seen).toEqual([4, 5]);
  await feed.stop();
});

test('one follower that cannot take an event is told of, and the others go on', async () => {
  const box = outbox(8);
  const failures: unknown[] = [];
  const feed = createEventFeed(box.read, 1, systemClock, (error) => failures.push(error));
  const left = new AbortController();
  const broken = () => {
    throw new Error('damaged');
  };
  await feed.follow(BEGINNING, broken, left.signal);
  await feed.follow(BEGINNING, () => Promise.reject(new Error('damaged')), left.signal);
  const {take, full} = taker(2);
  await feed.follow(BEGINNING, take, left.signal);
  box.grow(1);
  await new Promise((later) => setTimeout(later, 10));
  box.grow(1);
  await full;
  expect(failures.length).toBeGreaterThanOrEqual(2);
  await feed.stop();
});
