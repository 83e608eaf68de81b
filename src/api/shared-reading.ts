// One reading of the world for everybody who looks at the same moment: ten open pages cost the database what one does.

import type {Clock} from '../domain/clock.ts';

/** Answers the standing reading of a region while it is younger than `freshMs`, counted from when it was begun. */
export function sharedReading<T>(
  clock: Clock,
  freshMs: number,
  read: (regionId: string) => Promise<T>,
): (regionId: string) => Promise<T> {
  const standing = new Map<string, {readonly sinceMs: number; readonly value: Promise<T>}>();
  return (regionId) => {
    const nowMs = clock.monotonicMs();
    const last = standing.get(regionId);
    if (last && nowMs - last.sinceMs < freshMs) return last.value;
    const value = read(regionId);
    standing.set(regionId, {sinceMs: nowMs, value});
    return value;
  };
}
