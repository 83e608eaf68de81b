// One embedded Postgres per test run, in a folder of its own. It starts when the first test asks for a database, so
// that runs without database tests do not pay for it, and it never outlives the run.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestProject} from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Data folder of the run's Postgres, started or not. */
    readonly postgresDataDir: string;
  }
}

/** Waits until its input closes, which happens however the run ends; then stops the server and removes the folder. */
const GUARD = `
read -r _
pid=$(head -n 1 "$1/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" && while kill -0 "$pid"; do sleep 0.05; done
rm -rf "$1"
`;

export function setup(project: TestProject): () => Promise<void> {
  // Root's server runs as nobody, who need not be able to enter TMPDIR.
  const folder = mkdtempSync(join(process.getuid?.() === 0 ? '/tmp' : tmpdir(), 'cloudrun-test-'));
  chmodSync(folder, 0o755);
  // In its own session: Ctrl-C reaches the test run, and the guard hears of that by its input.
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', folder], {detached: true, stdio: ['pipe', 'ignore', 'ignore']});
  project.provide('postgresDataDir', folder);
  return async () => {
    const ended = once(guard, 'exit');
    guard.stdin?.end();
    await ended;
  };
}
