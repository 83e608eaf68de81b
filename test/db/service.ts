// The role of a daemon, as a connection of its own.
import {connect, type Database} from '../../src/db/connect.ts';
import {systemClock} from '../../src/domain/clock.ts';

export const ROLE = 'cloudrun_service';

export const asService = (url: string): Database =>
  connect(`${url}?role=${ROLE}`, {maxConnections: 2, applicationName: 'role', monotonicMs: systemClock.monotonicMs});
