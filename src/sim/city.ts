// The people of a simulated market, made from a seed: stores, drivers with their documents, and where they stand.

import {createHash} from 'node:crypto';
import {stringify as uuidText} from 'uuid';
import {DOCUMENT_KINDS} from '../domain/document.ts';
import type {DriverDocument, DriverPosition, DriverProfile} from '../domain/driver.ts';
import {type Random, randomStream} from '../domain/random.ts';
import type {Store} from '../domain/store.ts';

export type Point = {readonly latE7: number; readonly lonE7: number};

/** A point on a road from which drivers can get about, drawn by chance. */
export type Place = (random: Random) => Point;

export type City = {
  readonly stores: readonly Store[];
  readonly drivers: readonly DriverProfile[];
  readonly documents: readonly DriverDocument[];
  readonly positions: readonly DriverPosition[];
};

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

/** One driver in so many has let a document expire, so that eligibility has something to say. */
const EXPIRED_DOCUMENT_SHARE = 0.02;

const STORE_NAMES = ['Cloud', 'Mist', 'Ember', 'Drift', 'Haze', 'North', 'Harbor', 'Corner', 'Station', 'Garden'];

/** A UUID (version 8: made by the application): the same seed and name give the same one for ever. */
export function seededId(seed: number, name: string): string {
  const bytes = createHash('sha256').update(`${seed}/${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return uuidText(bytes);
}

/** A pure function of its arguments. */
export function makeCity(
  seed: number,
  regionId: string,
  counts: {readonly stores: number; readonly drivers: number},
  place: Place,
  nowMs: number,
): City {
  const random = randomStream(seed, 'city');
  const stores = Array.from({length: counts.stores}, (_, i) => {
    const name = `${STORE_NAMES[i % STORE_NAMES.length]} Vapes ${Math.floor(i / STORE_NAMES.length) + 1}`;
    const permitUntilMs = nowMs + YEAR_MS;
    return {id: seededId(seed, `store ${i}`), regionId, name, ...place(random), hours: null, permitUntilMs};
  });
  const drivers = Array.from({length: counts.drivers}, (_, i) => ({
    id: seededId(seed, `driver ${i}`),
    regionId,
    name: `Driver ${i + 1}`,
    bornOn: `${1965 + Math.floor(random() * 35)}-06-15`,
    optedIn: true,
    capacity: 1,
    shiftOn: true,
  }));
  const documents = drivers.flatMap(({id: driverId}) => {
    const expired = random() < EXPIRED_DOCUMENT_SHARE;
    return DOCUMENT_KINDS.map((kind) => ({
      driverId,
      kind,
      use: 'delivery' as const,
      validFromMs: nowMs - YEAR_MS,
      validUntilMs: expired && kind === 'insurance' ? nowMs - DAY_MS : nowMs + YEAR_MS,
      checkedAtMs: nowMs - Math.floor(random() * 30) * DAY_MS,
      revoked: false,
    }));
  });
  const positions = drivers.map(({id}) => ({driverId: id, ...place(random), recordedAtMs: nowMs}));
  return {stores, drivers, documents, positions};
}
