// Every graph of the daemon with its epochs: made of what is posted here, and followed in the database, where those
// that other daemons make are found within a second.

import type {Logger} from 'pino';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {SpeedsAnswer, SpeedsPort} from '../api/world.ts';
import type {RouterKind} from '../config.ts';
import type {Database} from '../db/connect.ts';
import {failureKind} from '../db/failure-kind.ts';
import type {Clock} from '../domain/clock.ts';
import {startCadence} from '../loops/cadence.ts';
import {countSpeedRows, type Metrics, openGraphSeries} from '../metrics.ts';
import type {EpochThreads} from '../pool/epoch-threads.ts';
import type {PlaceThreads} from '../pool/place-threads.ts';
import type {WorkerPool} from '../pool/pool.ts';
import {createEpochs, type EpochMemory, type Epochs} from '../router/epochs.ts';
import {type LiveSpeeds, liveSpeeds, type PrepareEpoch} from './live-speeds.ts';
import {searchesOf} from './searches.ts';

const FOLLOW_EVERY_MS = 1_000;

export type GraphEpochsOptions = {
  readonly db: Database;
  readonly pool: WorkerPool;
  readonly placeThreads: PlaceThreads;
  readonly epochThreads: EpochThreads;
  readonly router: RouterKind;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
};

export type GraphEpochs = {
  readonly epochs: Epochs;
  readonly live: LiveSpeeds;
  readonly stop: () => Promise<void>;
};

/** Opens a graph at its newest epoch and follows it until `stop`. */
export async function openGraphEpochs(
  graph: string,
  roads: RoadGraph,
  {db, pool, placeThreads, epochThreads, router, metrics, clock, log}: GraphEpochsOptions,
): Promise<GraphEpochs> {
  const {monotonicMs} = clock;
  openGraphSeries(metrics, graph);
  const searches = searchesOf(graph, roads, pool);
  const prepare: PrepareEpoch = async (epoch, memory) => {
    if (router === 'cch') memory.hierarchy = await epochThreads.customize(graph, memory.weights, memory.hierarchy);
    placeThreads.prepare(graph, memory);
    await pool.prepare(graph, memory);
    return searches(epoch, memory);
  };
  const first: EpochMemory = {};
  const epochs = createEpochs(roads, first, await prepare(0, first), monotonicMs);
  const live = liveSpeeds({
    db,
    graph,
    epochs,
    epochThreads,
    prepare,
    monotonicMs,
    onStand({epoch, source, rowsInUse, segmentsChanged}, tookMs) {
      metrics.graphEpoch.set({graph}, epoch);
      metrics.epoch.observe({graph}, tookMs / 1_000);
      log.info({graph, epoch, source, rowsInUse, segmentsChanged, tookMs: Math.round(tookMs)}, 'epoch');
    },
  });
  // What fails leaves the standing epoch as it is; a later look is the retry.
  const follow = () =>
    live.follow().catch((error: unknown) => {
      countFailure(metrics, graph, error);
      log.error({err: error, graph}, 'the newest epoch could not be loaded; it is tried again');
    });
  // Without it roads that are closed would be open: a daemon that cannot load the newest does not start.
  await live.follow();
  const cadence = startCadence(FOLLOW_EVERY_MS, clock, follow);
  return {epochs, live, stop: cadence.stop};
}

/** A database that is gone or busy is no fault of an epoch, and counted where it is asked. */
function countFailure(metrics: Metrics, graph: string, error: unknown): void {
  const kind = failureKind(error);
  if (kind !== 'gone' && kind !== 'busy') metrics.epochFailures.inc({graph});
}

/** Live speeds as the HTTP side sees them, from before the first graph is loaded; the map fills up meanwhile. */
export function speedsPort(
  graphs: readonly string[],
  regions: readonly {readonly id: string; readonly graph: string}[],
  opened: ReadonlyMap<string, {readonly epochs: Epochs; readonly live: LiveSpeeds}>,
  metrics: Metrics,
): SpeedsPort {
  async function make(graph: string, ask: (live: LiveSpeeds) => Promise<SpeedsAnswer>) {
    const live = opened.get(graph)?.live;
    if (!live) return {kind: 'graph-loading'} as const;
    try {
      const answer = await ask(live);
      countSpeedRows(metrics, graph, answer.report);
      return answer;
    } catch (error) {
      countFailure(metrics, graph, error);
      throw error;
    }
  }

  return {
    graphs: graphs.toSorted(),
    graphOf: (regionId) => regions.find(({id}) => id === regionId)?.graph,
    standing(graph) {
      const found = opened.get(graph);
      return found && {epoch: found.epochs.current().epoch, record: found.live.standing()};
    },
    put: (graph, posted) => make(graph, (live) => live.put(posted)),
    clear: (graph, source) => make(graph, (live) => live.clear(source)),
  };
}
