// What must be shown for goods to change hands: at the store, by its staff; at the door, by a scan of the purchaser's
// document. Ids, counts, codes and hashes, never a name, a birth date or an image: all of it goes to the dossier.

/** How a document was read: the barcode of a licence, the lines of a passport, a chip. */
export const ID_SCAN_METHODS = ['barcode', 'mrz', 'nfc'] as const;
export const ID_SCAN_RESULTS = ['passed', 'failed'] as const;
export const ID_DOCUMENT_KINDS = ['driving_licence', 'identity_card', 'passport', 'military_id'] as const;

export type IdScan = {
  readonly method: (typeof ID_SCAN_METHODS)[number];
  readonly result: (typeof ID_SCAN_RESULTS)[number];
  readonly documentKind: (typeof ID_DOCUMENT_KINDS)[number];
  /** ISO date; the last day on which the document holds, where the region is. */
  readonly documentExpiresOn: string;
  readonly over21: boolean;
  /** HMAC-SHA256 of the scanned identity under the purchasers' key, hexadecimal. A known purchaser's must agree. */
  readonly purchaserHmac?: string;
  /** The scanner's or provider's own id of the scan. */
  readonly scanId?: string;
};

/** What the store's staff checked when goods went out or came back. */
export type StoreVerification = {
  /** The store's own id of who checked. */
  readonly verifiedBy: string;
  /** Units counted. */
  readonly units: number;
  /** At pickup: the driver is the one of the task. */
  readonly driverIdentified?: boolean;
  /** On return: what became of units that are missing, or why there are more. */
  readonly note?: string;
};

/** Why a hand-over failed. OTHER needs a note. */
export const VERIFICATION_FAILURES = [
  'NO_ID',
  'ID_EXPIRED',
  'ID_UNREADABLE',
  'ID_SUSPECT',
  'SCAN_REFUSED',
  'UNDER_21',
  'NOT_THE_PURCHASER',
  'PURCHASER_INTOXICATED',
  'NOBODY_THERE',
  'OTHER',
] as const;

/** Why a change that the state allows is refused all the same: the code that change_task gives, and what it means. */
export const CHANGE_REFUSALS = {
  VERIFICATION_MISSING: 'the store has not said how many units it counted',
  DRIVER_NOT_IDENTIFIED: 'the store did not identify the driver',
  UNITS_DIFFER: 'the units counted are not those of the task (a return with a note is taken all the same)',
  ID_SCAN_MISSING: 'no scan of a document was given',
  ID_SCAN_FAILED: 'the scan did not pass',
  ID_EXPIRED: 'the document that was scanned has expired',
  UNDER_21: 'the document does not show an age of 21',
  NOT_THE_PURCHASER: 'the person scanned is not the purchaser, or not shown to be',
  AGE_CHECK_ENDED: 'the age check of the purchaser holds no longer',
  OUTSIDE_SALE_HOURS: 'a rule of the region forbids the hand-over at this hour',
  NO_SALE_AREA: 'a rule of the region forbids the sale at this place',
  TASK_LATE: 'the latest time of the task has passed: give a later latestAt',
  TIMES_CONTRADICT: 'the task would be due after its latest time',
} as const;
export type ChangeRefusal = keyof typeof CHANGE_REFUSALS;

export const isChangeRefusal = (reason: string): reason is ChangeRefusal => Object.hasOwn(CHANGE_REFUSALS, reason);
