// `npm run bench:load [-- --minutes 30]`: a daemon of its own in Gothenburg under drivers who move, tasks that keep
// coming and callers of its API; how long ticks and answers take meanwhile, and whether its memory stays flat.

import {mkdirSync, writeFileSync} from 'node:fs';
import {loadavg} from 'node:os';
import {fileURLToPath} from 'node:url';
import {Command} from 'commander';
import {listDrivers} from '../src/db/drivers.ts';
import {readInvariantViolations} from '../src/db/invariants.ts';
import {systemClock} from '../src/domain/clock.ts';
import {machine} from './harness.ts';
import {openOrders} from './load/orders.ts';
import {openReadings, tickFigures} from './load/readings.ts';
import {REGION, type Served, withServed} from './load/served.ts';
import {type Answered, type Driver, openTraffic} from './load/traffic.ts';

/** As long as an offer stays open: then some are answered, some run out, and others are made, all the time. */
const RAMP_S = 60;
const SMOKE_RAMP_S = 1;
const PAGE = 1_000;

const options = new Command('bench:load')
  .option(
    '--minutes <n>',
    'measured, after a minute in which the load grows; 30 tells whether memory stays flat',
    Number,
    5,
  )
  .option('--drivers <n>', 'on shift, each telling its position every five seconds', Number, 10_000)
  .option('--tasks <n>', 'waiting or offered, kept topped up', Number, 5_000)
  .option('--rate <n>', 'calls of the API a second, positions left out, sent whatever the answers take', Number, 100)
  .option('--seed <n>', 'of city and callers', Number, 1)
  .option('--smoke', 'a few seconds with few of everything: only that it still runs')
  .option('--json', 'one JSON line on standard output, and no log file')
  .parse()
  .opts<{
    minutes: number;
    drivers: number;
    tasks: number;
    rate: number;
    seed: number;
    smoke?: boolean;
    json?: boolean;
  }>();

const sizes = options.smoke
  ? {seconds: 3, rampS: SMOKE_RAMP_S, drivers: 80, tasks: 30, rate: 20}
  : {...options, seconds: Math.round(options.minutes * 60), rampS: RAMP_S};
const {seconds, rampS, drivers, tasks, rate} = sizes;
for (const [name, value] of Object.entries({seconds, drivers, tasks, rate})) {
  if (value > 0) continue;
  process.stderr.write(`bench:load: OPTION_INVALID: ${name} must be above 0\n`);
  process.exit(2);
}

const [loadAtStart] = loadavg();
const say = (text: string) => void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
say(`Seeding ${drivers} drivers in Gothenburg and starting a daemon`);
await withServed({drivers, seed: options.seed}, async (served) => {
  const figures = await measure(served);
  const log = {
    at: new Date(systemClock.wallMs()).toISOString(),
    command: ['npm run bench:load --', ...process.argv.slice(2)].join(' '),
    machine: machine(),
    loadAtStart,
    sizes: {seconds, drivers, tasks, rate, seed: options.seed},
    ...figures,
  };
  if (options.json) process.stdout.write(`${JSON.stringify(log)}\n`);
  else {
    show(figures);
    if (!options.smoke) save(log);
  }
  if (figures.violations > 0 || figures.ticks.overlaps > 0 || figures.exitCode !== 0) process.exitCode = 1;
});

async function measure(served: Served) {
  const {db, address, complaints} = served;
  const people = await onShift(served);
  const orders = await openOrders(served, options.seed, tasks, rampS * 1_000);
  const traffic = openTraffic(address, orders, people, {rate, seed: options.seed});
  say(`Load grows for ${rampS} s, then it is measured for ${seconds} s`);
  await traffic.run(rampS);
  complaints.clear();
  const fromMs = systemClock.wallMs();
  const readings = await openReadings(address);
  const api = await traffic.run(seconds);
  const daemon = await readings.stop();
  const openTasks = orders.openCount();
  await orders.stop();
  const ticks = await tickFigures(db, fromMs, 2 * seconds);
  const exitCode = await served.stop();
  const violations = (await readInvariantViolations(db, REGION)).reduce((sum, one) => sum + one.violations, 0);
  return {ticks, api, daemon, openTasks, complaints: Object.fromEntries(complaints), violations, exitCode};
}

async function onShift({db}: Served): Promise<Driver[]> {
  const all: Driver[] = [];
  for (let page = PAGE; page === PAGE; ) {
    const rows = await listDrivers(db, REGION, {...(all.length > 0 && {afterId: all[all.length - 1].id}), limit: PAGE});
    for (const {id, latE7, lonE7} of rows) all.push({id, latE7: latE7!, lonE7: lonE7!});
    page = rows.length;
  }
  return all;
}

function show({ticks, api, daemon, openTasks, complaints, violations, exitCode}: Awaited<ReturnType<typeof measure>>) {
  const {loopLagP99Ms, memoryMiB, memoryMiBPerMinute, cores} = daemon;
  const stages = Object.entries(ticks.stageP99Ms).map(([stage, p99]) => `${stage} ${ticks.stageP50Ms[stage]}/${p99}`);
  say(`tick, snapshot to committed offers: p50 ${ticks.p50Ms} ms, p99 ${ticks.p99Ms}, max ${ticks.maxMs}`);
  say(`  p50/p99 by stage: ${stages.join(', ')}`);
  say(`  a tick on average: ${JSON.stringify(ticks.mean)}`);
  say(`ticks ${ticks.count}, overlaps ${ticks.overlaps}, ${JSON.stringify(daemon.ticks)}`);
  for (const one of api) say(`  ${line(one)}`);
  say(`event loop p99: median ${loopLagP99Ms.median} ms, worst ${loopLagP99Ms.worst}, of 5 s each`);
  say(`memory ${memoryMiB.start} MiB to ${memoryMiB.end}, ${memoryMiBPerMinute} MiB a minute; ${cores} cores`);
  say(`open tasks ${openTasks}; invariants violated ${violations}; exit code ${exitCode}`);
  if (Object.keys(complaints).length > 0) say(`the daemon complained: ${JSON.stringify(complaints)}`);
}

function line({route, perSecond, p50Ms, p99Ms, maxMs, shed, tooLate, failed}: Answered): string {
  const times = `p50 ${p50Ms} ms, p99 ${p99Ms}, max ${maxMs}`;
  return `${route.padEnd(24)} ${times.padEnd(36)} ${perSecond}/s, shed ${shed}, too late ${tooLate}, failed ${failed}`;
}

function save(log: {readonly at: string}): void {
  const folder = fileURLToPath(new URL('logs/', import.meta.url));
  mkdirSync(folder, {recursive: true});
  const file = `${folder}${log.at.slice(0, 19).replaceAll(':', '')}-load.json`;
  writeFileSync(file, `${JSON.stringify(log, null, 2)}\n`);
  say(`raw log: ${file}`);
}
