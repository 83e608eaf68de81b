// What the HTTP side needs of the daemon, as types. The composition root supplies it; tests supply one by hand.

import type {Logger} from 'pino';
import type {Database} from '../db/connect.ts';
import type {Clock} from '../domain/clock.ts';
import type {Committed, CommittedOffer} from '../domain/offer.ts';
import type {TickHeader} from '../domain/tick-record.ts';
import type {Metrics} from '../metrics.ts';
import type {Roads} from './osrm/roads.ts';

type CommittedBatch = Extract<Committed, {kind: 'committed'}>;

export type TickAnswer =
  | {
      readonly kind: 'ticked';
      readonly header: TickHeader;
      readonly landed: readonly CommittedOffer[];
      readonly refused: CommittedBatch['refused'];
    }
  /** A tick of this region is running. */
  | {readonly kind: 'busy'}
  /** The region's graph is not there yet. */
  | {readonly kind: 'loading'}
  | {readonly kind: 'owned-elsewhere'; readonly owner: string}
  /** The lease passed while the tick ran: nothing was decided. */
  | {readonly kind: 'fenced'}
  | {readonly kind: 'paused'};

export type ReadinessCheck = {readonly name: string; readonly ok: boolean; readonly detail: string};

export type DispatchPort = {
  /** Regions that this daemon dispatches, ascending; at least one. */
  readonly regions: readonly string[];
  /** One tick outside the loop's cadence. A dry run decides and reports, and commits nothing. */
  tick(regionId: string, options: {readonly dryRun: boolean}): Promise<TickAnswer>;
  expire(regionId: string): Promise<{readonly expired: number; readonly failed: number}>;
  pause(regionId: string): Promise<void>;
  resume(regionId: string): Promise<void>;
  isPaused(regionId: string): boolean;
  /** Graph and loop, from memory. The HTTP side adds its own check named `database`. */
  readiness(): {readonly ready: boolean; readonly checks: readonly ReadinessCheck[]};
};

/** The road network to draw: polylines, as a struct of arrays. */
export type RoadLines = {
  /** lineCount + 1 entries, ascending: the points of line i are [firstPoint[i], firstPoint[i + 1]). */
  readonly firstPoint: Uint32Array;
  /** By point: WGS84 degrees times 1e7. */
  readonly lonE7: Int32Array;
  readonly latE7: Int32Array;
  /** By line: 0 = motorway to primary, 1 = secondary and tertiary, 2 = the rest. */
  readonly rank: Uint8Array;
  /** Whose data it is; shown on the map. */
  readonly attribution: string;
};

export type World = {
  readonly db: Database;
  readonly dispatch: DispatchPort;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
  readonly codeVersion: string;
  /** undefined while the graph of the region loads. The same object for as long as the graph stands. */
  roads(regionId: string): RoadLines | undefined;
  /** Likewise: the region's roads for the OSRM services. */
  routing(regionId: string): Roads | undefined;
  /** Host header values accepted, exactly, besides loopback names and the bound address with the port. */
  readonly allowedHosts?: readonly string[];
};
