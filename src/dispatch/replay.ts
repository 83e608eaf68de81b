// A recorded tick decided again: from the same snapshot, the same seed and the same road times comes the same decision,
// bit for bit, on any number of workers.

import {type Decision, decide} from './decision.ts';
import {recordedAnswer} from './last-answer.ts';
import type {Payload} from './record.ts';
import type {DecidingWorld} from './world.ts';

/** Roads and solver, at the epoch of the tick. */
export type ReplayWorld = Omit<DecidingWorld, 'readSnapshot'> & Required<Pick<DecidingWorld, 'nearestDrivers'>>;

/** Candidates are chosen as they were then, whatever `world` could do. */
export const decideAgain = (
  {snapshot, nearestByRoad, seed}: Pick<Payload, 'snapshot' | 'nearestByRoad' | 'seed'>,
  world: ReplayWorld,
): Promise<Decision> =>
  decide(
    {...world, readSnapshot: async () => snapshot, nearestDrivers: nearestByRoad ? world.nearestDrivers : undefined},
    seed && recordedAnswer(snapshot, seed),
  );
