// One process of a fleet, in all its lives: whenever it was killed it is started again, until it retires.

import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import type {FromDaemon, ToDaemon} from './messages.ts';

const AGAIN_MS = 100;
const STOP_LIMIT_MS = 60_000;

export type ProcessOptions = {
  readonly name: string;
  /** Of this folder, with what it is given as JSON. */
  readonly program: 'daemon.ts' | 'sweeper.ts';
  readonly given: object;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** `life` counts its starts. */
  readonly onMessage: (message: FromDaemon, life: string) => void;
  /** It ended though nobody told it to. */
  readonly onOddEnd: (what: string) => void;
};

export type Process = {
  readonly name: string;
  /** Of its HTTP side, while it serves. */
  readonly address: () => string | undefined;
  readonly send: (message: ToDaemon) => void;
  /** Its next end is no accident; it is started again so much later. */
  readonly expectEnd: (downMs: number) => void;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Resolves when it serves. */
  readonly serving: () => Promise<void>;
  /** Asks it to end, and says what was odd about how it did. */
  readonly retire: () => Promise<void>;
  readonly kill: () => void;
};

export function startProcess(options: ProcessOptions): Process {
  const {name, onOddEnd} = options;
  let child: ChildProcess;
  let address: string | undefined;
  let downMs: number | undefined;
  let stage: 'running' | 'stopping' | 'over' = 'running';
  let lives = 0;
  let served = Promise.withResolvers<void>();

  const live = () => {
    const life = `${name}.${++lives}`;
    const log = openSync(options.logFile, 'a');
    child = spawn(
      process.execPath,
      [fileURLToPath(new URL(options.program, import.meta.url)), JSON.stringify(options.given)],
      {env: {...process.env, ...options.environment}, stdio: ['ignore', log, log, 'ipc']},
    );
    closeSync(log);
    let startFailed = false;
    child.on('error', () => {}); // A message to one that has just died.
    child.on('message', (message: FromDaemon) => {
      if (message.kind === 'serving') {
        address = message.address;
        served.resolve();
      }
      if (message.kind === 'start-failed') startFailed = true;
      options.onMessage(message, life);
    });
    // Not before all that it said has been heard.
    child.on('close', async (code, signal) => {
      const wasTold = downMs !== undefined || startFailed || stage !== 'running';
      if (!wasTold) onOddEnd(`${name} ended by itself, with ${signal ?? code}: see ${options.logFile}`);
      address = undefined;
      if (stage !== 'running') return;
      served.resolve();
      served = Promise.withResolvers<void>();
      await delay(downMs ?? AGAIN_MS);
      downMs = undefined;
      if (stage === 'running') live();
    });
  };
  live();
  return {
    name,
    address: () => address,
    send(message) {
      if (child.connected) child.send(message, () => {});
    },
    expectEnd(ms) {
      downMs = ms;
    },
    signal: (signal) => void child.kill(signal),
    async serving() {
      while (address === undefined) await served.promise;
    },
    async retire() {
      stage = 'stopping';
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      if (child.connected) child.send({kind: 'stop'}, () => {});
      const late = setTimeout(() => {
        onOddEnd(`${name} did not end within ${STOP_LIMIT_MS} ms of being asked to`);
        child.kill('SIGKILL');
      }, STOP_LIMIT_MS);
      const [code, signal] = await ended;
      clearTimeout(late);
      if (code !== 0) onOddEnd(`${name} was asked to end, and ended with ${signal ?? code}`);
    },
    kill() {
      stage = 'over';
      child.kill('SIGKILL');
    },
  };
}
