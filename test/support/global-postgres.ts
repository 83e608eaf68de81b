// A folder per test run, for the embedded Postgres that the tests share and for those that tests make. The shared one
// starts when the first test asks for a database, so that runs without database tests do not pay for it. None outlives
// the run, however it ends.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestProject} from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Anybody may enter it. It is removed after the run, with every server whose data folder lies below it. */
    readonly runFolder: string;
  }
}

/** Waits until its input closes, which happens however the run ends; then stops the servers and removes the folder. */
const GUARD = `
read -r _
find "$1" -name postgres.json | while read -r file; do
  home=$(sed -n 's/^ *"home": "\\(.*\\)".*/\\1/p' "$file")
  pid=$(head -n 1 "\${home:-$(dirname "$file")}/postgres/postmaster.pid") && kill -QUIT "$pid" &&
    while kill -0 "$pid"; do sleep 0.05; done
  case "$home" in /var/lib/cloudrun/?*) rm -rf "$home";; esac
done
rm -rf "$1"
`;

export function setup(project: TestProject): () => Promise<void> {
  // Root's server runs as nobody, who need not be able to enter TMPDIR.
  const folder = mkdtempSync(join(process.getuid?.() === 0 ? '/tmp' : tmpdir(), 'cloudrun-test-'));
  chmodSync(folder, 0o755);
  // In its own session: Ctrl-C reaches the test run, and the guard hears of that by its input.
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', folder], {detached: true, stdio: ['pipe', 'ignore', 'ignore']});
  project.provide('runFolder', folder);
  return async () => {
    const ended = once(guard, 'exit');
    guard.stdin?.end();
    await ended;
  };
}
