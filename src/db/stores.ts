// Stores.

import type {Store} from '../domain/store.ts';
import type {Database} from './connect.ts';
import {regionUnknown} from './regions.ts';
import {statement} from './statement.ts';

const UPSERT = statement('upsert_stores');
const LIST = statement('list_stores');

/**
 * Creates or replaces stores of any regions; of several of one id the last counts. One call a region, so a failure
 * half-way leaves some written: repeat it. InputFailure: REGION_UNKNOWN.
 */
export async function upsertStores(db: Database, stores: readonly Store[]): Promise<void> {
  const byId = new Map(stores.map((store) => [store.id, store]));
  for (const [regionId, ofRegion] of Map.groupBy(byId.values(), (store) => store.regionId)) {
    const [{found}] = await db.query<{found: boolean}>(UPSERT, [regionId, JSON.stringify(ofRegion)]);
    if (!found) throw regionUnknown(regionId);
  }
}

/** Ascending by id. */
export const listStores = (
  db: Database,
  regionId: string,
  {afterId, limit}: {readonly afterId?: string; readonly limit: number},
): Promise<Store[]> => db.query<Store>(LIST, [regionId, afterId ?? null, limit]);
