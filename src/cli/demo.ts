// The main job: a real city, dispatched. Everything the daemon needs is brought along: Postgres, a road graph, people.

import {join} from 'node:path';
import {DEFAULTS, keepTicksFromEnvironment, outwardFromEnvironment} from '../config.ts';
import {latestInstantMs, readDispatchClock, setDispatchClock} from '../db/clock.ts';
import {connect, type Database} from '../db/connect.ts';
import {lockDataDir} from '../db/data-dir.ts';
import {startEmbedded} from '../db/embedded/start.ts';
import {readInvariantViolations} from '../db/invariants.ts';
import {migrate} from '../db/migrate.ts';
import {putRegion, readRegion, setRegionArea} from '../db/regions.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../domain/region.ts';
import {startCadence} from '../loops/cadence.ts';
import {countAnswer} from '../metrics.ts';
import {type CityGraph, cityGraph, citySource} from './city-graph.ts';
import {type Daemon, startDaemon} from './daemon.ts';
import {type DemoReport, demoReport} from './demo-report.ts';
import {outlineOf, placesOn, tripsOn} from './demo-roads.ts';
import {openDemoWorld, seedCity} from './demo-world.ts';
import {log} from './log.ts';
import {onShutdown, type Shutdown} from './shutdown.ts';
import {type Terminal, terminal} from './terminal.ts';
import {projectRoot} from './version.ts';

export type DemoOptions = {
  readonly for?: number;
  readonly timeScale: number;
  readonly json?: boolean;
  readonly osm?: string;
  readonly graph?: string;
  readonly drivers: number;
  readonly tasksPerMinute: number;
  readonly port: number;
  readonly dataDir?: string;
  readonly seed: number;
};

/** A Friday evening. Every new world begins here, so that a seed gives the same orders whenever it is run. */
const WORLD_START_MS = Date.UTC(2026, 5, 5, 16);
/** How often simulated people look around, in real time. */
const STEP_EVERY_MS = 250;
/** Connections of the people, beside the daemon's own. */
const PEOPLE_CONNECTIONS = 8;
/** Offers whose probability is remembered for the drivers who answer them. */
const REMEMBERED_OFFERS = 10_000;

export async function demo(options: DemoOptions): Promise<void> {
  log.level = 'warn';
  const shown = terminal(options.json ?? false);
  const dataDir = options.dataDir ?? join(projectRoot, '.cloudrun');
  const undo: (() => Promise<unknown> | unknown)[] = [];
  const source = citySource(options);
  const shutdown = onShutdown();
  try {
    undo.push(lockDataDir(dataDir));
    const city = await cityGraph(source, dataDir, shown);
    if (!shutdown.wasAsked()) await run(options, dataDir, city, shown, undo, shutdown);
  } finally {
    await undoAll(undo);
  }
}

/** Last made, first undone; one that fails keeps none of the others from it. */
async function undoAll(undo: readonly (() => Promise<unknown> | unknown)[]): Promise<void> {
  for (const step of undo.toReversed()) {
    try {
      await step();
    } catch (error) {
      log.error({err: error}, 'something could not be put away; the rest is');
    }
  }
}

async function run(
  options: DemoOptions,
  dataDir: string,
  city: CityGraph,
  shown: Terminal,
  undo: (() => Promise<unknown> | unknown)[],
  shutdown: Shutdown,
): Promise<void> {
  const regionId = city.region;
  const starting = shown.progress('Starting Postgres and seeding the city');
  undo.push(() => starting.end());
  const postgres = await startEmbedded({dataDir});
  undo.push(postgres.stop);
  await migrate(postgres.url);
  const db = connect(postgres.url, {
    maxConnections: PEOPLE_CONNECTIONS,
    applicationName: 'cloudrun demo',
    monotonicMs: systemClock.monotonicMs,
  });
  undo.push(db.close);
  const startMs = await startWorld(db, options, city);
  const people = {db, regionId, seed: options.seed, drivers: options.drivers, place: placesOn(city.graph)};
  await seedCity(people, WORLD_START_MS, startMs);
  starting.end();

  const report = demoReport();
  const acceptance = new Map<string, number>();
  const daemon = await startDemoDaemon(options, postgres.url, city, shown, report, acceptance);
  undo.push(daemon.stop);
  const world = await openDemoWorld(
    {
      ...people,
      tasksPerMinute: options.tasksPerMinute,
      trip: tripsOn(() => daemon.router(city.name)),
      acceptanceOf: (offerId) => acceptance.get(offerId),
      onCreated: report.created,
      onActed: (action) => {
        report.acted(action);
        countAnswer(daemon.metrics, regionId, action);
      },
    },
    startMs,
  );
  shown.line(`Map and API: ${daemon.address}   (Ctrl-C ends; a second start goes on from here)`);
  const steps = startCadence(STEP_EVERY_MS, systemClock, () =>
    readDispatchClock(db)
      .then(({nowMs}) => world.step(nowMs))
      .catch((error: unknown) => {
        report.stepFailed();
        log.warn({err: error}, 'the simulated people stumbled; they go on');
      }),
  );
  await shutdown.asked(options.for === undefined ? undefined : options.for * 1_000);
  await steps.stop();
  await daemon.stop();

  const broken = await readInvariantViolations(db, regionId);
  for (const {sentence, violations, example} of broken) {
    shown.line(`VIOLATED ${violations} times, such as by ${example}: ${sentence}`);
  }
  const sums = report.sums(broken.reduce((sum, {violations}) => sum + violations, 0));
  shown.answer(sums, summary(sums));
  if (broken.length > 0) process.exitCode = 1;
}

/** Sets the clock and the region; the world goes on from the last instant that it knows. Returns that instant. */
async function startWorld(db: Database, {timeScale, seed}: DemoOptions, city: CityGraph): Promise<number> {
  const lastMs = await latestInstantMs(db);
  const startMs = Math.max(WORLD_START_MS, (lastMs ?? 0) + 1);
  await setDispatchClock(db, {nowMs: startMs, scale: timeScale});
  const name = `${city.region}, seed ${seed}`;
  const standing = await readRegion(db, city.region);
  if (standing && (standing.graph !== city.name || standing.name !== name)) {
    throw new InputFailure(
      'WORLD_DIFFERS',
      `the data folder holds another world (${standing.name}, graph ${standing.graph}): give another --data-dir`,
    );
  }
  if (!standing) {
    const market = {id: city.region, name, timeZone: 'UTC', graph: city.name};
    await putRegion(db, {...market, settings: STARTING_SETTINGS, weights: STARTING_WEIGHTS});
    await setRegionArea(db, city.region, outlineOf(city.graph));
  }
  return startMs;
}

function startDemoDaemon(
  options: DemoOptions,
  databaseUrl: string,
  city: CityGraph,
  shown: Terminal,
  report: DemoReport,
  acceptance: Map<string, number>,
): Promise<Daemon> {
  return startDaemon({
    config: {
      ...DEFAULTS,
      keepTicksH: keepTicksFromEnvironment(),
      databaseUrl,
      port: options.port,
      logLevel: 'warn',
      graphs: [city],
      ...outwardFromEnvironment(),
    },
    openGraph: () => city.graph,
    regionIds: [city.region],
    scaledTime: true,
    log,
    clock: systemClock,
    observer: {
      ticked(ticked, tookMs) {
        shown.line(report.ticked(ticked, tookMs));
        for (const offer of ticked.landed) {
          const proposal = ticked.proposals.find(({taskId}) => taskId === offer.taskId);
          if (proposal) acceptance.set(offer.offerId, proposal.features.acceptance);
        }
        for (const offerId of acceptance.keys()) {
          if (acceptance.size <= REMEMBERED_OFFERS) break;
          acceptance.delete(offerId);
        }
      },
      swept: ({expired, failed}) => report.swept(expired, failed),
      fenced: report.tickFailed,
      failed: (what) => {
        if (what === 'tick') report.tickFailed();
      },
    },
  });
}

function summary(sums: ReturnType<DemoReport['sums']>): string {
  const {tickMs, ...counts} = sums;
  const lines = Object.entries(counts).map(([name, value]) => `  ${name.padEnd(20)} ${value}`);
  return ['', ...lines, `  ${'tickMs'.padEnd(20)} p50 ${tickMs.p50}, p99 ${tickMs.p99}, max ${tickMs.max}`].join('\n');
}
