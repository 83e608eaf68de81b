import {monitorEventLoopDelay} from 'node:perf_hooks';
import {v7 as uuidv7} from 'uuid';
import {placesOn} from '../src/cli/demo-roads.ts';
import {type RegionPortOptions, regionPort} from '../src/cli/region-port.ts';
import {DEFAULTS} from '../src/config.ts';
import {type Ticked, tick} from '../src/dispatch/tick.ts';
import {systemClock} from '../src/domain/clock.ts';
import {cityRoads, engine, GRAPH} from './city.ts';
import type {Suite} from './harness.ts';
import {REGION, SEED, withMarket} from './market.ts';

/** A whole tick but for its commit: snapshot from Postgres to certified proposals, on real roads. */
export const wholeTick: Suite = async (size, measure) => {
  const [drivers, tasks] = size === 'smoke' ? [60, 10] : [1_000, 200];
  const graph = await cityRoads();
  await withMarket({drivers, connections: 4}, GRAPH, placesOn(graph), async ({db, fence, order}) => {
    await order(0, tasks);
    for (const [cached, cacheEntries, kind] of [
      ['cold', 0, 'cch'],
      ['warm', 500_000, 'cch'],
      ['cold', 0, 'dijkstra'],
    ] as const) {
      const {router, pool, close} = await engine(graph, DEFAULTS.threads, cacheEntries, kind);
      const withRouter: RegionPortOptions['withRouter'] = (use) => use(router);
      const market = {db, regionId: REGION, graph: GRAPH};
      const port = regionPort({...market, withRouter, pool, clock: systemClock, keepTicksH: 24});
      await measure({
        name: `tick, ${kind}, ${cached} road times`,
        input: `${drivers} drivers, ${tasks} tasks, Gothenburg, ${DEFAULTS.threads} threads, seed ${SEED}`,
        async run() {
          const request = {id: uuidv7(), trigger: 'request', dryRun: true} as const;
          const outcome = await port.withWorld(fence, (world) => tick(world, request));
          if (outcome.kind !== 'ticked' || outcome.flaw) throw new Error('the tick is not certified');
          return Number.parseInt(outcome.header.decisionHash.slice(0, 12), 16);
        },
      });
      await close();
    }
  });
};

/** Of the drivers of a seeded city so many more than tasks, since some have let a document expire. */
const SPARE_DRIVERS = 1.03;
const MS_PER_NS = 1e-6;

/**
 * A tick far larger than a metro's, first decided only, then with its offers committed and recorded, which there is but
 * once: by stage, and how long it kept the daemon's own thread from anything else.
 */
export const largeTick: Suite = async (size, measure) => {
  const tasks = size === 'smoke' ? 10 : 20_000;
  const drivers = size === 'smoke' ? 60 : Math.round(tasks * SPARE_DRIVERS);
  const graph = await cityRoads();
  await withMarket({drivers, connections: 4}, GRAPH, placesOn(graph), async ({db, fence, order}) => {
    await order(0, tasks);
    const {router, pool, close} = await engine(graph, DEFAULTS.threads, 500_000, 'cch');
    const withRouter: RegionPortOptions['withRouter'] = (use) => use(router);
    const market = {db, regionId: REGION, graph: GRAPH};
    const port = regionPort({...market, withRouter, pool, clock: systemClock, keepTicksH: 24});
    await port.housekeep();
    let last: Ticked | undefined;
    let heldMs = 0;
    const run = (dryRun: boolean) => async (): Promise<number> => {
      const delay = monitorEventLoopDelay({resolution: 5});
      delay.enable();
      const outcome = await port.withWorld(fence, (world) => tick(world, {id: uuidv7(), trigger: 'request', dryRun}));
      delay.disable();
      heldMs = delay.max * MS_PER_NS;
      if (outcome.kind !== 'ticked' || outcome.flaw) throw new Error('the tick is not certified');
      if (!dryRun && !(outcome.recorded && outcome.refused.length === 0)) throw new Error('not all was committed');
      last = outcome;
      return Number.parseInt(outcome.header.decisionHash.slice(0, 12), 16);
    };
    const facts = () => {
      const {counts, stageMs} = last!.header;
      const stages = Object.entries(stageMs).map(([stage, ms]) => [`${stage}Ms`, Math.round(ms)]);
      return {...counts, ...Object.fromEntries(stages), heldMs: Math.round(heldMs)};
    };
    const input = `${drivers} drivers, ${tasks} tasks, Gothenburg, ${DEFAULTS.threads} threads, seed ${SEED}`;
    await measure([{name: 'tick, large, decided', input, run: run(true), facts}]);
    await measure([{name: 'tick, large, offered and recorded', input, run: run(false), once: true, facts}]);
    await close();
  });
};
