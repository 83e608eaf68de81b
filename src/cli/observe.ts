// What the loops report, turned into metrics and structured logs; and the gauges that are read rather than reported.

import type {Logger} from 'pino';
import type {Database} from '../db/connect.ts';
import {readOutboxGauges} from '../db/events.ts';
import {readGauges} from '../db/gauges.ts';
import type {Clock} from '../domain/clock.ts';
import {startCadence} from '../loops/cadence.ts';
import type {EtaObserver} from '../loops/eta-learning.ts';
import type {LeaseObserver} from '../loops/leases.ts';
import type {FeedObserver} from '../loops/position-feed.ts';
import type {Positions, PositionsObserver} from '../loops/positions.ts';
import type {RegionDispatcher, RegionObserver} from '../loops/region-dispatcher.ts';
import type {WebhookObserver} from '../loops/webhook-deliveries.ts';
import {countTick, type Metrics, openRegionSeries, setGauges, setOutboxGauges} from '../metrics.ts';
import type {WorkerPool} from '../pool/pool.ts';
import type {CacheStats} from '../router/cache.ts';
import type {Epochs} from '../router/epochs.ts';

const HEARD = ['newer', 'older', 'full'] as const;
const GAUGES_EVERY_MS = 2_000;
/** These count every delivery that waits: up to 250,000 in a region. */
const OUTBOX_GAUGES_EVERY_MS = 30_000;

/** `also` is told after metrics and log. */
export function observe(
  region: string,
  metrics: Metrics,
  log: Logger,
  clock: Clock,
  also: Partial<RegionObserver> = {},
): RegionObserver {
  openRegionSeries(metrics, region);
  return {
    ticked(ticked, tookMs) {
      const {header, refused, flaw, recorded} = ticked;
      countTick(metrics, header, refused, tookMs, clock.wallMs());
      log.debug({tick: header.id, region, tookMs, ...header.counts}, 'tick');
      if (flaw) log.error({tick: header.id, region, flaw}, 'the answer failed its check; nothing was offered');
      if (!recorded) log.warn({tick: header.id, region}, 'the lease passed before the record was saved');
      also.ticked?.(ticked, tookMs);
    },
    fenced() {
      metrics.ticks.inc({region, outcome: 'fenced'});
      log.warn({region}, 'the lease passed to another daemon while a tick ran: it decided nothing');
      also.fenced?.();
    },
    overrun(missed) {
      metrics.ticks.inc({region, outcome: 'skipped'}, missed);
      log.warn({region, missed}, 'a tick overran its period');
      also.overrun?.(missed);
    },
    swept(swept, tookMs) {
      metrics.sweep.observe({region}, tookMs / 1_000);
      metrics.swept.inc({region, outcome: 'expired'}, swept.expired);
      metrics.swept.inc({region, outcome: 'failed'}, swept.failed);
      metrics.offers.inc({region, outcome: 'timed_out'}, swept.expired);
      also.swept?.(swept, tookMs);
    },
    failed(what, error) {
      if (what === 'tick') metrics.ticks.inc({region, outcome: 'failed'});
      log.error({err: error, region}, `${what} failed; it is tried again`);
      also.failed?.(what, error);
    },
  };
}

/** Leases that come and go, turned into metrics and logs. */
export function observeLeases(metrics: Metrics, log: Logger): LeaseObserver {
  return {
    changed(region, change) {
      metrics.leaseChanges.inc({region, change});
      log[change === 'lost' ? 'warn' : 'info']({region}, `the lease was ${change.replace('_', ' ')}`);
    },
    failed: (error) => log.error({err: error}, 'the leases could not be kept; it is tried again'),
  };
}

type Watched = {
  readonly db: Database;
  readonly metrics: Metrics;
  readonly pool: WorkerPool;
  readonly positions: Positions;
  readonly opened: ReadonlyMap<string, {readonly epochs: Epochs}>;
  readonly dispatchers: ReadonlyMap<string, RegionDispatcher>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Reads the gauges every other second, of the outbox every half minute, until the function it returns is called. */
export function watchGauges({
  db,
  metrics,
  pool,
  positions,
  opened,
  dispatchers,
  clock,
  log,
}: Watched): () => Promise<void> {
  const outboxReadMs = new Map<string, number>();
  const cadence = startCadence(GAUGES_EVERY_MS, clock, async () => {
    const {waiting, busyRatio} = pool.stats();
    metrics.poolQueue.set(waiting);
    metrics.poolBusy.set(busyRatio);
    countCaches(metrics, opened);
    for (const {regionId: region, held, unwritten, lagMs} of positions.backlog()) {
      metrics.positionsHeld.set({region}, held);
      metrics.positionsUnwritten.set({region}, unwritten);
      metrics.positionsLag.set({region}, lagMs / 1_000);
    }
    for (const [region, dispatcher] of dispatchers) {
      const claim = dispatcher.claim();
      const fence = claim?.kind === 'held' ? claim.fence : undefined;
      metrics.leaseHeld.set({region}, fence === undefined ? 0 : 1);
      metrics.leaseFence.set({region}, fence ?? 0);
      try {
        setGauges(metrics, region, await readGauges(db, region));
        const nowMs = clock.monotonicMs();
        if (nowMs - (outboxReadMs.get(region) ?? Number.NEGATIVE_INFINITY) < OUTBOX_GAUGES_EVERY_MS) continue;
        outboxReadMs.set(region, nowMs);
        setOutboxGauges(metrics, region, await readOutboxGauges(db, region));
      } catch (error) {
        log.warn({err: error, region}, 'the gauges could not be read; they are tried again');
      }
    }
  });
  return cadence.stop;
}

/** Positions as they come and go, turned into metrics; what fails into the log. */
export function observePositions(metrics: Metrics, log: Logger): PositionsObserver {
  return {
    heard(region, source, counts) {
      for (const outcome of HEARD)
        if (counts[outcome]) metrics.positions.inc({region, source, outcome}, counts[outcome]);
    },
    writeFailed: (region, error) =>
      log.warn({err: error, region}, 'positions could not be written; they are tried again'),
    lost: (count) => log.error({count}, 'positions are lost: the database did not take them'),
  };
}

/** The connection to NATS, turned into metrics and a line of log when it comes and goes. */
export function observePositionFeed(metrics: Metrics, log: Logger): FeedObserver {
  let wasUp: boolean | undefined;
  return {
    connected() {
      metrics.natsConnected.set(1);
      log.info('connected to NATS');
      wasUp = true;
    },
    disconnected(error) {
      metrics.natsConnected.set(0);
      if (wasUp !== false) log.warn({err: error}, 'NATS is gone; it is tried again, and HTTP goes on');
      wasUp = false;
    },
    unreadable(region, source, subject) {
      metrics.positions.inc({region, source, outcome: 'bad'});
      log.debug({region, subject}, 'a message of positions could not be read');
    },
    keptFailed: (region, error) =>
      log.warn({err: error, region}, 'the positions that JetStream keeps could not be read'),
  };
}

/** Attempts of webhooks, turned into metrics; what fails beside them into the log. */
export function observeWebhooks(region: string, metrics: Metrics, log: Logger): WebhookObserver {
  return {
    attempted: (outcome) => metrics.webhookAttempts.inc({region, outcome}),
    failed: (error) => log.warn({err: error, region}, 'webhooks could not be served; they are tried again'),
  };
}

/** What becomes of promises: each error is counted, and what is learned is logged with how well it fits. */
export function observeEtas(region: string, metrics: Metrics, log: Logger): EtaObserver {
  return {
    erred: ({leg, trip, errorMs}) => metrics.etaError.observe({region, leg, trip}, errorMs / 1_000),
    learned({deliveries, cells, fit}, tookMs) {
      metrics.etaLearned.set({region}, deliveries);
      log.info(
        {region, deliveries, cells, medianAbsoluteErrorMs: fit, tookMs},
        'learned from promised and actual times',
      );
    },
    failed: (error) => log.warn({err: error, region}, 'promises could not be followed; it is tried again'),
  };
}

/** Routers count hits since their start, and so do the counters. */
function countCaches(metrics: Metrics, opened: Watched['opened']): void {
  const stats = Array.from(opened.values(), ({epochs}) => epochs.stats());
  const total = (name: keyof CacheStats) => stats.reduce((sum, one) => sum + one[name], 0);
  metrics.etaCache.reset();
  metrics.etaCache.inc({result: 'hit'}, total('etaHits'));
  metrics.etaCache.inc({result: 'miss'}, total('etaMisses'));
  metrics.snapCache.reset();
  metrics.snapCache.inc({result: 'hit'}, total('snapHits'));
  metrics.snapCache.inc({result: 'miss'}, total('snapMisses'));
}
