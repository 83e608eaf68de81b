// The Postgres of a run: its own, since it is killed. It comes back on the same port with all that was committed.

import {setTimeout as delay} from 'node:timers/promises';
import {Client} from 'pg';
import {serverAccount} from '../../src/db/embedded/account.ts';
import {binaries} from '../../src/db/embedded/binaries.ts';
import {openCluster} from '../../src/db/embedded/cluster.ts';
import {clusterUrl, runPostmaster, stopPostmaster} from '../../src/db/embedded/postmaster.ts';

/**
 * A power cut is no fault of these, so that the disk need not be waited for; but what was committed has left the server
 * when it dies. Commits are timed, so that all of history can be put in order.
 */
const SETTINGS = {fsync: 'off', full_page_writes: 'off', track_commit_timestamp: 'on', max_connections: '150'};
const START_LIMIT_MS = 60_000;
const RETRY_MS = 200;

export type Server = {
  readonly port: number;
  /** Of a database on it. */
  url(database: string, port?: number): string;
  create(database: string): Promise<void>;
  drop(database: string): Promise<void>;
  /** Kills it by this signal and starts it again; resolves once it accepts connections. */
  crash(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  stop(): Promise<void>;
};

export async function startServer(folder: string): Promise<Server> {
  const programs = await binaries(() => {});
  const cluster = await openCluster(folder, serverAccount(), programs, () => {});
  const first = await runPostmaster(cluster, programs, SETTINGS, () => {});
  const {port} = first;
  let {pid} = first;

  async function start(): Promise<void> {
    const deadline = AbortSignal.timeout(START_LIMIT_MS);
    for (;;) {
      try {
        ({pid} = await runPostmaster(cluster, programs, {...SETTINGS, port: `${port}`}, () => {}));
        return;
      } catch (error) {
        // The last backends of one that was killed keep its memory for a moment.
        if (deadline.aborted) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  const url: Server['url'] = (database, through = port) => {
    const address = new URL(clusterUrl(cluster, through));
    address.pathname = `/${database}`;
    return address.href;
  };
  return {
    port,
    url,
    create: (database) => execute(url('postgres'), `create database ${database}`),
    drop: (database) => execute(url('postgres'), `drop database if exists ${database} with (force)`),
    async crash(signal) {
      process.kill(pid, signal);
      await gone(pid);
      await start();
    },
    stop: () => stopPostmaster(cluster),
  };
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(10);
  }
}

/** SQL of a superuser, outside a transaction. */
export async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({connectionString: url});
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
