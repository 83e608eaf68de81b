// A process that uses the embedded Postgres of a data folder, so that tests can kill it. Run as a program it reports
// one JSON object per line; a line on its input makes it stop.

import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {lockDataDir} from '../../src/db/data-dir.ts';
import {startEmbedded} from '../../src/db/embedded/start.ts';

type Report = {
  readonly step?: string;
  readonly started?: {readonly url: string; readonly adopted: boolean};
  readonly locked?: true;
  readonly stopped?: 'stopped' | 'still used';
  readonly failure?: {readonly code: string; readonly message: string};
};

export type EmbeddedProcess = {
  readonly child: ChildProcess;
  /** The first report to come that has `field`; a failure instead of it is thrown. */
  readonly report: <Field extends keyof Report>(field: Field) => Promise<NonNullable<Report[Field]>>;
  readonly stop: () => Promise<'stopped' | 'still used'>;
  /** SIGKILL, and waits for the end. */
  readonly kill: () => Promise<void>;
};

/** `start` uses the server of the folder, `lock` owns the folder. As an ordinary user: give its ids and a home. */
export function embeddedProcess(
  work: 'start' | 'lock',
  dataDir: string,
  user: {uid?: number; gid?: number; home?: string} = {},
): EmbeddedProcess {
  const {home, ...ids} = user;
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), work, dataDir], {
    ...ids,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {...process.env, ...(home && {HOME: home})},
  });
  const lines = createInterface({input: child.stdout!})[Symbol.asyncIterator]();
  const report: EmbeddedProcess['report'] = async (field) => {
    for (;;) {
      const {value, done} = await lines.next();
      if (done) throw new Error(`the process ended before it reported ${field}`);
      const said: Report = JSON.parse(value);
      if (said[field] !== undefined) return said[field] as never;
      if (said.failure) throw Object.assign(new Error(said.failure.message), {code: said.failure.code});
    }
  };
  const stop = () => {
    child.stdin!.end('stop\n');
    return report('stopped');
  };
  const kill = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return {child, report, stop, kill};
}

async function main(work: string, dataDir: string): Promise<void> {
  const say = (report: Report) => console.log(JSON.stringify(report));
  try {
    if (work === 'lock') {
      lockDataDir(dataDir);
      say({locked: true});
      await once(process.stdin, 'data');
      return;
    }
    const {url, adopted, stop} = await startEmbedded({dataDir, onProgress: (step) => say({step})});
    say({started: {url, adopted}});
    await once(process.stdin, 'data');
    say({stopped: await stop()});
  } catch (error) {
    const {code, message} = error as {code: string; message: string};
    say({failure: {code, message}});
  } finally {
    process.stdin.destroy();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]!, process.argv[3]!);
