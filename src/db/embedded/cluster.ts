// Where the cluster of a data folder lies, its password, and how it is made. What is known of it stands in
// postgres.json of the data folder. Callers hold the folder's start lock.

import {execFile} from 'node:child_process';
import {randomBytes, randomUUID} from 'node:crypto';
import {existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {InputFailure} from '../../domain/failure.ts';
import {type Account, canEnter, giveTo, makeOwn, makePrivate} from './account.ts';

/** Homes of clusters whose data folder the server's account cannot reach. Only root needs it. */
const ELSEWHERE = '/var/lib/cloudrun';
const MAJOR_VERSION = '18';
export const SUPERUSER = 'postgres';

/** Programs get this and nothing else, so that PGPORT or PGOPTIONS of the caller's shell do not reach them. */
export const PROGRAM_ENVIRONMENT = {LC_ALL: 'C', TZ: 'UTC'};

/** The content of postgres.json. */
type Description = {
  readonly password: string;
  /** The folder that holds the cluster; null: the data folder itself, which may then be moved while it is stopped. */
  readonly home: string | null;
  /** False until initdb is through: a cluster that is missing then was never made, later it was lost. */
  readonly initialised: boolean;
};

export type Cluster = {
  /** Postgres's data directory. */
  readonly folder: string;
  readonly logFile: string;
  readonly password: string;
  readonly account: Account;
};

/**
 * The cluster of a data folder, made when there is none. InputFailure: DATA_DIR_DAMAGED, DATA_DIR_LOST,
 * DATA_DIR_OWNER, DATA_DIR_VERSION, EMBEDDED_POSTGRES_FAILED.
 */
export async function openCluster(
  dataDir: string,
  account: Account,
  programs: string,
  onInitialise: () => void,
): Promise<Cluster> {
  const file = join(dataDir, 'postgres.json');
  const description = existsSync(file) ? readDescription(file) : describe(dataDir, account);
  const home = description.home ?? dataDir;
  const cluster = {folder: join(home, 'postgres'), logFile: join(home, 'postgres.log'), account, ...description};

  if (!existsSync(cluster.folder)) {
    if (description.initialised)
      throw new InputFailure('DATA_DIR_LOST', `the database of ${dataDir} was in ${cluster.folder}, which is gone`);
    write(file, description);
    if (description.home !== null && !(makeOwn(ELSEWHERE) && makeOwn(home)))
      throw new InputFailure('DATA_DIR_UNUSABLE', `the server cannot enter ${dataDir}, and ${home} cannot be made`);
    onInitialise();
    await initialise(cluster, programs);
  }
  if (!description.initialised) write(file, {...description, initialised: true});
  checkOurs(cluster, dataDir);
  return cluster;
}

function readDescription(file: string): Description {
  try {
    const {password, home, initialised} = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof password !== 'string' || (home !== null && typeof home !== 'string')) throw new Error('fields missing');
    return {password, home, initialised: initialised === true};
  } catch (error) {
    throw new InputFailure('DATA_DIR_DAMAGED', `cannot read ${file}: ${(error as Error).message}`);
  }
}

function describe(dataDir: string, account: Account): Description {
  const password = randomBytes(24).toString('base64url');
  const home = canEnter(account, dataDir) ? null : join(ELSEWHERE, randomUUID());
  return {password, home, initialised: false};
}

function write(file: string, description: Description): void {
  writeFileSync(`${file}.partial`, `${JSON.stringify(description, null, 2)}\n`, {mode: 0o600, flush: true});
  renameSync(`${file}.partial`, file);
}

/** All or nothing, as an initdb that was killed leaves a folder that neither it nor the server accepts. */
async function initialise({folder, password, account}: Cluster, programs: string): Promise<void> {
  removePartials(folder);
  // A name of its own, as the initdb of a killed process may still be writing.
  const partial = `${folder}.partial-${randomUUID()}`;
  const passwordFile = join(partial, 'password');
  const options = [
    `--pgdata=${join(partial, 'data')}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ];
  try {
    makePrivate(account, partial);
    writeFileSync(passwordFile, password, {mode: 0o600});
    giveTo(account, passwordFile);
    await promisify(execFile)(join(programs, 'initdb'), options, {...account, cwd: '/', env: PROGRAM_ENVIRONMENT});
    renameSync(join(partial, 'data'), folder);
  } catch (error) {
    const said = `${(error as {stderr?: string}).stderr || (error as Error).message}`.trim().replaceAll('\n', ' | ');
    throw new InputFailure('EMBEDDED_POSTGRES_FAILED', `cannot make the database in ${folder}: ${said}`);
  } finally {
    rmSync(partial, {recursive: true, force: true});
  }
}

function removePartials(folder: string): void {
  const prefix = `${basename(folder)}.partial-`;
  for (const name of readdirSync(dirname(folder)).filter((entry) => entry.startsWith(prefix)))
    rmSync(join(dirname(folder), name), {recursive: true, force: true, maxRetries: 10});
}

function checkOurs({folder, account}: Cluster, dataDir: string): void {
  const owner = statSync(folder).uid;
  if (owner !== (account.uid ?? process.getuid?.() ?? 0) >>> 0)
    throw new InputFailure(
      'DATA_DIR_OWNER',
      `${dataDir} was made by another user: its database is that of uid ${owner}`,
    );
  const version = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  if (version !== MAJOR_VERSION)
    throw new InputFailure(
      'DATA_DIR_VERSION',
      `${dataDir} is of Postgres ${version}, this program has ${MAJOR_VERSION}`,
    );
}
