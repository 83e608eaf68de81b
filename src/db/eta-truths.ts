// Promised against actual times of a region's deliveries.

import type {EtaTruth} from '../domain/eta-truth.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_eta_truths');
/** Whoever reads them is done with a page within some milliseconds. */
const TRUTHS_PER_PAGE = 2_000;
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
  db.query<EtaTruth>(READ, [regionId, after?.dropActualAtMs ?? sinceMs, after?.taskId ?? LOWEST_ID, untilMs, limit]);

/** All of them page by page, ascending by hand-over; no page is empty. */
export async function* etaTruthPages(from: Omit<EtaTruthPage, 'limit'>): AsyncGenerator<readonly EtaTruth[]> {
  let {after} = from;
  for (;;) {
    const truths = await readEtaTruths({...from, after, limit: TRUTHS_PER_PAGE});
    after = truths[truths.length - 1];
    if (after) yield truths;
    if (truths.length < TRUTHS_PER_PAGE) return;
  }
}
