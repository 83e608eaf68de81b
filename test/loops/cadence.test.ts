import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {startCadence} from '../../src/loops/cadence.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = {wallMs: () => Date.now(), monotonicMs: () => Date.now()};
const take = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

test('runs at once and then every period, counted from the start and not from the end of a run', async () => {
  const starts: number[] = [];
  const from = Date.now();
  const cadence = startCadence(1_000, clock, async () => {
    starts.push(Date.now() - from);
    await take(300);
  });
  await vi.advanceTimersByTimeAsync(3_500);
  expect(starts).toEqual([0, 1_000, 2_000, 3_000]);
  await cadence.stop();
});

test('a run that overruns delays the next one, which starts once and not twice', async () => {
  const starts: number[] = [];
  const missed: number[] = [];
  const from = Date.now();
  let first = true;
  const run = async () => {
    starts.push(Date.now() - from);
    await take(first ? 2_400 : 10);
    first = false;
  };
  const cadence = startCadence(1_000, clock, run, (count) => missed.push(count));
  await vi.advanceTimersByTimeAsync(4_500);
  expect(starts).toEqual([0, 2_401, 3_000, 4_000]);
  expect(missed).toEqual([1]);
  await cadence.stop();
});

test('runs never overlap, and stop waits for the one in flight', async () => {
  let running = 0;
  let most = 0;
  let ended = 0;
  const cadence = startCadence(100, clock, async () => {
    most = Math.max(most, ++running);
    await take(250);
    running--;
    ended++;
  });
  await vi.advanceTimersByTimeAsync(1_120);
  const stopped = cadence.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  await stopped;
  expect([most, running]).toEqual([1, 0]);
  const atStop = ended;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ended).toBe(atStop);
});
