import {v7 as uuidv7} from 'uuid';
import {placesOn} from '../src/cli/demo-roads.ts';
import {type RegionPortOptions, regionPort} from '../src/cli/region-port.ts';
import {DEFAULTS} from '../src/config.ts';
import {tick} from '../src/dispatch/tick.ts';
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
      const market = {db, regionId: REGION, graph: GRAPH, owner: 'bench'};
      const port = regionPort({...market, withRouter, pool, clock: systemClock});
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
