// A world for ticks without a database: distances as the crow flies at a steady speed, and a solver in this thread. It
// records what the tick asked of it.

import type {Legs, World} from '../../src/dispatch/world.ts';
import type {Committed, Proposal} from '../../src/domain/offer.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import type {TickRecord} from '../../src/domain/tick-record.ts';
import {UNREACHABLE_MS} from '../../src/domain/units.ts';
import {solve} from '../../src/flow/solve.ts';

const MS_PER_E7 = 0.011_132 / 0.01; // 10 m/s

export type FakeWorld = World & {readonly committed: Proposal[][]; readonly records: TickRecord[]};

export function fakeWorld(snapshot: Snapshot, overrides: Partial<World> = {}): FakeWorld {
  const committed: Proposal[][] = [];
  const records: TickRecord[] = [];
  let now = 0;
  return {
    committed,
    records,
    readSnapshot: async () => snapshot,
    timeLegs: async (legs) => crowTimes(legs),
    solve: async (problem, budget, seed) => solve(problem, seed ? {budget, seed} : {budget}),
    openOffers: async (_tickId, proposals): Promise<Committed> => {
      committed.push([...proposals]);
      const landed = proposals.map(({taskId, driverId}) => ({
        offerId: `offer of ${taskId}`,
        taskId,
        driverId,
        expiresAtMs: snapshot.atMs + snapshot.settings.offerTtlS * 1_000,
      }));
      return {kind: 'committed', repeated: false, atMs: snapshot.atMs, landed, refused: []};
    },
    saveRecord: async (record) => {
      records.push(record);
      return {kind: 'saved'};
    },
    monotonicMs: () => now++,
    graphEpoch: 0,
    codeVersion: 'test',
    fence: 1,
    ...overrides,
  };
}

function crowTimes({origins, destinations, from, to, limitMs}: Legs): Int32Array {
  return Int32Array.from(from, (origin, i) => {
    const north = origins.latE7[origin] - destinations.latE7[to[i]];
    const east = (origins.lonE7[origin] - destinations.lonE7[to[i]]) * 0.53;
    const ms = Math.round(Math.hypot(north, east) * MS_PER_E7);
    return ms > limitMs ? UNREACHABLE_MS : ms;
  });
}
