// The daemon of production: everything from the environment, until a signal.

import {openGraph} from '../../native-graph/file.ts';
import {readConfig} from '../config.ts';
import {systemClock} from '../domain/clock.ts';
import {startDaemon} from './daemon.ts';
import {log} from './log.ts';
import {onShutdown} from './shutdown.ts';

export async function serve(): Promise<void> {
  const config = readConfig();
  log.level = config.logLevel;
  const shutdown = onShutdown();
  const clock = systemClock;
  const daemon = await startDaemon({config, openGraph: ({path}) => openGraph(path), scaledTime: false, log, clock});
  await shutdown.asked();
  log.info('ending: the ticks in flight are finished first');
  await daemon.stop();
}
