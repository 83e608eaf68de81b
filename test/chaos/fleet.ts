// The processes of a run: daemons, each behind a proxy of its own to the database, and sweepers beside it.

import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {startProxy, type TcpProxy} from '../support/tcp-proxy.ts';
import type {Armed, DaemonOptions} from './messages.ts';
import {LEASE_TTL_MS, SWEEPERS} from './plan.ts';
import {type Process, startProcess} from './process.ts';

export type FleetOptions = {
  readonly folder: string;
  readonly databasePort: number;
  /** Of the database, through a port. */
  readonly url: (port: number) => string;
  readonly graphPath: string;
  readonly graphName: string;
  readonly regionIds: readonly string[];
  readonly onFence: (life: string, regionId: string, fence: number) => void;
  readonly onWorkerFailed: (message: string) => void;
  /** What no process should do. */
  readonly onOddEnd: (what: string) => void;
};

export type Daemon = {readonly process: Process; readonly proxy: TcpProxy};

export type Fleet = {
  readonly daemons: readonly Daemon[];
  readonly sweepers: readonly Process[];
  /** Starts daemons, or retires the last ones, until there are so many; then waits until all serve. */
  readonly resize: (daemons: number) => Promise<void>;
  /** Strikes the first daemon to come to it; undefined when none has within the limit. */
  readonly arm: (armed: Armed, limitMs: number) => Promise<Process | undefined>;
  readonly allServing: () => Promise<void>;
  /** Ends all of them as an operator would. */
  readonly retire: () => Promise<void>;
  readonly kill: () => void;
};

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const {folder, databasePort, url, graphPath, graphName, regionIds} = options;
  // What one process has compiled the next finds.
  const environment = {NODE_COMPILE_CACHE: join(folder, 'compiled')};
  const daemons: Daemon[] = [];
  const goOn = (process: Process) => process.send({kind: 'turn', isYours: false});
  let onReached = goOn;

  async function startDaemon(): Promise<Daemon> {
    const name = `daemon-${daemons.length}`;
    const proxy = await startProxy(databasePort);
    const given: DaemonOptions = {databaseUrl: url(proxy.port), graphPath, graphName, leaseTtlMs: LEASE_TTL_MS};
    const process: Process = startProcess({
      name,
      program: 'daemon.ts',
      given,
      environment,
      logFile: join(folder, `${name}.log`),
      onOddEnd: options.onOddEnd,
      onMessage(message, life) {
        if (message.kind === 'fence') options.onFence(life, message.regionId, message.fence);
        if (message.kind === 'worker-failed') options.onWorkerFailed(message.message);
        if (message.kind === 'reached') onReached(process);
      },
    });
    return {process, proxy};
  }

  const sweepers = Array.from({length: SWEEPERS}, (_, i) =>
    startProcess({
      name: `sweeper-${i}`,
      program: 'sweeper.ts',
      given: {databaseUrl: url(databasePort), regionIds},
      environment,
      logFile: join(folder, `sweeper-${i}.log`),
      onOddEnd: options.onOddEnd,
      onMessage: () => {},
    }),
  );
  const all = () => [...daemons.map(({process}) => process), ...sweepers];
  const allServing = async () => void (await Promise.all(all().map((process) => process.serving())));

  return {
    daemons,
    sweepers,
    allServing,
    async resize(count) {
      while (daemons.length < count) daemons.push(await startDaemon());
      for (const {process, proxy} of daemons.splice(count)) {
        await process.retire();
        await proxy.close();
      }
      await allServing();
    },
    async arm(armed, limitMs) {
      const {promise: struck, resolve} = Promise.withResolvers<Process>();
      onReached = (process) => {
        onReached = goOn;
        if (armed.does === 'kill') process.expectEnd(armed.downMs);
        if (armed.does === 'worker') process.send({kind: 'turn', isYours: true});
        else process.signal(armed.does === 'kill' ? 'SIGKILL' : 'SIGSTOP');
        resolve(process);
      };
      const tell = (what: Armed | null) => {
        for (const {process} of daemons) process.send({kind: 'arm', armed: what});
      };
      tell(armed);
      const found = await Promise.race([struck, delay(limitMs, undefined, {ref: false})]);
      onReached = goOn;
      tell(null);
      return found;
    },
    async retire() {
      await Promise.all(all().map((process) => process.retire()));
      await Promise.all(daemons.map(({proxy}) => proxy.close()));
    },
    kill() {
      for (const process of all()) process.kill();
    },
  };
}
