// A region's port that fails where it is told to, between the loops of a real daemon and the real world.

import type {World} from '../../src/dispatch/world.ts';
import type {Proposal} from '../../src/domain/offer.ts';
import type {RegionPort} from '../../src/loops/region-dispatcher.ts';
import {type Armed, WORKER_BUDGETS} from './messages.ts';
import type {Stage} from './plan.ts';

export type Faults = {
  readonly armed: () => Armed | null;
  /** Waits to be killed or stopped, where that is what is armed. Once it goes on: whether it was this one's turn. */
  readonly strike: () => Promise<boolean>;
  readonly onFence: (regionId: string, fence: number) => void;
  readonly onWorkerFailed: (message: string) => void;
};

export function faultyPort(port: RegionPort, faults: Faults): RegionPort {
  return {
    ...port,
    lease: {
      ...port.lease,
      current() {
        const claim = port.lease.current();
        if (claim?.kind === 'held') faults.onFence(port.regionId, claim.fence);
        return claim;
      },
    },
    withWorld: (fence, use) => port.withWorld(fence, (world) => use(faultyWorld(world, faults))),
  };
}

/** A statement is on its way before the process dies or stops; it may have been answered. */
const UNDER_WAY_MS = 2;

function faultyWorld(world: World, faults: Faults): World {
  const at = async (stage: Stage) => {
    const armed = faults.armed();
    if (armed !== null && armed.does !== 'worker' && armed.stage === stage) await faults.strike();
  };
  const after = async <T>(stage: Stage, answer: Promise<T>): Promise<T> => {
    const answered = await answer;
    await at(stage);
    return answered;
  };
  const {nearestDrivers} = world;
  return {
    ...world,
    readSnapshot: () => after('snapshot', world.readSnapshot()),
    ...(nearestDrivers && {nearestDrivers: (wanted) => after('candidates', nearestDrivers(wanted))}),
    timeLegs: (legs) => after('etas', world.timeLegs(legs)),
    async solve(problem, budget, seed) {
      const armed = faults.armed();
      if (armed?.does !== 'worker' || !(await faults.strike())) {
        return after('solve', world.solve(problem, budget, seed));
      }
      try {
        return await world.solve(problem, WORKER_BUDGETS[armed.fault], seed);
      } catch (error) {
        faults.onWorkerFailed((error as Error).message);
        throw error;
      }
    },
    openOffers: (tickId, proposals) => openOffers(world, at, tickId, proposals),
    async saveRecord(record) {
      await at('before-record');
      return after('after-record', world.saveRecord(record));
    },
  };
}

async function openOffers(
  world: World,
  at: (stage: Stage) => Promise<void>,
  id: string,
  proposals: readonly Proposal[],
) {
  await at('before-commit');
  const answer = world.openOffers(id, proposals);
  answer.catch(() => {}); // Awaited below.
  await new Promise((later) => setTimeout(later, UNDER_WAY_MS));
  await at('in-commit');
  const committed = await answer;
  await at('after-commit');
  return committed;
}
