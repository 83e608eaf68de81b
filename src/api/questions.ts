// Questions about recorded ticks, why and what if: each of a region of this daemon, one at a time.

import type {FastifyReply} from 'fastify';
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
  reply: FastifyReply,
  asked: string | undefined,
  tickId: string,
  use: Use<T>,
) => Promise<{readonly kind: 'answered'; readonly answer: T} | Failure>;

/** All that come through what is returned wait for one another. */
export function questionsInTurn(world: World): Ask {
  const turns = createTurns(1, EXPLAINS_WAITING_LIMIT);
  return async (reply, asked, tickId, use) => {
    const region = ownRegion(world, asked);
    if (region.kind !== 'region') return region;
    const turn = await turns.wait(unheard(reply));
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

/** Aborts once nobody hears the answer. The request's own signal does so when its body has been read. */
function unheard({raw}: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}
