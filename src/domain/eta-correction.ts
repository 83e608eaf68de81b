// What is learned of promises: how much later, or earlier, than promised goods are picked up and handed over, at an
// hour of the day and a place. docs/ETAS.md tells how it is learned, and how a tick goes by it.

import {getResolution, latLngToCell} from 'h3-js';
import {LEGS, type Leg} from './eta-error.ts';
import type {Snapshot} from './snapshot.ts';
import {fromE7} from './units.ts';

/** The middles of five equal parts: their mean stands for the whole distribution. */
export const QUANTILE_SHARES = [0.1, 0.3, 0.5, 0.7, 0.9] as const;
/** Where the median stands among them. */
export const MEDIAN = 2;

/** Stands for every place: an hour's own row. */
export const ANY_CELL = '';

export type EtaCorrection = {
  readonly leg: Leg;
  /** Of the offer, 0 to 23, local. */
  readonly hour: number;
  /** H3: of the store for pick-ups, of the customer for drops; or ANY_CELL. */
  readonly cell: string;
  /** How many it was learned from there; it leans towards what is known beyond all the same. */
  readonly deliveries: number;
  /** By QUANTILE_SHARES, whole and ascending: to be added to what the road promises. */
  readonly quantilesMs: readonly number[];
};

type Place = {readonly latE7: number; readonly lonE7: number};

export const cellOf = ({latE7, lonE7}: Place, h3Resolution: number): string =>
  latLngToCell(fromE7(latE7), fromE7(lonE7), h3Resolution);

/**
 * Quantiles by place, from the rows of one hour: those of its cell, else of the hour. Cells say themselves how large
 * they are, so that a resolution that was set later misses none.
 */
export function correctionsAt(rows: readonly EtaCorrection[]): (leg: Leg, place: Place) => readonly number[] {
  const byLeg = new Map(
    LEGS.map((leg) => {
      const own = rows.filter((row) => row.leg === leg);
      const cells = new Map(own.map(({cell, quantilesMs}) => [cell, quantilesMs]));
      const named = own.find(({cell}) => cell !== ANY_CELL);
      return [leg, {cells, resolution: named && getResolution(named.cell)}];
    }),
  );
  return (leg, place) => {
    const known = byLeg.get(leg);
    const own = known?.resolution === undefined ? undefined : known.cells.get(cellOf(place, known.resolution));
    return own ?? known?.cells.get(ANY_CELL) ?? QUANTILE_SHARES.map(() => 0);
  };
}

/** The snapshot with what was learned of its hour, as columns; without rows the same snapshot. O(stores + tasks). */
export function withCorrections(snapshot: Snapshot, rows: readonly EtaCorrection[]): Snapshot {
  if (rows.length === 0) return snapshot;
  const {stores, tasks} = snapshot;
  const at = correctionsAt(rows);
  return {
    ...snapshot,
    corrections: {
      pickupMs: stores.id.map((_, i) => at('pickup', {latE7: stores.latE7[i], lonE7: stores.lonE7[i]})[MEDIAN]),
      dropMs: tasks.id.map((_, i) => [...at('drop', {latE7: tasks.dropLatE7[i], lonE7: tasks.dropLonE7[i]})]),
    },
  };
}
