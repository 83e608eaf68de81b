// A lock on a file that the kernel drops when its holder dies, however it dies. So there is no stale lock to judge: no
// process id to look up, no reuse of ids after a reboot, no race between two that take over the same remains.
//
// Node has no flock. SQLite, which Node brings, locks a database file with fcntl, and its transactions give the three
// modes needed here. The file stays empty. POSIX drops a process's locks on a file when the process closes any
// descriptor of it, so nothing else in the process may open a lock file.

import {DatabaseSync} from 'node:sqlite';
import {setTimeout as delay} from 'node:timers/promises';

const BEGIN = {
  /** Any number at a time. */
  shared: 'BEGIN; SELECT 1 FROM sqlite_schema',
  /** One at a time, beside any number of shared holders. */
  reserved: 'BEGIN IMMEDIATE',
  /** Alone. */
  exclusive: 'BEGIN EXCLUSIVE',
} as const;

export type LockMode = keyof typeof BEGIN;
export type FileLock = {readonly release: () => void};

const SQLITE_BUSY = 5;
const POLL_MS = 20;

/** What is held, so that a caller who forgets its lock does not lose it to the garbage collector. */
const held = new Set<DatabaseSync>();

/** Undefined when another holder, in this process or another, stands in the way. */
export function tryLock(path: string, mode: LockMode): FileLock | undefined {
  const file = new DatabaseSync(path);
  try {
    file.exec('PRAGMA journal_mode = MEMORY');
    file.exec(BEGIN[mode]);
  } catch (error) {
    file.close();
    if ((error as {errcode?: number}).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  held.add(file);
  const release = () => {
    if (held.delete(file)) file.close();
  };
  return {release};
}

/** Polls until the lock is free, or until `limitMs` have passed: then undefined. */
export async function lock(path: string, mode: LockMode, limitMs: number): Promise<FileLock | undefined> {
  const deadline = AbortSignal.timeout(limitMs);
  for (;;) {
    const taken = tryLock(path, mode);
    if (taken || deadline.aborted) return taken;
    await delay(POLL_MS);
  }
}
