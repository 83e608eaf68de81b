// What a daemon does about an epoch that it cannot make: it waits before it tries that one again, and for no other.

import {afterAll, beforeAll, expect, test} from 'vitest';
import {makeEpoch} from '../../native-graph/metric/epoch.ts';
import {type LiveSpeeds, liveSpeeds} from '../../src/cli/live-speeds.ts';
import type {EpochThreads} from '../../src/pool/epoch-threads.ts';
import {createEpochs, type EpochSearches} from '../../src/router/epochs.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {town} from '../support/town.ts';

const {graph} = town('a-b-c\n| | |\nd-e-f');
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

type Daemon = {readonly live: LiveSpeeds; readonly standing: () => number; tries: number; isBroken: boolean};

let nowMs = 0;

function start(): Daemon {
  const searches: EpochSearches = {betweenTimes: () => expect.unreachable()};
  const epochs = createEpochs(graph, {}, searches, () => nowMs);
  const epochThreads: EpochThreads = {
    async make(_, rows, weights) {
      daemon.tries++;
      if (daemon.isBroken) throw new Error('cannot be made');
      return makeEpoch(graph, rows, weights);
    },
    customize: () => expect.unreachable(),
    close: async () => {},
  };
  const prepare = async () => searches;
  const live = liveSpeeds({db: database.db, graph: 'g', epochs, epochThreads, prepare, monotonicMs: () => nowMs});
  const daemon: Daemon = {live, standing: () => epochs.current().epoch, tries: 0, isBroken: false};
  return daemon;
}

const post = ({live}: Daemon, kmh: number) =>
  live.put({csv: Buffer.from(`97,98,${kmh}\n`), mode: 'replace', source: 'test'});

test('an epoch that cannot be made is tried after two seconds, four, eight, and a newer one at once', async () => {
  const [follower, other] = [start(), start()];
  await post(other, 20);
  follower.isBroken = true;
  for (const waitMs of [2_000, 4_000, 8_000]) {
    follower.tries = 0;
    await expect(follower.live.follow()).rejects.toThrow('cannot be made');
    expect(follower.tries).toBe(1);
    nowMs += waitMs - 1;
    await follower.live.follow();
    expect(follower.tries).toBe(1);
    nowMs++;
  }
  for (let i = 0; i < 9; i++) {
    await follower.live.follow().catch(() => {});
    nowMs += 60_000;
  }
  expect(follower.tries).toBe(1 + 9);
  await expect(follower.live.follow()).rejects.toThrow('cannot be made');
  await post(other, 25);
  follower.isBroken = false;
  await follower.live.follow();
  expect(follower.standing()).toBe(other.standing());

  await post(other, 30);
  follower.isBroken = true;
  await expect(follower.live.follow()).rejects.toThrow('cannot be made');
  follower.isBroken = false;
  await post(follower, 35);
  await post(other, 40);
  await follower.live.follow();
  expect(follower.standing()).toBe(other.standing());
});
