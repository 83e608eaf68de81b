// The regions of this daemon as the HTTP side sees them, from before the first graph is loaded.

import type {DispatchPort, ReadinessCheck} from '../api/world.ts';
import type {Database} from '../db/connect.ts';
import {pauseRegion, resumeRegion} from '../db/leases.ts';
import {expireOffers} from '../db/offers.ts';
import type {Leases} from '../loops/leases.ts';
import type {RegionDispatcher} from '../loops/region-dispatcher.ts';
import {sweep} from '../loops/sweep.ts';

/** The maps fill up while the daemon starts. */
export function dispatchPort(
  db: Database,
  regions: readonly {readonly id: string; readonly graph: string}[],
  opened: ReadonlyMap<string, unknown>,
  dispatchers: ReadonlyMap<string, RegionDispatcher>,
  leases: () => Pick<Leases, 'rows' | 'lookAgain'> | undefined,
): DispatchPort {
  const leaseRows = () => leases()?.rows() ?? [];
  const pauseOf: DispatchPort['pauseOf'] = (regionId) => {
    const row = leaseRows().find((each) => each.regionId === regionId);
    return row?.pausedBy == null || row.pausedAtMs === null ? undefined : {by: row.pausedBy, sinceMs: row.pausedAtMs};
  };
  const regionIds = regions.map(({id}) => id).sort();
  const inOrder = (id: string): string => {
    const claim = dispatchers.get(id)?.claim();
    if (claim?.kind !== 'taken') return pauseOf(id) ? 'paused' : 'in order';
    return claim.owner === undefined ? 'about to be taken by a daemon' : `stands by: ${claim.owner} dispatches it`;
  };
  return {
    regions: regionIds,
    leases() {
      const rowOf = new Map(leaseRows().map((row) => [row.regionId, row]));
      return regionIds.map((regionId) => ({
        regionId,
        owner: rowOf.get(regionId)?.owner ?? null,
        fence: rowOf.get(regionId)?.fence ?? 0,
        here: dispatchers.get(regionId)?.claim()?.kind === 'held',
      }));
    },
    async tick(regionId, {dryRun}) {
      return (await dispatchers.get(regionId)?.tick({trigger: 'request', dryRun})) ?? {kind: 'loading'};
    },
    // Offers are closed by whoever finds them due; that needs no graph and no lease.
    expire: (regionId) => dispatchers.get(regionId)?.expire() ?? sweep((limit) => expireOffers(db, regionId, limit)),
    async pause(regionId, actor) {
      await pauseRegion(db, regionId, actor);
      await leases()?.lookAgain();
    },
    async resume(regionId) {
      await resumeRegion(db, regionId);
      await leases()?.lookAgain();
    },
    pauseOf,
    taskPrices: (regionId) => dispatchers.get(regionId)?.taskPrices(),
    readiness() {
      const checks = regions.flatMap(({id, graph}): ReadinessCheck[] => {
        const loaded = opened.has(graph);
        const complaint = dispatchers.has(id) ? dispatchers.get(id)?.complaint() : 'the loop has not started';
        return [
          {name: `graph ${graph}`, ok: loaded, detail: loaded ? 'loaded' : 'loading'},
          {
            name: `loop ${id}`,
            ok: complaint === undefined,
            detail: complaint ?? inOrder(id),
          },
        ];
      });
      return {ready: checks.every(({ok}) => ok), checks};
    },
  };
}
