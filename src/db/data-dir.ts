// The folder in which a demo keeps its world between runs. It is either made by us or refused: a folder that holds
// other people's files is never filled.

import {accessSync, constants, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {InputFailure} from '../domain/failure.ts';
import {tryLock} from './file-lock.ts';

const MARK = 'CLOUDRUN';
const MARK_TEXT = `cloudrun keeps the world of a demo here. To be rid of it, delete this folder while no demo runs,
and the "home" that postgres.json names, if it names one.
`;

/** The real path of a data folder, made when it is absent. InputFailure: DATA_DIR_UNUSABLE, DATA_DIR_FOREIGN. */
export function openDataDir(path: string): string {
  try {
    mkdirSync(path, {recursive: true});
    const entries = readdirSync(path);
    if (entries.length > 0 && !entries.includes(MARK))
      throw new InputFailure('DATA_DIR_FOREIGN', `${path} holds other files: name an empty folder or a new one`);
    accessSync(path, constants.W_OK);
    if (entries.length === 0) writeFileSync(join(path, MARK), MARK_TEXT);
    return realpathSync(path);
  } catch (error) {
    if (error instanceof InputFailure) throw error;
    throw new InputFailure('DATA_DIR_UNUSABLE', `cannot use the data folder: ${(error as Error).message}`);
  }
}

/**
 * Makes the caller the only owner of a data folder until it calls what is returned, or ends in any way.
 * InputFailure: DATA_DIR_IN_USE, and those of openDataDir.
 */
export function lockDataDir(path: string): () => void {
  const folder = openDataDir(path);
  const pidFile = join(folder, 'owner.pid');
  const owned = tryLock(join(folder, 'owner.lock'), 'exclusive');
  if (!owned) throw new InputFailure('DATA_DIR_IN_USE', `${path} is in use by process ${readPid(pidFile)}`);
  writeFileSync(pidFile, `${process.pid}\n`);
  return owned.release;
}

/** The owner writes its id just after it took the lock, so it can be missing for a moment. */
function readPid(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim();
  } catch {
    return '(unknown)';
  }
}
