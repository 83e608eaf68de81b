// Faults, done to a fleet and its server.

import {existsSync, readdirSync, symlinkSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {InputFailure} from '../../native-graph/failure.ts';
import {openGraph, saveGraph} from '../../native-graph/file.ts';
import type {Fleet} from './fleet.ts';
import type {Violation} from './history.ts';
import {drawnTown} from './market.ts';
import type {Fault} from './plan.ts';
import type {Server} from './server.ts';

/** Ticks come every 150 ms, but a daemon may be starting, and the lease to be taken first. */
const REACH_LIMIT_MS = 8_000;

export type Scene = {
  readonly fleet: Fleet;
  readonly server: Server;
  readonly graphPath: string;
  readonly say: (line: string) => void;
  readonly onViolation: (violation: Violation) => void;
};

/** Resolves once the fault has begun, with what resolves once it is over. */
export async function strike(scene: Scene, fault: Fault): Promise<{readonly over: Promise<unknown>}> {
  const {fleet, server, say} = scene;
  const over = (work: Promise<unknown> = Promise.resolve()) => ({over: work});
  const at = (i: number) => fleet.daemons[i % fleet.daemons.length];
  switch (fault.kind) {
    case 'kill': {
      const {stage, downMs} = fault;
      const struck = await fleet.arm({does: 'kill', stage, downMs}, REACH_LIMIT_MS);
      say(struck ? `  ${struck.name} was killed` : '  nobody came to it');
      return over();
    }
    case 'pause': {
      const struck = await fleet.arm({does: 'pause', stage: fault.stage}, REACH_LIMIT_MS);
      say(struck ? `  ${struck.name} stopped` : '  nobody came to it');
      const goOn = () => {
        struck?.signal('SIGCONT');
        struck?.send({kind: 'turn', isYours: true});
      };
      return over(delay(fault.forMs).then(goOn));
    }
    case 'worker': {
      const struck = await fleet.arm({does: 'worker', fault: fault.does}, REACH_LIMIT_MS);
      say(struck ? `  by a thread of ${struck.name}` : '  nobody came to it');
      return over();
    }
    case 'kill-sweeper': {
      const sweeper = fleet.sweepers[fault.sweeper];
      sweeper.expectEnd(fault.downMs);
      sweeper.signal('SIGKILL');
      return over();
    }
    case 'postgres':
      await server.crash(fault.how === 'immediate' ? 'SIGQUIT' : 'SIGKILL');
      say('  Postgres accepts connections again');
      return over();
    case 'reset':
      at(fault.daemon).proxy.cut();
      return over();
    case 'half-open': {
      const {proxy} = at(fault.daemon);
      proxy.hold(true);
      const end = () => {
        if (fault.end === 'cut') proxy.cut();
        proxy.hold(false);
      };
      return over(delay(fault.forMs).then(end));
    }
    case 'slow': {
      const {proxy} = at(fault.daemon);
      proxy.delay(fault.delayMs);
      return over(delay(fault.forMs).then(() => proxy.delay(0)));
    }
    case 'skew':
      at(fault.daemon).process.send({kind: 'skew', byMs: fault.byMs});
      return over();
    case 'disk-full':
      fillDisk(scene);
      return over();
    default:
      return fault satisfies never;
  }
}

const FULL_DISK = '/dev/full';

/** The file that a graph is written to, before it takes the place of the old one, is on a disk without room. */
function fillDisk({graphPath, say, onViolation}: Scene): void {
  if (!existsSync(FULL_DISK)) {
    say(`  left out: this system has no ${FULL_DISK}`);
    return;
  }
  const folder = dirname(graphPath);
  const before = readdirSync(folder).sort().join();
  symlinkSync(FULL_DISK, join(folder, `.${basename(graphPath)}.${process.pid}-0.tmp`));
  let said = 'nothing';
  try {
    saveGraph(drawnTown(), graphPath);
  } catch (error) {
    said = error instanceof InputFailure ? `${error.code} ${error.message}` : `${error}`;
  }
  if (!/^GRAPH_UNWRITABLE .*ENOSPC/.test(said)) {
    onViolation({sentence: 'A full disk is one clear error.', example: said});
  }
  if (readdirSync(folder).sort().join() !== before) {
    onViolation({sentence: 'A graph that could not be saved leaves nothing behind.', example: folder});
  }
  // Throws where the file is damaged.
  openGraph(graphPath);
}
