// The golden ticks in a real database, under a region of their own, and the port that decides them again on the roads
// they were decided on.

import {readdirSync, readFileSync} from 'node:fs';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {ExplainPort} from '../../src/api/world.ts';
import {explainPort} from '../../src/cli/explain-port.ts';
import {roadsOf} from '../../src/cli/roads.ts';
import {searchesOf} from '../../src/cli/searches.ts';
import {KEEP_TICKS_LIMIT_H} from '../../src/config.ts';
import {setDispatchClock} from '../../src/db/clock.ts';
import type {Database} from '../../src/db/connect.ts';
import {claimLease} from '../../src/db/leases.ts';
import {putRegion} from '../../src/db/regions.ts';
import {keepPayloadPartitions, saveTick} from '../../src/db/ticks.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import type {TickHeader} from '../../src/domain/tick-record.ts';
import {createPool} from '../../src/pool/pool.ts';
import {createEpochs} from '../../src/router/epochs.ts';
import {gothenburgGraph} from './city.ts';
import {createDatabase} from './database.ts';

const TICKS = new URL('../golden/ticks/', import.meta.url);
const nowMs = () => performance.now();

export type RecordedCity = {
  readonly db: Database;
  readonly regionId: string;
  /** Of the region's lease. */
  readonly fence: number;
  readonly graph: RoadGraph;
  /** Oldest first. */
  readonly headers: readonly TickHeader[];
  readonly explaining: ExplainPort;
  close(): Promise<void>;
};

export async function openRecordedCity(): Promise<RecordedCity> {
  const headers = readdirSync(TICKS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, TICKS), 'utf8')) as TickHeader)
    .sort((a, b) => a.atMs - b.atMs);
  const {regionId, graph: name, atMs} = headers.at(-1)!;
  const database = await createDatabase();
  const {db} = database;
  await setDispatchClock(db, {nowMs: atMs, scale: 0});
  await putRegion(db, {
    id: regionId,
    name: regionId,
    timeZone: 'Europe/Stockholm',
    graph: name,
    settings: STARTING_SETTINGS,
    weights: STARTING_WEIGHTS,
  });
  const lease = await claimLease(db, regionId, 'test', 3_600_000);
  if (lease.kind !== 'held') throw new Error('a new region has no owner');
  for (const header of headers) {
    await keepPayloadPartitions(db, {nowMs: header.atMs, keepHours: KEEP_TICKS_LIMIT_H});
    const payload = readFileSync(new URL(`${header.id}.zst`, TICKS));
    await saveTick(db, {...header, fence: lease.fence, payload});
  }

  const graph = await gothenburgGraph();
  const {metric} = roadsOf(graph, 'cch');
  const pool = createPool({graphs: [{name, bytes: graph.bytes}], threads: 1, monotonicMs: nowMs});
  const epochs = createEpochs(graph, metric, searchesOf(name, graph, pool)(0, metric), nowMs);
  return {
    db,
    regionId,
    fence: lease.fence,
    graph,
    headers,
    // The same roads, named by the demo that built them.
    explaining: explainPort({db, opened: new Map(headers.map((each) => [each.graph, {epochs}])), pool: () => pool}),
    async close() {
      await pool.close();
      await database.drop();
    },
  };
}
