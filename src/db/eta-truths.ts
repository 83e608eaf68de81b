// Promised against actual times of a region's deliveries.

import type {EtaTruth} from '../domain/eta-truth.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_eta_truths');
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

export type EtaTruthPage = {
  readonly db: Database;
  readonly regionId: string;
  /** Epoch milliseconds: hand-overs from the first to before the second. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Rows at most. */
  readonly limit: number;
  /** The last row of the page before. */
  readonly after?: EtaTruth | undefined;
};

/** Ascending by hand-over; fewer than `limit` are the last. */
export const readEtaTruths = ({db, regionId, sinceMs, untilMs, limit, after}: EtaTruthPage): Promise<EtaTruth[]> =>
  db.query<EtaTruth>(READ, [regionId, after?.dropActualMs ?? sinceMs, after?.taskId ?? LOWEST_ID, untilMs, limit]);
