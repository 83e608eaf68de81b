// What the load runs against: a market on the roads of Gothenburg in a Postgres of its own, fsync on, and a daemon
// beside it as production starts it, in a process of its own.

import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {saveGraph} from '../../native-graph/file.ts';
import {placesOn} from '../../src/cli/demo-roads.ts';
import {seedCity} from '../../src/cli/demo-world.ts';
import {connect, type Database} from '../../src/db/connect.ts';
import {startEmbedded} from '../../src/db/embedded/start.ts';
import {migrate} from '../../src/db/migrate.ts';
import {putRegion} from '../../src/db/regions.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import type {Place} from '../../src/sim/city.ts';
import {cityRoads, GRAPH} from '../city.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
export const REGION = GRAPH;
/** Of the load itself, beside the daemon's own. */
const CONNECTIONS = 4;

export type Served = {
  readonly db: Database;
  readonly place: Place;
  /** Of the daemon's HTTP side. */
  readonly address: string;
  /** What it logged as a warning or worse since it was last cleared, by message. */
  readonly complaints: Map<string, number>;
  /** SIGTERM; resolves with its exit code. Called when the load ends, and again by whoever clears up. */
  readonly stop: () => Promise<number | null>;
};

/** Lends the daemon once it dispatches, then stops it and removes everything. */
export async function withServed(
  options: {readonly drivers: number; readonly seed: number},
  use: (served: Served) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudrun-load-'));
  // Root's Postgres runs as nobody, and must be able to enter.
  chmodSync(folder, 0o755);
  const undo: (() => Promise<unknown> | unknown)[] = [() => rmSync(folder, {recursive: true, force: true})];
  try {
    const graph = await cityRoads();
    const graphFile = join(folder, 'city.crg');
    saveGraph(graph, graphFile);
    const postgres = await startEmbedded({dataDir: join(folder, 'data')});
    undo.push(postgres.stop);
    await migrate(postgres.url);
    const {monotonicMs, wallMs} = systemClock;
    const db = connect(postgres.url, {maxConnections: CONNECTIONS, applicationName: 'load', monotonicMs});
    undo.push(db.close);
    const region = {id: REGION, name: REGION, timeZone: 'UTC', graph: GRAPH};
    await putRegion(db, {...region, settings: STARTING_SETTINGS, weights: STARTING_WEIGHTS});
    const place = placesOn(graph);
    await seedCity({db, regionId: REGION, place, ...options}, wallMs(), wallMs());
    const daemon = await startDaemon(postgres.url, graphFile);
    undo.push(daemon.stop);
    await use({db, place, ...daemon});
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function startDaemon(databaseUrl: string, graphFile: string) {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      CLOUDRUN_GRAPHS: `${GRAPH}=${graphFile}`,
      CLOUDRUN_HOST: '127.0.0.1',
      CLOUDRUN_PORT: '0',
      CLOUDRUN_LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const complaints = new Map<string, number>();
  const address = await dispatching(child, complaints);
  const stop = async () => {
    child.kill('SIGTERM');
    return ended;
  };
  return {address, complaints, stop};
}

/** Resolves with its address when it dispatches; goes on counting what it complains about. */
function dispatching(child: ChildProcess, complaints: Map<string, number>): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once('close', (code) => reject(new Error(`the daemon ended with ${code}:\n${said.slice(-20).join('\n')}`)));
    createInterface({input: child.stderr!}).on('line', (line) => {
      const told = line.startsWith('{') ? (JSON.parse(line) as Logged) : undefined;
      if (told?.msg === 'dispatching') resolve(told.address!);
      if (told && told.level < WARNING) return;
      const what = told ? `${told.msg}${told.err ? `: ${told.err.message}` : ''}` : line;
      complaints.set(what, (complaints.get(what) ?? 0) + 1);
      said.push(line);
    });
  });
}

type Logged = {
  readonly level: number;
  readonly msg: string;
  readonly address?: string;
  readonly err?: {readonly message: string};
};

/** Of pino's levels. */
const WARNING = 40;
