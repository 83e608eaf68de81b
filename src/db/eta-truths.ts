// Promised against actual times of a region's deliveries.

import type {EtaTruth} from '../domain/eta-truth.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_eta_truths');
/** Whoever reads them is done with a page within some milliseconds. */
const TRUTHS_PER_PAGE = 2_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** No hour holds more deliveries than are read; should one, it is taken in parts down to this. */
const NARROWEST_MS = 60_000;
/** A span of fewer is followed by one that is twice as wide. */
const FEW = 1_000;
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

/** All deliveries from `sinceMs` to where the span before began, ascending by hand-over. */
export type EtaTruthSpan = {readonly truths: readonly EtaTruth[]; readonly sinceMs: number};

/**
 * The newest, at most `limit`. Pages ascend, so time is read in spans from its end, each whole or not at all, and
 * empty ones are told too; spans widen where little happened.
 */
export async function* newestEtaTruths(from: Omit<EtaTruthPage, 'after'>): AsyncGenerator<EtaTruthSpan> {
  let endMs = from.untilMs;
  let left = from.limit;
  let widthMs = HOUR_MS;
  while (endMs > from.sinceMs && left > 0) {
    const sinceMs = Math.max(from.sinceMs, endMs - widthMs);
    const truths = await readSpan({...from, sinceMs, untilMs: endMs, limit: left});
    if (truths === 'too-many') {
      if (widthMs <= NARROWEST_MS) return;
      widthMs = Math.max(NARROWEST_MS, widthMs / 8);
      continue;
    }
    yield {truths, sinceMs};
    left -= truths.length;
    endMs = sinceMs;
    if (truths.length < FEW) widthMs = Math.min(DAY_MS, 2 * widthMs);
  }
}

async function readSpan({limit, ...from}: Omit<EtaTruthPage, 'after'>): Promise<EtaTruth[] | 'too-many'> {
  const span: EtaTruth[] = [];
  for await (const page of etaTruthPages(from)) {
    span.push(...page);
    if (span.length > limit) return 'too-many';
  }
  return span;
}
