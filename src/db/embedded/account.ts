// Whose files and processes the embedded server's are. Postgres refuses to run as root, so that root runs it as
// `nobody`; everybody else runs it as themselves.

import {spawnSync} from 'node:child_process';
import {chmodSync, chownSync, lstatSync, mkdirSync, readFileSync} from 'node:fs';
import {InputFailure} from '../../domain/failure.ts';

/** `uid` and `gid` are options of spawn; absent: the caller's own. */
export type Account = {readonly uid?: number; readonly gid?: number};

export const isRoot = (): boolean => process.getuid?.() === 0;

/** InputFailure NO_SERVER_ACCOUNT: no `nobody`, or root of a container may not become it. */
export function serverAccount(): Account {
  if (!isRoot()) return {};
  // initdb asks for the name of its user, so that a number without an entry does not do.
  const entry = readFileSync('/etc/passwd', 'utf8').match(/^nobody:[^:]*:(-?\d+):(-?\d+):/m);
  const account = {uid: Number(entry?.[1]), gid: Number(entry?.[2])};
  if (entry && canEnter(account, '/')) return account;
  throw new InputFailure('NO_SERVER_ACCOUNT', 'root cannot run Postgres as `nobody` here: run as an ordinary user');
}

/** Asked of the kernel rather than worked out from mode bits: lists of access rights and mounts count too. */
export const canEnter = (account: Account, folder: string): boolean =>
  spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {...account, cwd: '/'}).status === 0;

/** Makes a folder that belongs to `account` and opens to nobody else. */
export function makePrivate(account: Account, folder: string): void {
  mkdirSync(folder, {mode: 0o700});
  giveTo(account, folder);
}

export function giveTo(account: Account, path: string): void {
  // Some systems write the id of `nobody` as -2: spawn wants it signed, chown unsigned.
  if (account.uid !== undefined && account.gid !== undefined) chownSync(path, account.uid >>> 0, account.gid >>> 0);
}

/**
 * Makes `folder` (and its parents) readable by all and writable by the caller alone, or says that it cannot be: a
 * folder or link that somebody else put there first, as anybody can below /var/tmp, is not trusted.
 */
export function makeOwn(folder: string): boolean {
  try {
    mkdirSync(folder, {recursive: true});
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    chmodSync(folder, 0o755);
    return true;
  } catch {
    return false;
  }
}
