// What the daemon says of itself while it is under load: its metrics, read every few seconds, and its tick records.

import type {Database} from '../../src/db/connect.ts';
import {listTicks} from '../../src/db/ticks.ts';
import {systemClock} from '../../src/domain/clock.ts';
import type {TickHeader} from '../../src/domain/tick-record.ts';
import {startCadence} from '../../src/loops/cadence.ts';
import {REGION} from './served.ts';

const READ_EVERY_MS = 5_000;
const MIB = 2 ** 20;

type Reading = {readonly atMs: number; readonly of: (name: string) => number};

export type Readings = {readonly stop: () => Promise<DaemonFigures>};

export type DaemonFigures = {
  /** Of each reading's interval the 99th percentile; the resolution of 10 ms is in it. */
  readonly loopLagP99Ms: {readonly median: number; readonly worst: number};
  readonly memoryMiB: {
    readonly start: number;
    readonly end: number;
    readonly heapStart: number;
    readonly heapEnd: number;
  };
  /** By least squares over all readings. */
  readonly memoryMiBPerMinute: number;
  /** CPU time of the daemon, all its threads, as a share of one core. */
  readonly cores: number;
  readonly ticks: {
    readonly certified: number;
    readonly overBudget: number;
    readonly failed: number;
    readonly missed: number;
  };
};

/** Starts reading `/metrics`. */
export async function openReadings(address: string): Promise<Readings> {
  const readings: Reading[] = [];
  const read = async () => {
    const text = await (await fetch(`${address}/metrics`)).text();
    readings.push({atMs: systemClock.monotonicMs(), of: (name) => sampleOf(text, name)});
  };
  // Each reading begins the next interval of the event loop's lag: what was before the first is of another time.
  await read();
  const cadence = startCadence(READ_EVERY_MS, systemClock, () => read().catch(() => {}));
  return {
    async stop() {
      await cadence.stop();
      await read();
      return figures(readings);
    },
  };
}

function figures(readings: readonly Reading[]): DaemonFigures {
  const [first, last] = [readings[0], readings[readings.length - 1]];
  const lags = readings.slice(1).map(({of}) => of('nodejs_eventloop_lag_p99_seconds') * 1_000);
  const memory = readings.map(({atMs, of}) => [atMs / 60_000, of('process_resident_memory_bytes') / MIB] as const);
  const grown = (name: string) => last.of(name) - first.of(name);
  const ticks = (outcome: string) => grown(`cloudrun_ticks_total{region="${REGION}",outcome="${outcome}"}`);
  const heap = (reading: Reading) => Math.round(reading.of('nodejs_heap_size_used_bytes') / MIB);
  return {
    loopLagP99Ms: {median: tenths(percentile(lags, 0.5)), worst: tenths(Math.max(...lags))},
    memoryMiB: {
      start: Math.round(memory[0][1]),
      end: Math.round(memory[memory.length - 1][1]),
      heapStart: heap(first),
      heapEnd: heap(last),
    },
    memoryMiBPerMinute: tenths(slope(memory)),
    cores: tenths((grown('process_cpu_seconds_total') * 1_000) / (last.atMs - first.atMs)),
    ticks: {
      certified: ticks('certified'),
      overBudget: ticks('over_budget'),
      failed: ticks('failed') + ticks('uncertified') + ticks('fenced'),
      missed: ticks('skipped'),
    },
  };
}

export type TickFigures = {
  readonly count: number;
  /** From the snapshot to the committed offers. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of each stage. */
  readonly stageP50Ms: Readonly<Record<string, number>>;
  readonly stageP99Ms: Readonly<Record<string, number>>;
  /** Means of what the ticks decided on. */
  readonly mean: Readonly<Record<string, number>>;
  /** Ticks that read their snapshot before the one before them had committed: none may. */
  readonly overlaps: number;
};

/** Of the ticks since `fromMs` of dispatch time, `most` of them at most. */
export async function tickFigures(db: Database, fromMs: number, most: number): Promise<TickFigures> {
  const headers = (await listTicks(db, REGION, most)).filter(({atMs}) => atMs >= fromMs).reverse();
  const sums = headers.map(decisionMs);
  const stages = Object.keys(headers[0]?.stageMs ?? {});
  const ofStages = (share: number) =>
    Object.fromEntries(
      stages.map((stage) => [
        stage,
        tenths(
          percentile(
            headers.map(({stageMs}) => stageMs[stage] ?? 0),
            share,
          ),
        ),
      ]),
    );
  const counted = Object.keys(headers[0]?.counts ?? {}) as (keyof TickHeader['counts'])[];
  const meanOf = (name: keyof TickHeader['counts']) =>
    tenths(headers.reduce((sum, {counts}) => sum + counts[name], 0) / headers.length);
  return {
    count: headers.length,
    p50Ms: tenths(percentile(sums, 0.5)),
    p99Ms: tenths(percentile(sums, 0.99)),
    maxMs: tenths(Math.max(...sums)),
    stageP50Ms: ofStages(0.5),
    stageP99Ms: ofStages(0.99),
    mean: Object.fromEntries(counted.map((name) => [name, meanOf(name)])),
    // The instant lies somewhere within the reading of the snapshot, and is cut to a millisecond.
    overlaps: headers.slice(1).filter(({atMs}, i) => {
      const before = headers[i];
      return atMs < before.atMs + decisionMs(before) - (before.stageMs.snapshot ?? 0) - 1;
    }).length,
  };
}

const decisionMs = ({stageMs}: TickHeader): number => Object.values(stageMs).reduce((sum, ms) => sum + ms, 0);

/** Of a line of Prometheus text; 0 where there is none. */
function sampleOf(text: string, name: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** The least value that so large a share does not exceed. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (i: 0 | 1) => points.reduce((sum, point) => sum + point[i], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

const tenths = (value: number): number => Math.round(value * 10) / 10;
