// A kill switch stops a category, or a whole region, at the next tick and in every commit.

/** The category that stands for the whole region. */
export const WHOLE_REGION = '*';

export type KillSwitch = {
  /** WHOLE_REGION or a category. */
  readonly category: string;
  readonly sinceMs: number;
  /** null: it stands. */
  readonly untilMs: number | null;
  readonly reason: string;
  /** null: before names were kept. */
  readonly setBy: string | null;
  readonly clearedBy: string | null;
  readonly clearedReason: string | null;
};
