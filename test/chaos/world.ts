// One database, one fleet and the people around them, which a few seeds after each other do their worst to. After each,
// all of its history so far is held against what was promised.

import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {saveGraph} from '../../native-graph/file.ts';
import {connect} from '../../src/db/connect.ts';
import {verifyDossiers} from '../../src/db/dossier-check.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {migrate} from '../../src/db/migrate.ts';
import {randomStream} from '../../src/domain/random.ts';
import {openClient, type Request} from './client.ts';
import {startFleet} from './fleet.ts';
import {checkAnswers, checkFences, readHistory, replayTasks, type Violation} from './history.ts';
import {drawnTown, GRAPH, NOW_MS, openMarkets, REGIONS, TIME_SCALE} from './market.ts';
import {MUTANTS, type Mutant} from './mutants.ts';
import {describe, type Plan, planOf, type Size} from './plan.ts';
import {execute, type Server} from './server.ts';
import {strike} from './strike.ts';
import {startWorkload} from './workload.ts';

/** All tasks are ordered while the faults happen, at this pace by region. */
const ORDERS_PER_S = 12;
/** Open tasks of which none changes for so long are stuck; the key of a lost request runs out after 20 s. */
const STUCK_AFTER_MS = 30_000;

export type Verdict = {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly tasks: number;
  readonly events: number;
  readonly ticks: number;
  readonly requests: Readonly<Record<string, number>>;
};

export type World = {
  run(seed: number): Promise<Verdict>;
  /** Ends every process as an operator would; what was odd about that is a violation too. */
  close(dropsDatabase: boolean): Promise<readonly Violation[]>;
};

export type WorldOptions = {
  readonly folder: string;
  readonly server: Server;
  readonly database: string;
  readonly size: Size;
  readonly mutant?: Mutant | undefined;
  readonly say: (line: string) => void;
};

export async function openWorld(options: WorldOptions): Promise<World> {
  const {folder, server, database, size, say} = options;
  await server.create(database);
  const url = server.url(database);
  await migrate(url);
  if (options.mutant) await execute(url, await MUTANTS[options.mutant](url));
  const db = connect(url, {maxConnections: 8, applicationName: 'chaos', monotonicMs: () => performance.now()});
  const startedMs = Date.now();
  const nowMs = () => NOW_MS + (Date.now() - startedMs) * TIME_SCALE;
  const markets = await openMarkets(db, size.drivers);
  const graphs = join(folder, 'graphs');
  mkdirSync(graphs, {recursive: true});
  const graphPath = join(graphs, 'town.crg');
  saveGraph(drawnTown(), graphPath);

  let violations: Violation[] = [];
  const onViolation = (violation: Violation) => void violations.push(violation);
  const fences = new Map<string, Map<number, Set<string>>>(REGIONS.map((regionId) => [regionId, new Map()]));
  const fleet = await startFleet({
    folder,
    databasePort: server.port,
    url: (port) => server.url(database, port),
    graphPath,
    graphName: GRAPH,
    regionIds: REGIONS,
    onFence(life, regionId, fence) {
      const held = fences.get(regionId)!;
      held.set(fence, (held.get(fence) ?? new Set()).add(life));
    },
    onWorkerFailed: (message) => say(`  ${message}`),
    onOddEnd: (what) => onViolation({sentence: 'A process ends only when it is told to.', example: what}),
  });
  const requests: Request[] = [];
  const batched = new Map<string, string[]>(REGIONS.map((regionId) => [regionId, []]));

  /** Each violation that the rows as they stand show. */
  async function checkRows(when: string): Promise<void> {
    for (const regionId of REGIONS) {
      for (const {sentence, violations: count, example} of await readInvariantViolations(db, regionId)) {
        onViolation({sentence, example: `${count} in ${regionId}, ${when}: ${example}`});
      }
    }
  }

  async function checkHistory(): Promise<{events: number; ticks: number; tasks: number}> {
    const counts = {events: 0, ticks: 0, tasks: 0};
    const {firstBad} = await verifyDossiers(db, {regionIds: REGIONS});
    if (firstBad) onViolation({sentence: 'Every dossier verifies.', example: JSON.stringify(firstBad)});
    for (const regionId of REGIONS) {
      const history = await readHistory(db, regionId);
      violations.push(...replayTasks(history));
      violations.push(...checkFences(history, fences.get(regionId)!));
      const own = requests.filter(({mark}) => mark.includes(`.${regionId}.`));
      violations.push(...checkAnswers(history, own, batched.get(regionId)!));
      counts.events += history.events.length;
      counts.ticks += history.commits.length;
      counts.tasks += history.tasks.length;
    }
    return counts;
  }

  async function happen(plan: Plan): Promise<void> {
    const scene = {fleet, server, graphPath, say, onViolation};
    const ends: Promise<unknown>[] = [];
    for (const {afterMs, fault} of plan.steps) {
      await delay(afterMs);
      say(`${clockOf(startedMs)} ${describe(fault)}`);
      ends.push((await strike(scene, fault)).over);
      await checkRows(`after ${fault.kind}`).catch(() => {}); // The database may be gone.
    }
    await Promise.all(ends);
    for (const {process} of fleet.daemons) process.send({kind: 'skew', byMs: 0});
    await fleet.allServing();
  }

  async function run(seed: number): Promise<Verdict> {
    violations = [];
    const plan = planOf(seed, size);
    await fleet.resize(plan.daemons);
    const addresses = () => fleet.daemons.flatMap(({process}) => process.address() ?? []);
    const clients = markets.map(({regionId}) =>
      openClient(addresses, randomStream(seed, `client ${regionId}`), () => performance.now()),
    );
    const forMs = (size.tasks * 1_000) / ORDERS_PER_S;
    const workloads = markets.map((market, i) =>
      startWorkload({db, client: clients[i], market, seed, tasks: size.tasks, forMs, nowMs}),
    );
    await happen(plan);
    say(`${clockOf(startedMs)} the faults are over; every task is brought to its end`);
    for (const ended of await Promise.allSettled(workloads.map((workload) => workload.finish(STUCK_AFTER_MS)))) {
      if (ended.status === 'fulfilled') continue;
      onViolation({sentence: 'Every task ends.', example: (ended.reason as Error).message});
    }
    for (const client of clients) {
      await client.settled();
      requests.push(...client.ledger);
    }
    for (const [i, {batched: ids}] of workloads.entries()) batched.get(REGIONS[i])!.push(...ids);
    await checkRows('at the end');
    return {seed, ...(await checkHistory()), violations, requests: sumOf(clients.map(({counts}) => counts))};
  }

  return {
    run,
    async close(dropsDatabase) {
      violations = [];
      await fleet.retire();
      await checkRows('when all had ended').finally(() => db.close());
      if (dropsDatabase && violations.length === 0) await server.drop(database);
      return violations;
    },
  };
}

function sumOf(all: readonly Verdict['requests'][]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [what, count] of all.flatMap(Object.entries)) sum[what] = (sum[what] ?? 0) + Number(count);
  return sum;
}

const clockOf = (startedMs: number): string => `${((Date.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s`;
