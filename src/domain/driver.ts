// A driver: an independent courier, on or off shift, with documents and a position.

import type {DocumentKind, DocumentUse} from './document.ts';
import type {DriverStatus} from './state.ts';

/** What a caller may set. */
export type DriverProfile = {
  readonly id: string;
  readonly regionId: string;
  readonly name: string;
  /** ISO date, for the 21+ rule. */
  readonly bornOn: string;
  readonly optedIn: boolean;
  readonly capacity: number;
  readonly shiftOn: boolean;
};

export type Driver = DriverProfile & {
  readonly status: DriverStatus;
  readonly openOffers: number;
  readonly activeTasks: number;
  readonly latE7: number | null;
  readonly lonE7: number | null;
  readonly recordedAtMs: number | null;
};

export type DriverPosition = {
  readonly driverId: string;
  readonly latE7: number;
  readonly lonE7: number;
  /** Epoch milliseconds in dispatch time. Older than what is stored: ignored. */
  readonly recordedAtMs: number;
};

export type DriverDocument = {
  readonly driverId: string;
  readonly kind: DocumentKind;
  /** Left out: that of the newest of its kind, else delivery; of insurance personal. */
  readonly use?: DocumentUse;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly checkedAtMs: number;
  readonly revoked: boolean;
};
