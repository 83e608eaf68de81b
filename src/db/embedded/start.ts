// The embedded Postgres of a data folder: made, started or joined, and stopped by the last process that uses it.
//
// Each process that uses a server holds server.lock shared; who starts it holds the lock reserved meanwhile; who leaves
// and obtains it exclusively was the last and stops the server. The kernel keeps the count, so that a killed process
// never counts: what it left running is joined by the next one, which is then the last.

import {join} from 'node:path';
import {InputFailure} from '../../domain/failure.ts';
import {openDataDir} from '../data-dir.ts';
import {lock, tryLock} from '../file-lock.ts';
import {serverAccount} from './account.ts';
import {binaries} from './binaries.ts';
import {openCluster} from './cluster.ts';
import {clusterUrl, runPostmaster, type Settings, stopPostmaster} from './postmaster.ts';

/** Longer than the longest start and the longest stop. */
const TURN_LIMIT_MS = 150_000;
/** Two processes that leave at once can stand in each other's way for an instant. */
const LEAVE_LIMIT_MS = 200;

type EmbeddedStep = 'copying Postgres' | 'making the database' | 'starting Postgres';

export type Embedded = {
  /** Holds the password; for this machine only. */
  readonly url: string;
  /** The server ran before: of another process, or left by one that was killed. */
  readonly adopted: boolean;
  /** Leaves the server; the last one to leave stops it. */
  readonly stop: () => Promise<'stopped' | 'still used'>;
};

export type EmbeddedOptions = {
  readonly dataDir: string;
  /** Server settings over the defaults; ignored by a server that runs already. */
  readonly settings?: Settings;
  readonly onProgress?: (step: EmbeddedStep) => void;
};

/** Any number of processes may call it on one folder at once. InputFailure where folder or machine are at fault. */
export async function startEmbedded({dataDir, settings = {}, onProgress}: EmbeddedOptions): Promise<Embedded> {
  const folder = openDataDir(dataDir);
  const lockFile = join(folder, 'server.lock');
  const account = serverAccount();
  const turn = await lock(lockFile, 'reserved', TURN_LIMIT_MS);
  if (!turn)
    throw new InputFailure('DATA_DIR_BUSY', `another process has been starting or stopping ${dataDir} too long`);
  try {
    const programs = await binaries(() => onProgress?.('copying Postgres'));
    const cluster = await openCluster(folder, account, programs, () => onProgress?.('making the database'));
    const server = await runPostmaster(cluster, programs, settings, () => onProgress?.('starting Postgres'));
    const use = tryLock(lockFile, 'shared');
    if (!use) throw new Error(`${lockFile} is held exclusively beside a reserved lock`);

    const stop = async () => {
      use.release();
      const last = await lock(lockFile, 'exclusive', LEAVE_LIMIT_MS);
      if (!last) return 'still used';
      try {
        await stopPostmaster(cluster);
      } finally {
        last.release();
      }
      return 'stopped';
    };
    return {url: clusterUrl(cluster, server.port), adopted: server.adopted, stop};
  } finally {
    turn.release();
  }
}
