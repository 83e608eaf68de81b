// The command `cloudrun` as a stranger runs it: a process of its own, what it prints, how it ends.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {inject} from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const LIMIT_MS = 110_000;

/** What one command has compiled the next finds: half of the time that most of them take. */
const COMPILE_ONCE = {NODE_COMPILE_CACHE: join(inject('runFolder'), 'compiled')};

export type Ended = {readonly code: number | null; readonly stdout: string; readonly stderr: string};

export type Running = {
  readonly child: ChildProcess;
  /** Resolves with the first match in what it has printed so far or will print, on either stream. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
};

/**
 * Starts it, with a channel as the launcher does; whoever calls awaits `ended`. It is killed when it takes longer than
 * any test may.
 */
export function start(args: readonly string[], environment: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {...process.env, DATABASE_URL: '', CLOUDRUN_GRAPHS: '', ...COMPILE_ONCE, ...environment},
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const text = {stdout: '', stderr: ''};
  const waiting = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
      for (const look of waiting) look();
    });
  }
  const ended = once(child, 'close').then(([code]) => {
    clearTimeout(limit);
    for (const look of waiting) look();
    return {code: code as number | null, ...text};
  });
  return {
    child,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(text.stdout) ?? pattern.exec(text.stderr);
          if (found) resolve(found);
          else if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`ended without printing ${pattern}:\n${text.stdout}\n${text.stderr}`));
          } else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

export const run = (args: readonly string[], environment?: Record<string, string>): Promise<Ended> =>
  start(args, environment).ended;
