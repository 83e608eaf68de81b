// The database of a command: DATABASE_URL, or the embedded one that a demo left in a data folder, which is started when
// it does not run and stopped again by whoever used it last.

import {existsSync} from 'node:fs';
import {databaseUrlFromEnvironment} from '../config.ts';
import {connect, type Database, ping} from '../db/connect.ts';
import {startEmbedded} from '../db/embedded/start.ts';
import {listRegions} from '../db/regions.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {KILLED_EXIT_CODE, onShutdown} from './shutdown.ts';

export type DatabaseOptions = {readonly dataDir?: string};

/** Calls `use` with the database's address; the embedded one runs as long as that takes. */
export async function withDatabaseUrl<T>({dataDir}: DatabaseOptions, use: (url: string) => Promise<T>): Promise<T> {
  if (dataDir === undefined) {
    const url = databaseUrlFromEnvironment();
    if (!url) throw new InputFailure('NO_DATABASE', 'set DATABASE_URL, or name a data folder with --data-dir');
    return use(url);
  }
  if (!existsSync(dataDir)) throw new InputFailure('NO_DATABASE', `${dataDir} does not exist`);
  const postgres = await startEmbedded({dataDir});
  // Ctrl-C must not leave the server running behind a command.
  void onShutdown()
    .asked()
    .then(postgres.stop)
    .finally(() => process.exit(KILLED_EXIT_CODE));
  try {
    return await use(postgres.url);
  } finally {
    await postgres.stop();
  }
}

export const withDatabase = <T>(options: DatabaseOptions, use: (db: Database) => Promise<T>): Promise<T> =>
  withDatabaseUrl(options, async (url) => {
    const db = connect(url, {
      maxConnections: 2,
      applicationName: 'cloudrun command',
      monotonicMs: systemClock.monotonicMs,
    });
    try {
      await ping(db);
      return await use(db);
    } finally {
      await db.close();
    }
  });

/** The region that is named, or the only one there is. */
export async function theRegion(db: Database, named: string | undefined) {
  const regions = await listRegions(db);
  const found = named === undefined ? regions : regions.filter(({id}) => id === named);
  if (found.length === 1) return found[0];
  if (named !== undefined) throw new InputFailure('REGION_UNKNOWN', `there is no region ${named}`);
  const ids = regions.map(({id}) => id).join(', ') || 'none';
  throw new InputFailure('REGION_REQUIRED', `name a region with --region; there are: ${ids}`);
}
