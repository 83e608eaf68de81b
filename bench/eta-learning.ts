// What is learned of promises, from as many deliveries as count: the deliveries taken in, and the rows made of them.

import {etaLearner, learnNow} from '../src/domain/eta-learning.ts';
import type {EtaTruth} from '../src/domain/eta-truth.ts';
import {randomStream} from '../src/domain/random.ts';
import type {Size, Suite} from './harness.ts';

const SEED = 1;
const DELIVERIES: Readonly<Record<Size, number>> = {full: 200_000, smoke: 500};
const STORES = 200;
const H3_RESOLUTION = 8;
/** Some 10 by 12 km. */
const SIDE_E7 = {lat: 900_000, lon: 2_000_000};
const AT_MS = Date.UTC(2026, 5, 1);

export const etaLearning: Suite = async (size, measure) => {
  const truths = deliveries(DELIVERIES[size]);
  await measure({
    name: 'eta learning',
    input: `${truths.length} deliveries over ${STORES} stores`,
    things: {count: truths.length, of: 'deliveries/s'},
    run() {
      const learner = etaLearner(H3_RESOLUTION);
      learner.add(truths);
      return learnNow(learner).corrections.length;
    },
  });
};

function deliveries(count: number): EtaTruth[] {
  const random = randomStream(SEED, 'eta learning');
  const whole = (low: number, high: number) => Math.floor(low + random() * (high - low));
  const place = () => ({latE7: 577_000_000 + whole(0, SIDE_E7.lat), lonE7: 119_000_000 + whole(0, SIDE_E7.lon)});
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
