// A snapshot's drivers, moved to where the owner of the region has heard of them since the database was told.

import type {Snapshot} from '../domain/snapshot.ts';

/** Positions by slot; a slot of -1 is nobody. */
export type HeardPositions = {
  slotOf(driverId: string): number;
  readonly columns: {
    readonly latE7: ArrayLike<number>;
    readonly lonE7: ArrayLike<number>;
    readonly recordedAtMs: ArrayLike<number>;
  };
};

/**
 * The newest by `recordedAtMs` of each driver; what was recorded after the snapshot's instant counts as of it. The same
 * snapshot where nothing is newer. O(drivers).
 */
export function withNewerPositions(snapshot: Snapshot, heard: HeardPositions): Snapshot {
  const {drivers, atMs} = snapshot;
  const {columns} = heard;
  let moved: Record<'latE7' | 'lonE7' | 'recordedAtMs', number[]> | undefined;
  for (let d = 0; d < drivers.id.length; d++) {
    const slot = heard.slotOf(drivers.id[d]);
    if (slot < 0) continue;
    const recordedAtMs = Math.min(columns.recordedAtMs[slot], atMs);
    if (recordedAtMs <= drivers.recordedAtMs[d]) continue;
    moved ??= {
      latE7: [...drivers.latE7],
      lonE7: [...drivers.lonE7],
      recordedAtMs: [...drivers.recordedAtMs],
    };
    moved.latE7[d] = columns.latE7[slot];
    moved.lonE7[d] = columns.lonE7[slot];
    moved.recordedAtMs[d] = recordedAtMs;
  }
  return moved ? {...snapshot, drivers: {...drivers, ...moved}} : snapshot;
}
