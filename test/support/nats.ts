// A nats-server of a test's own, on a free port, with JetStream in a temporary folder.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

const START_LIMIT_MS = 20_000;

export type NatsServer = {
  readonly url: string;
  /** Dies at once, and what it keeps stays. */
  kill(): Promise<void>;
  /** Again, on the same port and folder. */
  start(): Promise<void>;
  /** Dies, and its folder goes. */
  drop(): Promise<void>;
};

/** `program`: the path of nats-server. */
export async function startNats(program: string, options: readonly string[] = ['-js']): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudrun-nats-'));
  const port = await freePort();
  let server: ReturnType<typeof launch> | undefined;
  const launch = () =>
    spawn(program, ['-a', '127.0.0.1', '-p', String(port), '-sd', folder, ...options], {stdio: 'ignore'});
  const start = async () => {
    server = launch();
    const untilMs = performance.now() + START_LIMIT_MS;
    while (!(await listens(port))) {
      if (performance.now() > untilMs || server.exitCode !== null) throw new Error(`${program} does not listen`);
      await delay(20);
    }
  };
  const kill = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    kill,
    start,
    async drop() {
      await kill();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
