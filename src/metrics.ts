// Every metric of the daemon: name, help, labels. Names end in their base unit (seconds, ratio, bytes) or in _total for
// counters, as Prometheus asks; node's own (event-loop lag, heap, garbage collection) keep their usual names.
//
// Label values come from closed lists below or from code, never from a request, so the number of series is bounded.

import {Counter, collectDefaultMetrics, Gauge, Histogram, Registry} from 'prom-client';
import {LEGS, TRIP_BANDS} from './domain/eta-error.ts';
import {REFUSALS, type Refusal} from './domain/offer.ts';
import {STARTING_RULE_CODES} from './domain/rule.ts';
import type {DriverStatus, TaskAction, TaskState} from './domain/state.ts';
import type {TickHeader} from './domain/tick-record.ts';

/** How a tick ended: `skipped` is one not begun because the last still ran; `fenced` one whose lease had passed. */
const TICK_OUTCOMES = ['certified', 'uncertified', 'over_budget', 'failed', 'skipped', 'fenced'] as const;
export type TickOutcome = (typeof TICK_OUTCOMES)[number];

/** What becomes of a proposal at the commit, and of an offer afterwards. */
/** Reasons of refusals with a series of their own; rules that a region puts later share one, so that series are few. */
const REASONS: ReadonlySet<string> = new Set([...REFUSALS, ...STARTING_RULE_CODES]);
const OTHER_RULE = 'OTHER_RULE';
export const OFFER_OUTCOMES = ['landed', 'refused', 'accepted', 'rejected', 'timed_out'] as const;
export type OfferOutcome = (typeof OFFER_OUTCOMES)[number];

/** What becomes of a posted row of live speeds. */
const ROW_OUTCOMES = ['applied', 'unknown', 'repeated', 'bad'] as const;
const CACHE_RESULTS = ['hit', 'miss'] as const;
/** What a solve began with: prices and matching of the last tick, or nothing. */
const SOLVE_STARTS = ['warm', 'cold'] as const;
/** `lost`: to another daemon, or because it ended before it was renewed. */
const LEASE_CHANGES = ['gained', 'given_back', 'lost'] as const;
export type LeaseChange = (typeof LEASE_CHANGES)[number];
const ATTEMPT_OUTCOMES = ['delivered', 'failed', 'dead', 'late'] as const;
const STREAM_ENDS = ['client', 'slow', 'stopping', 'failed', 'token'] as const;
/** What becomes of a provider's event; `refused`: its signature does not hold, or its id stands for another payload. */
const PROVIDER_OUTCOMES = ['mapped', 'unmapped', 'repeated', 'refused'] as const;
/**
 * Where positions come from, and what becomes of them. `kept` are those that JetStream kept for whoever takes a region
 * over; `full`: there was no room, `bad`: a message could not be read.
 */
const POSITION_SOURCES = ['http', 'nats', 'kept'] as const;
export type PositionSource = (typeof POSITION_SOURCES)[number];
const POSITION_OUTCOMES = ['newer', 'older', 'full', 'bad'] as const;
const SWEEP_OUTCOMES = ['expired', 'failed'] as const;

/** One scale for all durations, so that any two histograms can be laid over each other. */
const BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10];
/** Of promises, which are missed either way. */
const ERROR_BUCKETS_S = [-1800, -900, -600, -300, -120, -60, -30, 0, 30, 60, 120, 300, 600, 900, 1800, 3600];

export type Metrics = ReturnType<typeof createMetrics>;

/** A registry of its own with every instrument on it. `codeVersion` is the label of cloudrun_build_info. */
export function createMetrics(codeVersion = 'unknown') {
  const registry = new Registry();
  const on = <L extends string>(name: `cloudrun_${string}`, help: string, labelNames: L[]) => {
    return {name, help, labelNames, registers: [registry]};
  };
  const counter = <L extends string = never>(name: `cloudrun_${string}_total`, help: string, ...labels: L[]) =>
    new Counter<L>(on(name, help, labels));
  const gauge = <L extends string = never>(name: `cloudrun_${string}`, help: string, ...labels: L[]) =>
    new Gauge<L>(on(name, help, labels));
  const seconds = <L extends string>(name: `cloudrun_${string}_seconds`, help: string, ...labels: L[]) =>
    new Histogram<L>({...on(name, help, labels), buckets: BUCKETS_S});
  const errors = <L extends string>(name: `cloudrun_${string}_error_seconds`, help: string, ...labels: L[]) =>
    new Histogram<L>({...on(name, help, labels), buckets: ERROR_BUCKETS_S});

  // biome-ignore format: a table reads by column, a metric a line.
  const metrics = {
    registry,

    // The tick
    tick: seconds('cloudrun_tick_duration_seconds', 'Whole tick, snapshot to record.', 'region'),
    tickStage: seconds('cloudrun_tick_stage_duration_seconds', 'One stage of a tick.', 'region', 'stage'),
    ticks: counter('cloudrun_ticks_total', 'Ticks by how they ended.', 'region', 'outcome'),
    tickGap: gauge('cloudrun_tick_gap_ratio', 'Last tick: (cost - proven bound) / cost; 0 is optimal.', 'region'),
    lastTick: gauge('cloudrun_last_tick_timestamp_seconds', 'Wall-clock Unix time of the last tick.', 'region'),
    pairs: counter('cloudrun_candidate_pairs_total', 'Candidate pairs that were priced.', 'region'),
    solves: counter('cloudrun_solves_total', 'Solves: warm with a seed, cold without one.', 'region', 'start'),
    searches: counter('cloudrun_solve_augmentations_total', 'Searches that solves ended.', 'region', 'start'),
    saved: counter('cloudrun_solve_augmentations_saved_total', 'Tasks that the seed settled unsearched.', 'region'),
    proposals: counter('cloudrun_proposals_total', 'Pairs that the solve chose.', 'region'),

    // Offers, tasks, drivers
    offers: counter('cloudrun_offers_total', 'Proposals and offers by outcome.', 'region', 'outcome'),
    refusals: counter('cloudrun_offers_refused_total', 'Proposals refused at the commit.', 'region', 'reason'),
    openOffers: gauge('cloudrun_open_offers', 'Offers that wait for a driver.', 'region'),
    overdueOffers: gauge('cloudrun_overdue_offers', 'Open offers past their deadline, not yet swept.', 'region'),
    tasks: gauge('cloudrun_tasks', 'Tasks by state; those that ended, in the last 24 hours.', 'region', 'state'),
    unitsMissing: counter('cloudrun_return_units_missing_total', 'Units that returns did not bring back.', 'region'),
    drivers: gauge('cloudrun_drivers', 'Drivers by status.', 'region', 'status'),

    // Promises
    etaError: errors('cloudrun_eta_error_seconds', 'Late (+) or early (-) on a promise.', 'region', 'leg', 'trip'),
    etaLearned: gauge('cloudrun_eta_learned_deliveries', 'Deliveries that were learned from last.', 'region'),

    // Positions
    positions: counter('cloudrun_positions_total', 'Positions by outcome.', 'region', 'source', 'outcome'),
    positionsHeld: gauge('cloudrun_positions_held', 'Drivers whose position is in memory.', 'region'),
    positionsUnwritten: gauge('cloudrun_positions_unwritten', 'Of these, not yet in the database.', 'region'),
    positionsLag: gauge('cloudrun_positions_lag_seconds', 'How long the oldest of them waited, at most.', 'region'),
    natsConnected: gauge('cloudrun_nats_connected', '1 while connected to NATS; 0 too where none is named.'),

    // The sweeper
    sweep: seconds('cloudrun_sweep_duration_seconds', 'One sweep of due offers.', 'region'),
    sweepLag: gauge('cloudrun_sweep_lag_seconds', 'The oldest overdue offer: time past its deadline.', 'region'),
    swept: counter('cloudrun_swept_total', 'Offers expired and tasks failed by the sweeper.', 'region', 'outcome'),

    // The lease
    leaseHeld: gauge('cloudrun_lease_held', '1 while this daemon holds the lease of the region.', 'region'),
    leaseFence: gauge('cloudrun_lease_fence', 'Fencing token of the lease held; 0 without one.', 'region'),
    leaseChanges: counter('cloudrun_lease_changes_total', 'Leases that came and went.', 'region', 'change'),

    // Postgres
    dbCall: seconds('cloudrun_db_call_duration_seconds', 'One round trip, failed ones too.', 'statement'),
    dbErrors: counter('cloudrun_db_errors_total', 'Round trips that failed.', 'statement', 'kind'),
    dbXminAge: gauge('cloudrun_db_oldest_xmin_age_transactions', 'The oldest snapshot that holds back vacuum.'),
    dbDeadRows: gauge('cloudrun_db_dead_rows', 'Rows of the tables of dispatch that wait for vacuum.'),

    // Workers
    poolQueue: gauge('cloudrun_pool_queue_length', 'Jobs that wait for a worker thread.'),
    poolBusy: gauge('cloudrun_pool_utilization_ratio', 'Share of the worker time spent on jobs.'),
    poolJob: seconds('cloudrun_pool_job_duration_seconds', 'One job, its time in the queue included.', 'job'),
    poolFailures: counter('cloudrun_pool_failures_total', 'Jobs that failed.', 'job', 'kind'),

    // Caches
    etaCache: counter('cloudrun_eta_cache_lookups_total', 'Travel times asked of the cache.', 'result'),
    snapCache: counter('cloudrun_snap_cache_lookups_total', 'Snapped positions asked of the cache.', 'result'),

    // Live speeds
    graphEpoch: gauge('cloudrun_graph_epoch', 'Standing epoch of a graph; 0: the times of its file.', 'graph'),
    epoch: seconds('cloudrun_epoch_duration_seconds', 'An epoch, from its rows until it stands.', 'graph'),
    epochFailures: counter('cloudrun_epoch_failures_total', 'Epochs that could not be made or loaded.', 'graph'),
    speedRows: counter('cloudrun_speed_rows_total', 'Rows of live speeds posted here.', 'graph', 'outcome'),

    // Events out and in
    outboxLag: gauge('cloudrun_outbox_lag_seconds', 'Age of the first event kept back, dispatch time.', 'region'),
    eventStreams: gauge('cloudrun_event_streams', 'Streams of events that are open.'),
    eventStreamsEnded: counter('cloudrun_event_streams_ended_total', 'Streams that ended.', 'reason'),
    webhookAttempts: counter('cloudrun_webhook_attempts_total', 'Attempts by outcome.', 'region', 'outcome'),
    webhookWaiting: gauge('cloudrun_webhook_waiting', 'Deliveries that wait, paused endpoints left out.', 'region'),
    webhookAge: gauge('cloudrun_webhook_oldest_waiting_seconds', 'Age of the oldest that waits.', 'region'),
    providerEvents: counter('cloudrun_provider_events_total', 'Events of providers.', 'region', 'outcome'),

    // HTTP
    http: seconds('cloudrun_http_request_duration_seconds', 'Requests answered.', 'method', 'route', 'status'),

    build: gauge('cloudrun_build_info', 'Always 1; the labels say what runs.', 'version', 'node'),
  };

  collectDefaultMetrics({register: registry});
  metrics.build.set({version: codeVersion, node: process.versions.node}, 1);
  for (const reason of STREAM_ENDS) metrics.eventStreamsEnded.inc({reason}, 0);
  for (const result of CACHE_RESULTS) {
    metrics.etaCache.inc({result}, 0);
    metrics.snapCache.inc({result}, 0);
  }
  return metrics;
}

/** Starts a region's series at 0, so that a rate over them is right from the first event on. */
export function openRegionSeries(metrics: Metrics, region: string): void {
  for (const outcome of TICK_OUTCOMES) metrics.ticks.inc({region, outcome}, 0);
  for (const start of SOLVE_STARTS) {
    metrics.solves.inc({region, start}, 0);
    metrics.searches.inc({region, start}, 0);
  }
  metrics.saved.inc({region}, 0);
  for (const outcome of OFFER_OUTCOMES) metrics.offers.inc({region, outcome}, 0);
  for (const reason of [...REASONS, OTHER_RULE]) metrics.refusals.inc({region, reason}, 0);
  for (const source of POSITION_SOURCES) {
    for (const outcome of POSITION_OUTCOMES) metrics.positions.inc({region, source, outcome}, 0);
  }
  for (const outcome of SWEEP_OUTCOMES) metrics.swept.inc({region, outcome}, 0);
  metrics.unitsMissing.inc({region}, 0);
  for (const outcome of ATTEMPT_OUTCOMES) metrics.webhookAttempts.inc({region, outcome}, 0);
  for (const outcome of PROVIDER_OUTCOMES) metrics.providerEvents.inc({region, outcome}, 0);
  for (const change of LEASE_CHANGES) metrics.leaseChanges.inc({region, change}, 0);
  for (const leg of LEGS) for (const {name: trip} of TRIP_BANDS) metrics.etaError.zero({region, leg, trip});
  for (const gauge of [metrics.leaseHeld, metrics.leaseFence]) gauge.set({region}, 0);
}

/** The same for a graph. */
export function openGraphSeries(metrics: Metrics, graph: string): void {
  metrics.graphEpoch.set({graph}, 0);
  metrics.epochFailures.inc({graph}, 0);
  for (const outcome of ROW_OUTCOMES) metrics.speedRows.inc({graph, outcome}, 0);
}

/** What became of the rows of a post. */
export function countSpeedRows(metrics: Metrics, graph: string, rows: SpeedRowCounts): void {
  metrics.speedRows.inc({graph, outcome: 'applied'}, rows.rowsApplied);
  metrics.speedRows.inc({graph, outcome: 'unknown'}, rows.rowsUnknown);
  metrics.speedRows.inc({graph, outcome: 'repeated'}, rows.rowsRepeated);
  metrics.speedRows.inc({graph, outcome: 'bad'}, rows.rowsBad);
}

type SpeedRowCounts = Readonly<Record<'rowsApplied' | 'rowsUnknown' | 'rowsRepeated' | 'rowsBad', number>>;

/** What a finished tick says of itself. `endedAtMs` is wall-clock time: dispatch time may run at another scale. */
export function countTick(
  metrics: Metrics,
  header: TickHeader,
  refused: readonly {readonly reason: Refusal}[],
  totalMs: number,
  endedAtMs: number,
): void {
  const region = header.regionId;
  const {kind, certified, totalMs: costMs, boundMs, augmentations, saved} = header.solve;
  const start: (typeof SOLVE_STARTS)[number] = saved === undefined ? 'cold' : 'warm';
  const outcome: TickOutcome = !certified ? 'uncertified' : kind === 'optimal' ? 'certified' : 'over_budget';
  metrics.tick.observe({region}, totalMs / 1_000);
  for (const [stage, ms] of Object.entries(header.stageMs)) metrics.tickStage.observe({region, stage}, ms / 1_000);
  metrics.ticks.inc({region, outcome});
  metrics.tickGap.set({region}, costMs === 0 ? 0 : (costMs - boundMs) / costMs);
  metrics.lastTick.set({region}, endedAtMs / 1_000);
  metrics.pairs.inc({region}, header.counts.pairs);
  metrics.solves.inc({region, start});
  metrics.searches.inc({region, start}, augmentations);
  metrics.saved.inc({region}, saved ?? 0);
  metrics.proposals.inc({region}, header.counts.proposed);
  metrics.offers.inc({region, outcome: 'landed'}, header.counts.landed);
  metrics.offers.inc({region, outcome: 'refused'}, header.counts.refused);
  for (const {reason} of refused) metrics.refusals.inc({region, reason: REASONS.has(reason) ? reason : OTHER_RULE});
}

/** A driver's answer to an offer; other changes of a task are no answers. */
export function countAnswer(metrics: Metrics, region: string, action: TaskAction): void {
  if (action === 'accept') metrics.offers.inc({region, outcome: 'accepted'});
  if (action === 'reject') metrics.offers.inc({region, outcome: 'rejected'});
}

/** Sets the gauges from one reading of the database, which names every state, those that count 0 as well. */
export function setGauges(
  metrics: Metrics,
  region: string,
  read: {
    readonly tasks: Readonly<Partial<Record<TaskState, number>>>;
    readonly drivers: Readonly<Partial<Record<DriverStatus, number>>>;
    readonly openOffers: number;
    readonly overdueOffers: number;
    readonly oldestXminAge: number;
    readonly deadTuples: number;
    /** How long ago the oldest overdue offer was due; 0 when none is. */
    readonly oldestOverdueMs: number;
  },
): void {
  for (const [state, tasks] of Object.entries(read.tasks)) metrics.tasks.set({region, state}, tasks);
  for (const [status, drivers] of Object.entries(read.drivers)) metrics.drivers.set({region, status}, drivers);
  metrics.openOffers.set({region}, read.openOffers);
  metrics.overdueOffers.set({region}, read.overdueOffers);
  metrics.dbXminAge.set(read.oldestXminAge);
  metrics.dbDeadRows.set(read.deadTuples);
  metrics.sweepLag.set({region}, read.oldestOverdueMs / 1_000);
}

/** How far readers of the outbox are behind. */
export function setOutboxGauges(
  metrics: Metrics,
  region: string,
  read: {readonly lagMs: number; readonly waiting: number; readonly oldestWaitingMs: number},
): void {
  metrics.outboxLag.set({region}, read.lagMs / 1_000);
  metrics.webhookWaiting.set({region}, read.waiting);
  metrics.webhookAge.set({region}, read.oldestWaitingMs / 1_000);
}
