// The main job: a real city, dispatched. Everything the daemon needs is brought along: Postgres, a road graph, people.

import {join} from 'node:path';
import {DEFAULTS} from '../config.ts';
import {latestInstantMs, readDispatchClock, setDispatchClock} from '../db/clock.ts';
import {connect} from '../db/connect.ts';
import {lockDataDir} from '../db/data-dir.ts';
import {startEmbedded} from '../db/embedded/start.ts';
import {readInvariantViolations} from '../db/invariants.ts';
import {migrate} from '../db/migrate.ts';
import {putRegion, readRegion} from '../db/regions.ts';
import {systemClock} from '../domain/clock.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../domain/region.ts';
import {startCadence} from '../loops/cadence.ts';
import {countAnswer} from '../metrics.ts';
import {type CityGraph, cityGraph} from './city-graph.ts';
import {type Daemon, startDaemon} from './daemon.ts';
import {type DemoReport, demoReport} from './demo-report.ts';
import {placesOn, tripsOn} from './demo-roads.ts';
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
  try {
    undo.push(lockDataDir(dataDir));
    await run(options, dataDir, shown, undo, onShutdown());
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function run(
  options: DemoOptions,
  dataDir: string,
  shown: Terminal,
  undo: (() => Promise<unknown> | unknown)[],
  shutdown: Shutdown,
): Promise<void> {
  const city = await cityGraph(options, dataDir, shown);
  const starting = shown.progress('Starting Postgres and seeding the city');
  const postgres = await startEmbedded({dataDir});
  undo.push(postgres.stop);
  await migrate(postgres.url);
  const db = connect(postgres.url, {
    maxConnections: PEOPLE_CONNECTIONS,
    applicationName: 'cloudrun demo',
    monotonicMs: systemClock.monotonicMs,
  });
  undo.push(db.close);

  const startMs = Math.max(systemClock.wallMs(), ((await latestInstantMs(db)) ?? 0) + 1);
  await setDispatchClock(db, {nowMs: startMs, scale: options.timeScale});
  if (!(await readRegion(db, city.name))) {
    const market = {name: city.name, timeZone: 'UTC', graph: city.name};
    await putRegion(db, {id: city.name, ...market, settings: STARTING_SETTINGS, weights: STARTING_WEIGHTS});
  }

  const people = {db, regionId: city.name, seed: options.seed, drivers: options.drivers, place: placesOn(city.graph)};
  await seedCity(people, startMs);
  starting.end();

  const report = demoReport();
  const acceptance = new Map<string, number>();
  const daemon = await startDemoDaemon(options, postgres.url, city, shown, report, acceptance);
  undo.push(daemon.stop);
  const world = await openDemoWorld(
    {
      ...people,
      tasksPerMinute: options.tasksPerMinute,
      trip: tripsOn(daemon.router(city.name)),
      acceptanceOf: (offerId) => acceptance.get(offerId),
      onCreated: report.created,
      onActed: (action) => {
        report.acted(action);
        countAnswer(daemon.metrics, city.name, action);
      },
    },
    startMs,
  );
  shown.line(`Map and API: ${daemon.address}   (Ctrl-C ends; a second start goes on from here)`);
  const steps = startCadence(STEP_EVERY_MS, systemClock, () =>
    readDispatchClock(db)
      .then(({nowMs}) => world.step(nowMs))
      .catch((error: unknown) => log.warn({err: error}, 'the simulated people stumbled; they go on')),
  );
  await shutdown.asked(options.for === undefined ? undefined : options.for * 1_000);
  await steps.stop();
  await daemon.stop();

  const broken = await readInvariantViolations(db, city.name);
  for (const {sentence, violations, example} of broken) {
    shown.line(`VIOLATED ${violations} times, such as by ${example}: ${sentence}`);
  }
  const sums = report.sums(broken.reduce((sum, {violations}) => sum + violations, 0));
  shown.answer(sums, summary(sums));
  if (broken.length > 0) process.exitCode = 1;
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
    config: {...DEFAULTS, databaseUrl, port: options.port, logLevel: 'warn', graphs: [city]},
    openGraph: () => city.graph,
    regionIds: [city.name],
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
    },
  });
}

function summary(sums: ReturnType<DemoReport['sums']>): string {
  const {tickMs, ...counts} = sums;
  const lines = Object.entries(counts).map(([name, value]) => `  ${name.padEnd(20)} ${value}`);
  return ['', ...lines, `  ${'tickMs'.padEnd(20)} p50 ${tickMs.p50}, p99 ${tickMs.p99}, max ${tickMs.max}`].join('\n');
}
