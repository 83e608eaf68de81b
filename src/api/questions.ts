// Questions about recorded ticks, why and what if: each of a region of this daemon, one at a time.

import type {FastifyRequest} from 'fastify';
import type {Decision} from '../dispatch/decision.ts';
import type {Explainer} from '../dispatch/explain/explain.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {Failure} from './failures.ts';
import {EXPLAINS_WAITING_LIMIT} from './limits.ts';
import {ownRegion} from './region.ts';
import {createTurns} from './turns.ts';
import type {World} from './world.ts';

/** What answers, of the tick as it was decided. */
type Use<T> = (
  regionId: string,
  decision: Decision,
  explainer: Explainer,
  decideOn: (snapshot: Snapshot) => Promise<Decision>,
) => Promise<T>;

export type Ask = <T>(
  request: FastifyRequest,
  asked: string | undefined,
  tickId: string,
  use: Use<T>,
) => Promise<{readonly kind: 'answered'; readonly answer: T} | Failure>;

/** All that come through what is returned wait for one another. */
export function questionsInTurn(world: World): Ask {
  const turns = createTurns(1, EXPLAINS_WAITING_LIMIT);
  return async ({signal}, asked, tickId, use) => {
    const region = ownRegion(world, asked);
    if (region.kind !== 'region') return region;
    const turn = await turns.wait(signal);
    if (turn.kind === 'full') return {kind: 'overloaded'};
    // Nobody hears it, or the time-out has been told.
    if (turn.kind === 'gone') return {kind: 'too-slow'};
    try {
      return await world.explaining.ask(region.id, tickId, (...answering) => use(region.id, ...answering));
    } finally {
      turn.end();
    }
  };
}
