// A daemon as `serve` starts it, that can be told to fail. A process of its own, under the run that started it.

import {openGraph} from '../../native-graph/file.ts';
import {startDaemon} from '../../src/cli/daemon.ts';
import {log} from '../../src/cli/log.ts';
import {DEFAULTS} from '../../src/config.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {faultyPort} from './faulty-port.ts';
import type {Armed, DaemonOptions, FromDaemon, ToDaemon} from './messages.ts';

/** A region of a run ticks more often than it would: more ticks, more of them struck. */
const TICK_EVERY_MS = 250;
const SWEEP_EVERY_MS = 1_000;
const RENEW_EVERY_MS = 400;
const LOOK_EVERY_MS = 200;
/** A worker thread that hangs is stopped soon, and one that fills its heap fills a small one. */
const JOB_LIMIT_MS = 1_500;
const HEAP_LIMIT_MB = 32;
/** Then it is told what keeps it from ending. */
const LONG_END_MS = 10_000;

const options: DaemonOptions = JSON.parse(process.argv[2]);
let armed: Armed | null = null;
let skewMs = 0;

// Libraries that ask for the time get the wrong one too.
const trueNow = Date.now;
Date.now = () => trueNow() + skewMs;

const say = (message: FromDaemon): Promise<void> =>
  new Promise((resolve) => {
    process.send!(message, () => resolve());
  });

let onTurn: (isMine: boolean) => void = () => {};

/** Of several daemons that come to it at once, one is struck: by the run, which knows that it waits here. */
async function strike(): Promise<boolean> {
  armed = null;
  const {promise: isMine, resolve} = Promise.withResolvers<boolean>();
  onTurn = resolve;
  await say({kind: 'reached'});
  return isMine;
}

process.on('disconnect', () => process.exit(1));
log.level = 'warn';
const fences = new Map<string, number>();
try {
  const daemon = await startDaemon({
    config: {
      ...DEFAULTS,
      databaseUrl: options.databaseUrl,
      port: 0,
      graphs: [{name: options.graphName, path: options.graphPath}],
      threads: 1,
      tickEveryMs: TICK_EVERY_MS,
      sweepEveryMs: SWEEP_EVERY_MS,
      sealingKeys: [],
      webhookAllow: [],
    },
    openGraph: ({path}) => openGraph(path),
    scaledTime: true,
    log,
    clock: systemClock,
    pool: {workers: new URL('./workers/', import.meta.url), jobLimitMs: JOB_LIMIT_MS, heapLimitMb: HEAP_LIMIT_MB},
    leases: {times: {ttlMs: options.leaseTtlMs, renewEveryMs: RENEW_EVERY_MS, lookEveryMs: LOOK_EVERY_MS}},
    around: (port) =>
      faultyPort(port, {
        armed: () => armed,
        strike,
        onFence(regionId, fence) {
          if (fences.get(regionId) === fence) return;
          fences.set(regionId, fence);
          void say({kind: 'fence', regionId, fence});
        },
        onWorkerFailed: (message) => void say({kind: 'worker-failed', message}),
      }),
  });
  process.on('message', async (message: ToDaemon) => {
    switch (message.kind) {
      case 'arm':
        armed = message.armed;
        return;
      case 'turn':
        onTurn(message.isYours);
        return;
      case 'skew':
        skewMs = message.byMs;
        return;
      case 'stop':
        setTimeout(() => {
          log.warn({open: process.getActiveResourcesInfo()}, 'it takes long to end');
        }, LONG_END_MS).unref();
        await daemon.stop();
        process.disconnect();
        process.exit(0);
        return;
      default:
        return message satisfies never;
    }
  });
  await say({kind: 'serving', address: daemon.address});
} catch (error) {
  await say({kind: 'start-failed', message: (error as Error).message});
  process.exit(1);
}
