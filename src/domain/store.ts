// A store: where a task is picked up, and where goods return that could not be handed over.

/** Opening hours in minutes of the local day, [open, close) pairs by weekday (0 = Sunday); close may exceed 1440. */
export type WeeklyHours = readonly (readonly (readonly [openMin: number, closeMin: number])[])[];

export type Store = {
  readonly id: string;
  readonly regionId: string;
  readonly name: string;
  readonly latE7: number;
  readonly lonE7: number;
  /** null: never closes. */
  readonly hours: WeeklyHours | null;
  /** Epoch milliseconds; null: no permit. */
  readonly permitUntilMs: number | null;
};
