// The leases of a daemon bound to Postgres.

import type {Database} from '../db/connect.ts';
import {beatDaemon, claimLease, listDaemons, listLeases, releaseLease, removeDaemon} from '../db/leases.ts';
import type {LeasePort} from '../loops/leases.ts';

/** `db` is best a way to the database of the leases' own, so that no other statement can keep a renewal waiting. */
export function leasePort(db: Database, owner: string, regionIds: readonly string[]): LeasePort {
  return {
    beat: (ttlMs) => beatDaemon(db, owner, regionIds, ttlMs),
    leave: () => removeDaemon(db, owner),
    async look() {
      const [daemons, leases] = await Promise.all([listDaemons(db), listLeases(db)]);
      return {daemons, leases};
    },
    claim: (regionId, ttlMs) => claimLease(db, regionId, owner, ttlMs),
    release: (regionId, fence) => releaseLease(db, regionId, fence),
  };
}
