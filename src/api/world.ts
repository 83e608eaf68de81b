// What the HTTP side needs of the daemon, as types. The composition root supplies it; tests supply one by hand.

import type {Logger} from 'pino';
import type {SpeedsReport} from '../../native-graph/metric/epoch.ts';
import type {Database} from '../db/connect.ts';
import type {Decision} from '../dispatch/decision.ts';
import type {Explainer} from '../dispatch/explain/explain.ts';
import type {Clock} from '../domain/clock.ts';
import type {Committed, CommittedOffer} from '../domain/offer.ts';
import type {Sealing} from '../domain/sealing.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {SpeedEpoch} from '../domain/speed-epoch.ts';
import type {TickHeader} from '../domain/tick-record.ts';
import type {Positions} from '../loops/positions.ts';
import type {CheckTarget} from '../loops/webhook-target.ts';
import type {Metrics} from '../metrics.ts';
import type {Tokens} from './access/tokens.ts';
import type {WithRoads} from './osrm/roads.ts';

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

export type LeaseHolder = {
  readonly regionId: string;
  /** Host and a mark of the process; null while nobody has the lease. */
  readonly owner: string | null;
  /** 0 when nobody ever had it. */
  readonly fence: number;
  /** Whether it is this daemon. */
  readonly here: boolean;
};

/** Instants are epoch milliseconds of dispatch time. */
export type Pause = {readonly by: string; readonly sinceMs: number};

export type DispatchPort = {
  /** Regions that this daemon dispatches when it holds their leases, ascending; at least one. */
  readonly regions: readonly string[];
  /** Who dispatches each of the regions, from memory: as it was seen a fraction of a second ago. */
  leases(): readonly LeaseHolder[];
  /** One tick outside the loop's cadence. A dry run decides and reports, and commits nothing. */
  tick(regionId: string, options: {readonly dryRun: boolean}): Promise<TickAnswer>;
  expire(regionId: string): Promise<{readonly expired: number; readonly failed: number}>;
  /** Lasts until it is resumed, whichever daemon dispatches the region. */
  pause(regionId: string, actor: string): Promise<void>;
  resume(regionId: string): Promise<void>;
  /** Undefined while the region is not paused. */
  pauseOf(regionId: string): Pause | undefined;
  /** Shadow prices in milliseconds of the tasks of the last tick that ran here, by id; undefined before any. */
  taskPrices(regionId: string): ReadonlyMap<string, number> | undefined;
  /** Graph and loop, from memory. The HTTP side adds its own check named `database`. */
  readiness(): {readonly ready: boolean; readonly checks: readonly ReadinessCheck[]};
};

export type ExplainPort = {
  /**
   * Decides a recorded tick again and asks it; the next question once this one is answered, as questions.ts sees to.
   * `decideOn` decides it on another snapshot, from the same seed and on the same roads.
   */
  ask<T>(
    regionId: string,
    tickId: string,
    use: (decision: Decision, explainer: Explainer, decideOn: (snapshot: Snapshot) => Promise<Decision>) => Promise<T>,
  ): Promise<
    | {readonly kind: 'answered'; readonly answer: T}
    | {readonly kind: 'tick-not-found'; readonly id: string}
    /** Its payload is past its keeping. */
    | {readonly kind: 'payload-dropped'; readonly id: string}
    /** It was decided on roads of another epoch than those that stand here now. */
    | {readonly kind: 'epoch-passed'; readonly id: string}
    /** Another graph or code than recorded it: nothing can be said of it here. */
    | {readonly kind: 'decided-otherwise'; readonly id: string}
    | {readonly kind: 'loading'; readonly regionId: string}
  >;
};

export type PostedSpeeds = {
  /** `from,to,km/h` a line: native-graph/metric/speeds-csv.ts. */
  readonly csv: Uint8Array;
  /** 'replace': these are all live speeds there are. 'merge': they come on top of those that stand. */
  readonly mode: 'replace' | 'merge';
  /** Who sends them, for the record. */
  readonly source: string;
};

export type SpeedsAnswer =
  /** `repeated`: the standing epoch has just these rows, and no other was made. */
  | {readonly kind: 'stands'; readonly epoch: number; readonly repeated: boolean; readonly report: SpeedsReport}
  /** No row is good and of this graph: nothing was made. */
  | {readonly kind: 'nothing-applies'; readonly report: SpeedsReport};

export type SpeedsPort = {
  /** Graphs of this daemon, ascending; at least one. */
  readonly graphs: readonly string[];
  graphOf(regionId: string): string | undefined;
  /** The standing epoch of a graph, with its record unless it is 0; undefined while the graph loads. */
  standing(graph: string): {readonly epoch: number; readonly record: SpeedEpoch | undefined} | undefined;
  put(graph: string, posted: PostedSpeeds): Promise<SpeedsAnswer | {readonly kind: 'graph-loading'}>;
  /** Back to the times of the graph file. */
  clear(graph: string, source: string): Promise<SpeedsAnswer | {readonly kind: 'graph-loading'}>;
};

export type World = {
  readonly db: Database;
  readonly dispatch: DispatchPort;
  readonly speeds: SpeedsPort;
  readonly explaining: ExplainPort;
  readonly positions: Pick<Positions, 'hear' | 'isKnown' | 'newest' | 'callRoll' | 'nearby'>;
  readonly tokens: Tokens;
  /** So many bytes that nobody can guess. */
  random(bytes: number): Uint8Array;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
  readonly codeVersion: string;
  /** How often the outbox is looked at for the streams of events. */
  readonly eventsEveryMs: number;
  /** Of secrets; undefined without a key, and then nothing that needs one is done. */
  readonly sealing: Sealing | undefined;
  /** Where webhooks may go. */
  readonly checkTarget: CheckTarget;
  /** Whose data the roads of a region are, to be shown on the map; undefined while its graph loads. */
  attribution(regionId: string): string | undefined;
  /** Lends a region's roads for a whole answer of the OSRM services; undefined while its graph loads. */
  routing(regionId: string): WithRoads | undefined;
};
