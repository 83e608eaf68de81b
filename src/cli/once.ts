// One tick or one expiry: by a running daemon over HTTP, or in this process under the region's lease.

import {v7 as uuidv7} from 'uuid';
import {claimLease, releaseLease} from '../db/leases.ts';
import {expireOffers} from '../db/offers.ts';
import {tick as decide} from '../dispatch/tick.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {newOwner} from '../loops/lease.ts';
import {sweep} from '../loops/sweep.ts';
import {type DatabaseOptions, theRegion, withDatabase} from './database.ts';
import {type GraphOptions, withEngine} from './engine.ts';
import {regionPort} from './region-port.ts';
import {terminal} from './terminal.ts';

export type OnceOptions = DatabaseOptions &
  GraphOptions & {
    readonly region?: string;
    readonly url?: string;
    readonly dryRun?: boolean;
    readonly json?: boolean;
  };

/** Longer than a tick: the lease is given back when it ends. */
const LEASE_MS = 30_000;
const REPLY_LIMIT_MS = 60_000;

/**
 * Exit code 1 when another daemon owns the region, a running tick stands in the way, or the answer failed its check.
 */
export async function tick(options: OnceOptions): Promise<void> {
  if (options.url !== undefined) return ask(options, 'tick', {dryRun: options.dryRun ?? false});
  const shown = terminal(options.json ?? false);
  await withDatabase(options, async (db) => {
    const region = await theRegion(db, options.region);
    const owner = newOwner();
    const claim = await claimLease(db, region.id, owner, LEASE_MS);
    if (claim.kind === 'taken') {
      process.exitCode = 1;
      shown.answer({kind: 'owned-elsewhere', owner: claim.owner}, `region ${region.id} is owned by ${claim.owner}`);
      return;
    }
    try {
      await withEngine(region.graph, options, async ({router, pool}) => {
        const port = regionPort({db, regionId: region.id, router, pool, owner, clock: systemClock});
        await port.housekeep();
        const request = {id: uuidv7(), trigger: 'request', dryRun: options.dryRun ?? false} as const;
        const outcome = await decide(port.world(claim.fence), request);
        if (outcome.kind === 'fenced') throw new InputFailure('FENCED', 'the lease passed while the tick ran');
        const {header, landed, refused, flaw} = outcome;
        if (flaw) process.exitCode = 1;
        const text = `${header.counts.proposed} proposed, ${landed.length} landed, ${refused.length} refused`;
        shown.answer({...header, landed, refused}, `tick ${header.id}: ${text}`);
      });
    } finally {
      await releaseLease(db, region.id, claim.fence);
    }
  });
}

export async function expire(options: OnceOptions): Promise<void> {
  if (options.url !== undefined) return ask(options, 'expire_offers', {});
  await withDatabase(options, async (db) => {
    const region = await theRegion(db, options.region);
    const total = await sweep((limit) => expireOffers(db, region.id, limit));
    terminal(options.json ?? false).answer(total, `${total.expired} offers expired, ${total.failed} tasks failed`);
  });
}

/** The daemon's own answer is the command's; a problem document ends it with exit code 1. */
async function ask({url, region, json}: OnceOptions, action: string, body: object): Promise<void> {
  const target = URL.parse(`/internal/dispatch/${action}`, url);
  if (!target) throw new InputFailure('URL_INVALID', `${url} is not an address`);
  const reply = await fetch(target, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({...body, ...(region === undefined ? {} : {regionId: region})}),
    signal: AbortSignal.timeout(REPLY_LIMIT_MS),
  }).catch((error: Error) => {
    throw new InputFailure('DAEMON_UNREACHABLE', `${target.origin} does not answer: ${error.message}`);
  });
  const answer = await reply.json().catch(() => {
    throw new InputFailure('DAEMON_UNREACHABLE', `${target.origin} answered ${reply.status}, but is no daemon of ours`);
  });
  if (!reply.ok) process.exitCode = 1;
  terminal(json ?? false).answer(answer, JSON.stringify(answer, null, 2));
}
