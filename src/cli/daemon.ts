// The daemon, composed: database, graphs, workers, routers, one dispatcher per region, and the HTTP side in front of
// them. `serve` starts it from the environment, `demo` with a city and its people around it.

import {randomBytes} from 'node:crypto';
import type {Logger} from 'pino';
import {type RoadGraph, readMeta} from '../../native-graph/layout.ts';
import {openTokens} from '../api/access/tokens.ts';
import type {WithRoads} from '../api/osrm/roads.ts';
import {buildServer} from '../api/server.ts';
import type {DaemonConfig} from '../config.ts';
import {readDispatchClock} from '../db/clock.ts';
import {connect, type Database, ping} from '../db/connect.ts';
import {dropDeadDaemons} from '../db/leases.ts';
import {requireMigrated} from '../db/migrate.ts';
import {listRegions} from '../db/regions.ts';
import {countTokens} from '../db/tokens.ts';
import type {Clock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {startEtaLearning} from '../loops/eta-learning.ts';
import {keepLeases, type LeaseOptions, type Leases, newOwner} from '../loops/leases.ts';
import {openPositions, startPositionWriting} from '../loops/positions.ts';
import {type RegionDispatcher, type RegionObserver, type RegionPort, startRegion} from '../loops/region-dispatcher.ts';
import {startWebhooks} from '../loops/webhook-deliveries.ts';
import {targetsBy} from '../loops/webhook-target.ts';
import {createMetrics, type Metrics} from '../metrics.ts';
import {createEpochThreads} from '../pool/epoch-threads.ts';
import {createPlaceThreads} from '../pool/place-threads.ts';
import {createPool, type PoolOptions, type WorkerPool} from '../pool/pool.ts';
import type {JobEnded} from '../pool/threads.ts';
import type {Router} from '../router/router.ts';
import {dispatchPort} from './dispatch-port.ts';
import {explainPort} from './explain-port.ts';
import {exposure} from './exposure.ts';
import {type GraphEpochs, openGraphEpochs, speedsPort} from './graph-epochs.ts';
import {leasePort} from './lease-port.ts';
import {listen} from './listen.ts';
import {listenToNats} from './nats.ts';
import {
  observe,
  observeEtas,
  observeLeases,
  observePositionFeed,
  observePositions,
  observeWebhooks,
  watchGauges,
} from './observe.ts';
import {regionPort} from './region-port.ts';
import {lookUpName, resolverOf, sealingOf} from './secrets.ts';
import {standingRoads} from './threaded-roads.ts';
import {codeVersion} from './version.ts';

/** One tick, its sweeper and some requests at once; the leases have a connection of their own. */
const CONNECTIONS = 10;
/** A renewal that gets no answer is tried again on another connection, before the lease of 5 s has passed. */
const LEASE_REPLY_LIMIT_MS = 3_000;
/** Threads for what is asked over the OSRM services, apart from those that ticks wait for. */
const ROUTE_THREADS = 1;
/** A part of a table that takes longer is given up; its caller was told so long before. */
const ROUTE_JOB_LIMIT_MS = 60_000;

export type DaemonOptions = {
  readonly config: DaemonConfig;
  /** Opens a graph of the configuration. */
  readonly openGraph: (named: DaemonConfig['graphs'][number]) => RoadGraph;
  /** A demo's time may run faster than the world's; a real market must not be served by such a clock. */
  readonly scaledTime: boolean;
  /** Regions to dispatch; by default every region whose graph the configuration names. */
  readonly regionIds?: readonly string[];
  readonly log: Logger;
  readonly clock: Clock;
  /** Told of everything beside metrics and log. */
  readonly observer?: Partial<RegionObserver>;
  /** What stands between the loops and the world: the chaos suite breaks it on purpose. */
  readonly around?: (port: RegionPort) => RegionPort;
  /** Over those of a daemon: leases that pass sooner. */
  readonly leases?: Pick<LeaseOptions, 'times'>;
  /** Over the pool's own: workers that fail, and limits that they reach soon. */
  readonly pool?: Pick<PoolOptions, 'workers' | 'jobLimitMs' | 'heapLimitMb'>;
};

export type Daemon = {
  /** `http://host:port`, or https. */
  readonly address: string;
  /** Of the standing epoch: for one question, since the next may find another. */
  router(graphName: string): Router;
  readonly metrics: Metrics;
  /** Ends the ticks in flight, gives back the leases, closes everything. May be called twice. */
  stop(): Promise<void>;
};

/** InputFailure where the configuration, the database or the port is at fault; then nothing is left running. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const undo: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      for (const step of undo.reverse()) await step();
    })();
    return stopping;
  };
  try {
    return await start(options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: DaemonOptions, undo: (() => Promise<unknown>)[], stop: Daemon['stop']): Promise<Daemon> {
  const {config, clock, log, around = (port) => port} = options;
  const metrics = createMetrics(codeVersion);
  const db = openDatabase(config.databaseUrl, metrics, clock);
  undo.push(db.close);
  await ping(db);
  await requireMigrated(db);
  const {scale} = await readDispatchClock(db);
  if (scale !== 1 && !options.scaledTime) {
    throw new InputFailure('TIME_SCALED', `this database's time runs at ${scale} times the world's: it is a demo's`);
  }
  const regions = (await listRegions(db)).filter(
    ({id, graph}) => (options.regionIds?.includes(id) ?? true) && config.graphs.some(({name}) => name === graph),
  );
  if (regions.length === 0) {
    const names = config.graphs.map(({name}) => name).join(', ');
    throw new InputFailure('NO_REGION', `no region in the database uses a graph of CLOUDRUN_GRAPHS (${names})`);
  }

  // The HTTP side comes first: a port in use is found at once, and while threads warm up /readyz says so. Reading the
  // graph files holds the event loop, for about a second per gigabyte; requests wait that long.
  const opened = new Map<string, GraphEpochs>();
  const routing = new Map<string, WithRoads>();
  const dispatchers = new Map<string, RegionDispatcher>();
  let leases: Leases | undefined;
  const dispatch = dispatchPort(db, regions, opened, dispatchers, () => leases);
  const graphNames = config.graphs.map(({name}) => name);
  const speeds = speedsPort(graphNames, regions, opened, metrics);
  const sealing = sealingOf(config);
  const checkTarget = targetsBy(resolverOf(), config.webhookAllow, lookUpName);
  const positions = openPositions(db, clock, observePositions(metrics, log));
  await positions.syncClock();
  undo.push(startPositionWriting(positions, clock));
  const counts = await countTokens(db);
  const served = exposure(config, counts.holding > 0);
  let solvers: WorkerPool | undefined;
  const world = {
    db,
    dispatch,
    speeds,
    explaining: explainPort({db, opened, pool: () => solvers}),
    positions,
    tokens: openTokens(db, clock, counts.made > 0),
    random: randomBytes,
    metrics,
    log,
    clock,
    codeVersion,
    eventsEveryMs: config.eventsEveryMs,
    sealing,
    checkTarget,
    attribution(regionId: string) {
      const found = opened.get(speeds.graphOf(regionId) ?? '');
      return found && readMeta(found.epochs.graph).source.attribution;
    },
    routing: (regionId: string) => routing.get(speeds.graphOf(regionId) ?? ''),
  };
  const server = buildServer(world, served);
  undo.push(() => server.close());
  const address = await listen(server, config.host, config.port);

  const graphs = config.graphs.map((named) => ({name: named.name, graph: options.openGraph(named)}));
  const threadOptions = {
    graphs: graphs.map(({name, graph}) => ({name, bytes: graph.bytes})),
    monotonicMs: clock.monotonicMs,
    onJob: ({name, outcome, waitedMs, ranMs}: JobEnded) => {
      metrics.poolJob.observe({job: name}, (waitedMs + ranMs) / 1_000);
      if (outcome !== 'done') metrics.poolFailures.inc({job: name, kind: outcome});
    },
  };
  const pool = createPool({...threadOptions, threads: config.threads, ...options.pool});
  solvers = pool;
  undo.push(pool.close);
  const placeThreads = createPlaceThreads(threadOptions.graphs, {
    threads: ROUTE_THREADS,
    monotonicMs: clock.monotonicMs,
    jobLimitMs: ROUTE_JOB_LIMIT_MS,
  });
  undo.push(placeThreads.close);
  const epochThreads = createEpochThreads({...threadOptions, threads: config.threads});
  undo.push(epochThreads.close);
  for (const {name, graph} of graphs) {
    const found = await openGraphEpochs(name, graph, {
      db,
      pool,
      placeThreads,
      epochThreads,
      router: config.router,
      metrics,
      clock,
      log,
    });
    opened.set(name, found);
    routing.set(name, standingRoads(name, found.epochs, placeThreads));
    undo.push(found.stop);
  }
  undo.push(watchGauges({db, metrics, pool, positions, opened, dispatchers, clock, log}));

  const owner = newOwner();
  const leaseDb = openDatabase(config.databaseUrl, metrics, clock, 1, LEASE_REPLY_LIMIT_MS);
  undo.push(leaseDb.close);
  const {regions: regionIds} = dispatch;
  await dropDeadDaemons(leaseDb);
  const port = leasePort(leaseDb, owner, regionIds);
  const kept = await keepLeases(port, {owner, regionIds, ...options.leases}, clock, observeLeases(metrics, log));
  undo.push(kept.stop);
  leases = kept;
  const etaTurn = {taken: false};
  const starting = regions.map(async ({id, graph}) => {
    const withRouter = opened.get(graph)?.epochs.hold;
    if (!withRouter) return;
    const {keepTicksH} = config;
    const isPaused = () => dispatch.pauseOf(id) !== undefined;
    const port = around({
      ...regionPort({db, regionId: id, graph, withRouter, pool, clock, keepTicksH, isPaused, positions}),
      lease: kept.of(id),
    });
    const dispatcher = await startRegion(port, config, clock, observe(id, metrics, log, clock, options.observer));
    dispatchers.set(id, dispatcher);
    undo.push(dispatcher.stop);
    const fence = () => {
      const claim = dispatcher.claim();
      return claim?.kind === 'held' ? claim.fence : undefined;
    };
    undo.push(
      startEtaLearning({db, regionId: id, fence, clock, turn: etaTurn, observer: observeEtas(id, metrics, log)}),
    );
  });
  // All at once: a region whose lease came first must not wait for the others. And none is left half begun.
  const failed = (await Promise.allSettled(starting)).find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  undo.push(listenToNats(config.nats, regions, dispatchers, positions, clock, observePositionFeed(metrics, log)));
  if (sealing) {
    const webhooks = {db, everyMs: config.eventsEveryMs, sealing, checkTarget, clock, random: Math.random};
    for (const {id} of regions) {
      const {stop} = startWebhooks({...webhooks, regionId: id, observer: observeWebhooks(id, metrics, log)});
      undo.push(stop);
    }
  }
  // Ends first, while all else still stands: the regions are handed over, and what is asked over HTTP is finished.
  undo.push(async () => {
    const closed = server.close();
    await kept.leave();
    await Promise.all(Array.from(dispatchers.values(), ({stop: end}) => end()));
    await closed;
  });
  log.info({address, regions: regions.map(({id}) => id), owner}, 'dispatching');
  return {
    address,
    router: (name) => opened.get(name)?.epochs.current() ?? unknownGraph(name),
    metrics,
    stop,
  };
}

function openDatabase(
  url: string,
  metrics: Metrics,
  clock: Clock,
  maxConnections = CONNECTIONS,
  replyLimitMs?: number,
): Database {
  return connect(url, {
    maxConnections,
    applicationName: 'cloudrun',
    monotonicMs: clock.monotonicMs,
    ...(replyLimitMs !== undefined && {replyLimitMs}),
    onRoundTrip: (statement, ms, failure) => {
      metrics.dbCall.observe({statement}, ms / 1_000);
      if (failure !== undefined) metrics.dbErrors.inc({statement, kind: failure});
    },
  });
}

function unknownGraph(name: string): never {
  throw new Error(`no router for graph ${name}`);
}
