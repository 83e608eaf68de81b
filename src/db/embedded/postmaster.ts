// One server process: found, started, stopped. postmaster.pid, which the server itself keeps, is the only record of
// where it runs; whether the process named there is ours is read off its command line, as ids are reused.

import {execFileSync, spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync, statSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {Client} from 'pg';
import {InputFailure} from '../../domain/failure.ts';
import {type Cluster, PROGRAM_ENVIRONMENT, SUPERUSER} from './cluster.ts';

/** Recovery after a crash replays up to max_wal_size of log first. */
const START_LIMIT_MS = 60_000;
/** Another program can take the chosen port first, and a killed server's last backends linger for a moment. */
const START_ATTEMPTS = 3;
const RETRY_MS = 500;
const STOP_LIMIT_MS = 30_000;
const QUIT_LIMIT_MS = 10_000;
const CONNECT_LIMIT_MS = 2_000;
const POLL_MS = 20;
const LOG_LINES_SHOWN = 5;

type Postmaster = {readonly pid: number; readonly port: number};

/** A burst of a hundred thousand offers stays in memory, and no checkpoint falls into the middle of it. */
const ROOM: Settings = {shared_buffers: '512MB', max_wal_size: '2GB', checkpoint_timeout: '15min'};

/** Server settings by name, as strings of postgresql.conf. */
export type Settings = Readonly<Record<string, string>>;

/** What postmaster.pid says, whether or not it is true: the process may be dead, or another program by then. */
function recorded(cluster: Cluster): Postmaster | undefined {
  try {
    const lines = readFileSync(join(cluster.folder, 'postmaster.pid'), 'utf8').split('\n');
    return {pid: Number(lines[0]), port: Number(lines[3])};
  } catch {
    return undefined;
  }
}

/** The command line of a process, words separated by one space; empty when there is no such process. */
function commandLine(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], {encoding: 'utf8'});
  } catch {
    return '';
  }
}

const runs = (cluster: Cluster, pid: number): boolean => commandLine(pid).includes(` -D ${cluster.folder} `);

/** The live postmaster of a cluster, which may still be starting or already be stopping. */
function findPostmaster(cluster: Cluster): Postmaster | undefined {
  const found = recorded(cluster);
  return found && runs(cluster, found.pid) ? found : undefined;
}

export const clusterUrl = (cluster: Cluster, port: number): string =>
  `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/postgres`;

/** False while the server starts, recovers or stops. */
async function accepts(url: string): Promise<boolean> {
  const client = new Client({connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS});
  // A connection that breaks while it is being closed has nobody else to tell.
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    const code = `${(error as {code?: string}).code}`;
    if (code.startsWith('28'))
      throw new InputFailure('DATA_DIR_DAMAGED', 'the embedded database does not accept the password in postgres.json');
    // Too many connections: it runs, and is busy.
    return code === '53300';
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * The running server of a cluster that accepts connections; started when there is none. InputFailure:
 * EMBEDDED_POSTGRES_FAILED with the last lines of its log.
 */
export async function runPostmaster(
  cluster: Cluster,
  programs: string,
  settings: Settings,
  onStart: () => void,
): Promise<Postmaster & {adopted: boolean}> {
  const deadline = AbortSignal.timeout(START_LIMIT_MS);
  let child: Child | undefined;
  let attempts = 0;
  try {
    while (!deadline.aborted) {
      const found = findPostmaster(cluster);
      if (found && (await accepts(clusterUrl(cluster, found.port))))
        return {...found, adopted: child?.pid !== found.pid};
      if (!found && (child === undefined || child.ended())) {
        if (attempts === START_ATTEMPTS) break;
        if (attempts++ === 0) onStart();
        else await delay(RETRY_MS);
        child = spawnPostmaster(cluster, programs, settings, await freePort());
      }
      await delay(POLL_MS);
    }
    throw failedStart(child);
  } catch (error) {
    if (child) await stopPostmaster(cluster);
    throw error;
  }
}

type Child = {
  readonly pid: number | undefined;
  /** Why the process is no more; undefined while it is. */
  readonly ended: () => string | undefined;
  /** The last lines it logged, as one. */
  readonly lastWords: () => string;
};

/** Its own session, so that Ctrl-C in a terminal reaches the program but not its database. */
function spawnPostmaster(cluster: Cluster, programs: string, settings: Settings, port: number): Child {
  const all: Settings = {
    port: `${port}`,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    ...ROOM,
    ...settings,
  };
  const options = ['-D', cluster.folder, ...Object.entries(all).map(([name, value]) => `--${name}=${value}`)];
  // Postgres takes the id in its lock file for a live server when any process of its account has it, unless this
  // variable names it: it is not ours, or we would not be here. Removing the file instead would also remove what
  // keeps a second server away from the shared memory of the first one's surviving backends.
  const env = {...PROGRAM_ENVIRONMENT, PG_GRANDPARENT_PID: `${recorded(cluster)?.pid ?? 0}`};
  const log = openSync(cluster.logFile, 'a', 0o600);
  const loggedBefore = statSync(cluster.logFile).size;
  const child = spawn(join(programs, 'postgres'), options, {
    ...cluster.account,
    cwd: '/',
    env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `it ended with ${signal ?? code}`));
  child.unref();
  const lastWords = () => {
    const lines = readFileSync(cluster.logFile).subarray(loggedBefore).toString().trim().split('\n');
    return lines.slice(-LOG_LINES_SHOWN).join(' | ');
  };
  return {pid: child.pid, ended: () => ended, lastWords};
}

function failedStart(child: Child | undefined): InputFailure {
  const said = child?.lastWords() || child?.ended() || `it accepted no connection within ${START_LIMIT_MS / 1000} s`;
  return new InputFailure('EMBEDDED_POSTGRES_FAILED', `the embedded Postgres did not start: ${said}`);
}

async function freePort(): Promise<number> {
  const {promise, resolve, reject} = Promise.withResolvers<number>();
  const server = createServer().once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const {port} = server.address() as {port: number};
    server.close(() => resolve(port));
  });
  return promise;
}

/** Disconnects everybody and waits for the end; harsher when that takes too long. Does nothing when none runs. */
export async function stopPostmaster(cluster: Cluster): Promise<void> {
  const found = findPostmaster(cluster);
  if (!found) return;
  const attempts = [
    ['SIGINT', STOP_LIMIT_MS],
    ['SIGQUIT', QUIT_LIMIT_MS],
    ['SIGKILL', QUIT_LIMIT_MS],
  ] as const;
  for (const [signal, limitMs] of attempts) {
    const deadline = AbortSignal.timeout(limitMs);
    try {
      process.kill(found.pid, signal);
    } catch (error) {
      // Ended since it was last looked at.
      if ((error as {code?: string}).code !== 'ESRCH') throw error;
    }
    while (runs(cluster, found.pid) && !deadline.aborted) await delay(POLL_MS);
    if (!runs(cluster, found.pid)) return;
  }
  throw new Error(`process ${found.pid} survived SIGKILL`);
}
