// Deliveries with promises, for tests of what is learned from them.
import type {EtaTruth} from '../../src/domain/eta-truth.ts';
import type {Random} from '../../src/domain/random.ts';
import {NOW_MS} from './snapshot.ts';

const MINUTE_MS = 60_000;

/** Promised by the road alone, and kept to the millisecond. */
export const KEPT: EtaTruth = {
  taskId: '01890000-0000-7000-8000-000000000001',
  tickId: '01890000-0000-7000-8000-000000000002',
  driverId: '01890000-0000-7000-8000-000000000003',
  category: 'vape',
  storeLatE7: 577_000_000,
  storeLonE7: 119_700_000,
  dropLatE7: 577_200_000,
  dropLonE7: 119_900_000,
  offeredAtMs: NOW_MS,
  hour: 18,
  pickupMs: 4 * MINUTE_MS,
  dropMs: 8 * MINUTE_MS,
  pickupPromisedAtMs: NOW_MS + 4 * MINUTE_MS,
  dropPromisedAtMs: NOW_MS + 14 * MINUTE_MS,
  pickupCorrectionMs: 0,
  dropCorrectionMs: 0,
  pickupActualAtMs: NOW_MS + 4 * MINUTE_MS,
  dropActualAtMs: NOW_MS + 14 * MINUTE_MS,
};

/** Off by so much from what the road promised, whatever of the promise had been learned. */
export const off = (pickupMs: number, dropMs: number, change: Partial<EtaTruth> = {}): EtaTruth => {
  const learned = {pickupCorrectionMs: 0, dropCorrectionMs: 0, ...change};
  return {
    ...KEPT,
    pickupPromisedAtMs: KEPT.pickupPromisedAtMs + learned.pickupCorrectionMs,
    dropPromisedAtMs: KEPT.dropPromisedAtMs + learned.dropCorrectionMs,
    pickupActualAtMs: KEPT.pickupActualAtMs + pickupMs,
    dropActualAtMs: KEPT.dropActualAtMs + dropMs,
    ...change,
  };
};

/** From a few cells and hours; some off by hours, some promised with a correction. */
export function anyTruths(random: Random, count: number): EtaTruth[] {
  const whole = (low: number, high: number) => Math.floor(low + random() * (high - low));
  return Array.from({length: count}, () => {
    const wild = random() < 0.1 ? 40 : 1;
    const place = () => ({lat: 577_000_000 + whole(0, 3) * 300_000, lon: 119_700_000 + whole(0, 3) * 500_000});
    const [store, drop] = [place(), place()];
    return off(whole(-120_000, 300_000) * wild, whole(-120_000, 600_000) * wild, {
      hour: [0, 7, 18, 23][whole(0, 4)],
      storeLatE7: store.lat,
      storeLonE7: store.lon,
      dropLatE7: drop.lat,
      dropLonE7: drop.lon,
      ...(random() < 0.5 && {pickupCorrectionMs: whole(-60_000, 60_000), dropCorrectionMs: whole(-60_000, 60_000)}),
    });
  });
}
