// A tick beside 50,000 positions a second.

import {monitorEventLoopDelay} from 'node:perf_hooks';
import type {Daemon} from '../src/cli/daemon.ts';
import {type Fed, post, SIZES, type Sizes, takenIn, withCity, withDaemon} from './fed-daemon.ts';
import type {Measured, Suite} from './harness.ts';
import {SEED} from './market.ts';
import type {Way} from './position-feeder.ts';

const FED_PER_SECOND = 50_000;
const MS_PER_NS = 1e-6;

export const tickBesidePositions: Suite = async (size, measure) => {
  const sizes = SIZES[size];
  await withCity(sizes, (market, drivers) =>
    withDaemon(market, drivers, (daemon, feeder, ways) => measure(tickBeside(daemon, feeder, ways, sizes))),
  );
};

/** Ticks of a paused region that decide and commit nothing, in turns without a feed and beside one. */
function tickBeside(daemon: Daemon, feeder: Fed, ways: readonly Way[], sizes: Sizes): Measured[] {
  return [undefined, ...ways].map((way): Measured => {
    const tickMs: number[] = [];
    let [heldMs, perSecond, shed] = [0, 0, 0];
    const batchSize = way === 'http' ? sizes.httpBatch : sizes.natsBatch;
    return {
      name: `tick beside positions, ${way ?? 'none'}`,
      input: `${sizes.ticks} ticks of ${sizes.drivers} drivers and ${sizes.tasks} tasks, seed ${SEED}`,
      async run() {
        if (way) await feeder.tell({kind: 'feed', way, perSecond: FED_PER_SECOND, batchSize});
        const delay = monitorEventLoopDelay({resolution: 5});
        const [before, startMs] = [await takenIn(daemon), performance.now()];
        delay.enable();
        for (let i = 0; i < sizes.ticks; i++) {
          const beganMs = performance.now();
          await post(daemon, '/internal/dispatch/tick', {dryRun: true});
          tickMs.push(performance.now() - beganMs);
        }
        delay.disable();
        heldMs = delay.percentile(99) * MS_PER_NS;
        const spentMs = performance.now() - startMs;
        const done = await feeder.tell({kind: 'stop'});
        perSecond = (1_000 * ((await takenIn(daemon)) - before)) / spentMs;
        shed += done.shed;
        return sizes.ticks;
      },
      facts: () => ({
        tickP50Ms: percentile(tickMs, 0.5),
        tickP99Ms: percentile(tickMs, 0.99),
        loopP99Ms: Math.round(heldMs),
        positionsPerS: Math.round(perSecond),
        shed,
      }),
    };
  });
}

const percentile = (values: readonly number[], share: number): number =>
  Math.round([...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!);
