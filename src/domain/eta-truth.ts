// What was promised of a delivery when it was offered, and what came.

export type EtaTruth = {
  readonly taskId: string;
  readonly tickId: string;
  readonly driverId: string;
  readonly category: string;
  /** WGS84 degrees times 1e7. */
  readonly storeLatE7: number;
  readonly storeLonE7: number;
  readonly dropLatE7: number;
  readonly dropLonE7: number;
  /** Instants are epoch milliseconds of dispatch time. */
  readonly offeredAtMs: number;
  /** Of the offer, 0 to 23, in the region's time zone. */
  readonly hour: number;
  /** Road times of the legs to the store and to the customer. */
  readonly pickupMs: number;
  readonly dropMs: number;
  readonly pickupPromisedAtMs: number;
  readonly dropPromisedAtMs: number;
  /** How much of the promise was learned. */
  readonly pickupCorrectionMs: number;
  readonly dropCorrectionMs: number;
  readonly pickupActualAtMs: number;
  readonly dropActualAtMs: number;
};
