// The stream of events as the live map resumes it, without a browser.
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {type Heard, startEventStream} from '../../web/panels/event-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A daemon at whose database the cursor is a number; it answers nothing while `isGone`. */
function followed() {
  const daemon = {isGone: false, now: 7};
  const told: string[] = [];
  const heard: Heard[] = [];
  const stream = startEventStream(
    {
      async cursorFrom(regionId, after) {
        told.push(`look ${regionId} ${after}`);
        if (daemon.isGone) throw new Error('gone');
        if (Number(after) > daemon.now) return undefined;
        return after ?? String(daemon.now);
      },
      open(regionId, after, listener) {
        told.push(`open ${regionId} ${after}`);
        heard.push(listener);
        return {close: () => told.push(`close ${regionId}`)};
      },
    },
    (data) => told.push(data),
    (state) => told.push(state),
    () => told.push('anew'),
  );
  const later = async (ms = 0) => {
    await vi.advanceTimersByTimeAsync(ms);
    return told.splice(0);
  };
  return {daemon, stream, later, last: () => heard.at(-1)!};
}

test('a stream that is refused before its first event goes on where it was to begin', async () => {
  const {daemon, stream, later, last} = followed();
  stream.restart('a');
  expect(await later()).toEqual(['look a undefined', 'open a 7']);
  daemon.now = 9;
  last().broken(true);
  expect(await later(1_999)).toEqual(['reconnecting']);
  expect(await later(1)).toEqual(['look a 7', 'open a 7']);
  last().opened();
  last().event('created', '9');
  last().broken(false);
  last().broken(true);
  expect(await later(2_000)).toEqual(['live', 'created', 'reconnecting', 'reconnecting', 'look a 9', 'open a 9']);
});

test('a cursor that is ahead of the database is forgotten, and it is told', async () => {
  const {daemon, stream, later, last} = followed();
  stream.restart('a');
  await later();
  daemon.now = 3;
  last().broken(true);
  expect(await later(2_000)).toEqual(['reconnecting', 'look a 7', 'anew', 'look a undefined', 'open a 3']);
});

test('it is asked again while nobody answers', async () => {
  const {daemon, stream, later} = followed();
  daemon.isGone = true;
  stream.restart('a');
  expect(await later(2_000)).toEqual(['look a undefined', 'reconnecting', 'look a undefined', 'reconnecting']);
  daemon.isGone = false;
  expect(await later(2_000)).toEqual(['look a undefined', 'open a 7']);
});

test('of another region, and of a stream that was stopped, nothing more is heard', async () => {
  const {stream, later, last} = followed();
  stream.restart('a');
  await later();
  const old = last();
  stream.restart('b');
  old.event('created', '8');
  old.broken(true);
  expect(await later(5_000)).toEqual(['close a', 'look b undefined', 'open b 7']);
  last().broken(true);
  stream.stop();
  expect(await later(5_000)).toEqual(['reconnecting', 'close b']);
  stream.restart('a');
  stream.stop();
  expect(await later(5_000)).toEqual(['look a undefined']);
});
