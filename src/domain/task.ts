// A delivery task: one order, from a store to a customer's address.

import type {TaskState} from './state.ts';

/** What a caller gives to create one. Times are epoch milliseconds in dispatch time. */
export type NewTask = {
  readonly id: string;
  readonly regionId: string;
  readonly storeId: string;
  readonly dropLatE7: number;
  readonly dropLonE7: number;
  readonly readyAtMs: number;
  /** Soft: lateness beyond it is priced. */
  readonly dueAtMs: number;
  /** Hard: past it the task FAILS. */
  readonly latestAtMs: number;
  readonly category: string;
  readonly valueCents: number;
  readonly units: number;
  /** What the driver earns. */
  readonly payCents: number;
  /** Until when the purchaser's age check (21+) holds; null: never passed. */
  readonly ageCheckUntilMs: number | null;
  /** HMAC-SHA256 of the purchaser's identity, hexadecimal; null or none: not known. */
  readonly purchaserHmac?: string | null;
  readonly customerAddressId?: null;
};

/** The same to a customer's address, whose position becomes the drop. */
export type TaskToAddress = Omit<NewTask, 'dropLatE7' | 'dropLonE7' | 'customerAddressId'> & {
  readonly customerAddressId: string;
};

export type AskedTask = NewTask | TaskToAddress;

export type Task = Omit<NewTask, 'purchaserHmac' | 'customerAddressId'> & {
  readonly purchaserHmac: string | null;
  readonly customerAddressId: string | null;
  readonly state: TaskState;
  readonly driverId: string | null;
  readonly offerId: string | null;
  readonly offerExpiresAtMs: number | null;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
};
