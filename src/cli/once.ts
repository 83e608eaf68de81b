// One tick or one expiry: by a running daemon over HTTP, or in this process under the region's lease.

import {v7 as uuidv7} from 'uuid';
import {KEEP_TICKS_LIMIT_H} from '../config.ts';
import type {Database} from '../db/connect.ts';
import {claimLease, listLeases, releaseLease} from '../db/leases.ts';
import {expireOffers} from '../db/offers.ts';
import {newestSpeedEpoch, readSpeedEpoch} from '../db/speed-epochs.ts';
import {tick as decide} from '../dispatch/tick.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {newOwner} from '../loops/leases.ts';
import {sweep} from '../loops/sweep.ts';
import {askDaemon} from './ask-daemon.ts';
import {type DatabaseOptions, theRegion, withDatabase} from './database.ts';
import {type GraphOptions, type KeptEpoch, withEngine} from './engine.ts';
import {type RegionPortOptions, regionPort} from './region-port.ts';
import {terminal} from './terminal.ts';

export type OnceOptions = DatabaseOptions &
  GraphOptions & {
    readonly region?: string;
    readonly url?: string;
    readonly token?: string;
    readonly dryRun?: boolean;
    readonly json?: boolean;
  };

/** Longer than a tick: the lease is given back when it ends. */
const LEASE_MS = 30_000;

/**
 * Exit code 1 when the region is paused, another daemon owns it, a running tick stands in the way, or the answer failed
 * its check.
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
      const by = claim.owner ?? 'nobody for the moment';
      shown.answer({kind: 'owned-elsewhere', owner: claim.owner}, `region ${region.id} is owned by ${by}`);
      return;
    }
    try {
      const {id: regionId, graph} = region;
      await withEngine(
        graph,
        options,
        (hash) => newestKept(db, graph, hash),
        async ({router, pool}) => {
          // A tick alone drops nothing that some daemon may still keep.
          const keepTicksH = KEEP_TICKS_LIMIT_H;
          const withRouter: RegionPortOptions['withRouter'] = (use) => use(router);
          const port = regionPort({db, regionId, graph, withRouter, pool, clock: systemClock, keepTicksH});
          await port.housekeep();
          // Looked at last: opening a graph takes a while.
          const pausedBy = (await listLeases(db)).find((lease) => lease.regionId === regionId)?.pausedBy;
          if (typeof pausedBy === 'string' && !options.dryRun) {
            process.exitCode = 1;
            shown.answer({kind: 'paused', pausedBy}, `region ${regionId} is paused by ${pausedBy}`);
            return;
          }
          const request = {id: uuidv7(), trigger: 'request', dryRun: options.dryRun ?? false} as const;
          const outcome = await port.withWorld(claim.fence, (world) => decide(world, request));
          if (outcome.kind === 'fenced') throw new InputFailure('FENCED', 'the lease passed while the tick ran');
          const {header, landed, refused, flaw} = outcome;
          if (flaw) process.exitCode = 1;
          const text = `${header.counts.proposed} proposed, ${landed.length} landed, ${refused.length} refused`;
          shown.answer({...header, landed, refused}, `tick ${header.id}: ${text}`);
        },
      );
    } finally {
      await releaseLease(db, region.id, claim.fence);
    }
  });
}

/** The live speeds that a daemon would go by. */
async function newestKept(db: Database, graph: string, graphHash: string): Promise<KeptEpoch | undefined> {
  const newest = await newestSpeedEpoch(db, graph, graphHash);
  return newest && readSpeedEpoch(db, graph, newest.epoch);
}

export async function expire(options: OnceOptions): Promise<void> {
  if (options.url !== undefined) return ask(options, 'expire_offers', {});
  await withDatabase(options, async (db) => {
    const region = await theRegion(db, options.region);
    const total = await sweep((limit) => expireOffers(db, region.id, limit));
    terminal(options.json ?? false).answer(total, `${total.expired} offers expired, ${total.failed} tasks failed`);
  });
}

async function ask({url = '', token, region, json}: OnceOptions, action: string, body: object): Promise<void> {
  const {ok, answer} = await askDaemon({url, token}, `/internal/dispatch/${action}`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({...body, ...(region === undefined ? {} : {regionId: region})}),
  });
  if (!ok) process.exitCode = 1;
  terminal(json ?? false).answer(answer, JSON.stringify(answer, null, 2));
}
