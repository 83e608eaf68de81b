// A daemon's webhooks in a process of its own, which kills itself the n-th time it comes to a step.
import {connect} from '../../src/db/connect.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {randomStream} from '../../src/domain/random.ts';
import {sealingUnder} from '../../src/domain/sealing.ts';
import {startWebhooks} from '../../src/loops/webhook-deliveries.ts';
import {targetsBy} from '../../src/loops/webhook-target.ts';

const [, , url, regionId, host, step, times] = process.argv as string[];
const db = connect(url!, {maxConnections: 4, applicationName: 'child', monotonicMs: systemClock.monotonicMs});
let left = Number(times);
startWebhooks({
  db,
  regionId: regionId!,
  everyMs: 20,
  sealing: sealingUnder([new Uint8Array(32)]),
  checkTarget: targetsBy(async () => [], [host!]),
  clock: systemClock,
  random: randomStream(left, 'child'),
  observer: {attempted: () => {}, failed: (error) => console.error(error)},
  leaseMs: 400,
  timeoutMs: 300,
  retryFirstMs: 5,
  at(reached) {
    if (reached === step && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
