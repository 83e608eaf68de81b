// What is learned of promises, from as many deliveries as count: the deliveries taken in, and the rows made of them. In
// a town, and in a metropolis where hardly two go to the same cell in the same hour. A fact beside the figures: the
// longest step of learning, during which a tick on the same thread would wait.

import {etaLearner} from '../src/domain/eta-learning.ts';
import type {EtaTruth} from '../src/domain/eta-truth.ts';
import {randomStream} from '../src/domain/random.ts';
import type {Size, Suite} from './harness.ts';

const SEED = 1;
const DELIVERIES: Readonly<Record<Size, number>> = {full: 200_000, smoke: 500};
const STORES = 200;
const H3_RESOLUTION = 8;
/** Some 10 by 12 km, and 80 by 80. */
const AREAS = [
  {name: 'eta learning', side: {lat: 900_000, lon: 2_000_000}},
  {name: 'eta learning, spread out', side: {lat: 7_200_000, lon: 13_500_000}},
] as const;
const AT_MS = Date.UTC(2026, 5, 1);

export const etaLearning: Suite = async (size, measure) => {
  for (const {name, side} of AREAS) {
    const truths = deliveries(DELIVERIES[size], side);
    let longestStepCpuMs = 0;
    await measure({
      name,
      input: `${truths.length} deliveries over ${STORES} stores`,
      things: {count: truths.length, of: 'deliveries/s'},
      facts: () => ({longestStepCpuMs}),
      run() {
        const learner = etaLearner(H3_RESOLUTION);
        learner.add(truths);
        const steps = learner.learn();
        longestStepCpuMs = 0;
        for (;;) {
          const from = process.threadCpuUsage();
          const {done, value} = steps.next();
          longestStepCpuMs = Math.max(longestStepCpuMs, spentMs(from));
          if (done) return value.corrections.length;
        }
      },
    });
  }
};

function spentMs(from: NodeJS.CpuUsage): number {
  const {user, system} = process.threadCpuUsage(from);
  return Math.round((user + system) / 1_000);
}

type Side = {readonly lat: number; readonly lon: number};

function deliveries(count: number, side: Side): EtaTruth[] {
  const random = randomStream(SEED, 'eta learning');
  const whole = (low: number, high: number) => Math.floor(low + random() * (high - low));
  const place = () => ({latE7: 577_000_000 + whole(0, side.lat), lonE7: 119_000_000 + whole(0, side.lon)});
  const stores = Array.from({length: STORES}, place);
  return Array.from({length: count}, (_, i) => {
    const [store, drop] = [stores[i % STORES], place()];
    return {
      taskId: `${i}`,
      tickId: '',
      driverId: '',
      category: 'vape',
      storeLatE7: store.latE7,
      storeLonE7: store.lonE7,
      dropLatE7: drop.latE7,
      dropLonE7: drop.lonE7,
      offeredAtMs: AT_MS,
      hour: whole(0, 24),
      pickupMs: 300_000,
      dropMs: 600_000,
      pickupPromisedAtMs: AT_MS + 300_000,
      dropPromisedAtMs: AT_MS + 1_020_000,
      pickupCorrectionMs: 0,
      dropCorrectionMs: 0,
      pickupActualAtMs: AT_MS + whole(200_000, 700_000),
      dropActualAtMs: AT_MS + whole(900_000, 1_800_000),
    };
  });
}
