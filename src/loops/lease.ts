// Keeps the lease of one region: a row with an owner, an end and a fence that every decision is checked against. The
// time is Postgres's alone, so a daemon whose own clock is wrong, or that was paused, decides nothing once its lease
// has passed.

import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import type {Clock} from '../domain/clock.ts';
import {type Cadence, startCadence} from './cadence.ts';

const LEASE_TTL_MS = 5_000;
const RENEW_EVERY_MS = 1_000;

/** A daemon is its host plus a mark of the process: a restarted one is another owner. */
export const newOwner = (): string => `${hostname()}/${randomUUID()}`;

export type Claim =
  | {readonly kind: 'held'; readonly fence: number}
  | {readonly kind: 'taken'; readonly owner: string; readonly expiresInMs: number};

export type LeasePort = {
  readonly claim: (ttlMs: number) => Promise<Claim>;
  readonly release: (fence: number) => Promise<void>;
};

export type Lease = {
  /** What the last claim said; a decision that relies on it is checked again by its fence. */
  current(): Claim | undefined;
  /** Stops renewing and gives the region back, so that another daemon need not wait for the end of the lease. */
  stop(): Promise<void>;
};

/** Claims at once and resolves with the first answer known; then renews, or waits for its turn, every second. */
export async function keepLease(port: LeasePort, clock: Clock, onFailure: (error: unknown) => void): Promise<Lease> {
  let claim: Claim | undefined = await port.claim(LEASE_TTL_MS);
  const renew = async () => {
    try {
      claim = await port.claim(LEASE_TTL_MS);
    } catch (error) {
      // Unknown is not held: until the database answers again, no tick starts here.
      claim = undefined;
      onFailure(error);
    }
  };
  const cadence: Cadence = startCadence(RENEW_EVERY_MS, clock, renew);
  return {
    current: () => claim,
    async stop() {
      await cadence.stop();
      if (claim?.kind === 'held') await port.release(claim.fence).catch(onFailure);
      claim = undefined;
    },
  };
}
