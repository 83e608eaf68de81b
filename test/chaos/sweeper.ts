// A sweeper on its own: closes what is due in every region, and needs neither graph nor lease. A process of its own.

import {connect} from '../../src/db/connect.ts';
import {expireOffers} from '../../src/db/offers.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {startCadence} from '../../src/loops/cadence.ts';
import {sweep} from '../../src/loops/sweep.ts';
import type {FromDaemon, ToDaemon} from './messages.ts';

const SWEEP_EVERY_MS = 250;

const {databaseUrl, regionIds} = JSON.parse(process.argv[2]) as {databaseUrl: string; regionIds: string[]};
const db = connect(databaseUrl, {
  maxConnections: regionIds.length,
  applicationName: 'cloudrun sweeper',
  monotonicMs: systemClock.monotonicMs,
});
const cadences = regionIds.map((regionId) =>
  startCadence(SWEEP_EVERY_MS, systemClock, () =>
    sweep((limit) => expireOffers(db, regionId, limit)).then(
      () => {},
      () => {}, // The database is gone; the next round is the retry.
    ),
  ),
);
process.on('disconnect', () => process.exit(1));
process.on('message', async (message: ToDaemon) => {
  if (message.kind !== 'stop') return;
  await Promise.all(cadences.map((cadence) => cadence.stop()));
  await db.close();
  process.disconnect();
  process.exit(0);
});
process.send!({kind: 'serving', address: ''} satisfies FromDaemon);
