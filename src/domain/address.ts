// A customer's address: personal data. Tasks, dossiers and logs name it by its id alone.

export type CustomerAddress = {
  readonly id: string;
  readonly regionId: string;
  readonly customerId: string;
  /** As the driver reads it. */
  readonly address: string;
  readonly latE7: number;
  readonly lonE7: number;
};
