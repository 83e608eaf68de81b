// What must hold in the database after anything that can happen, as sentences.

import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const VIOLATIONS = statement('invariant_violations');

export type InvariantViolation = {
  readonly sentence: string;
  readonly violations: number;
  /** Id of one task, driver or offer that breaks it. */
  readonly example: string;
};

/** Empty when all is well. Reads the region's whole history. */
export const readInvariantViolations = (db: Database, regionId: string): Promise<InvariantViolation[]> =>
  db.query<InvariantViolation>(VIOLATIONS, [regionId]);
