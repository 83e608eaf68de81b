import {listRegions} from '../db/regions.ts';
import {listTicks} from '../db/ticks.ts';
import {type DatabaseOptions, theRegion, withDatabase} from './database.ts';
import {terminal} from './terminal.ts';

export type TicksOptions = DatabaseOptions & {
  readonly last: number;
  readonly region?: string;
  readonly json?: boolean;
};

/** Ticks of one region or of all, oldest first. */
export async function ticks(options: TicksOptions): Promise<void> {
  const shown = terminal(options.json ?? false);
  const headers = await withDatabase(options, async (db) => {
    const regions = options.region === undefined ? await listRegions(db) : [await theRegion(db, options.region)];
    const lists = await Promise.all(regions.map(({id}) => listTicks(db, id, options.last)));
    return lists
      .flat()
      .sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))
      .slice(-options.last);
  });
  const rows = headers.map((h) => ({
    id: h.id,
    at: new Date(h.atMs).toISOString(),
    region: h.regionId,
    offers: h.counts.landed,
    decisionHash: h.decisionHash,
    fence: h.fence,
    // Searches that the answer of the tick before saved; null for a tick that did not start from one.
    saved: h.solve.saved ?? null,
  }));
  const text = rows.map((row) => `${row.id}  ${row.at}  ${row.region}  ${row.offers}  ${row.decisionHash}`).join('\n');
  shown.answer({ticks: rows}, text || 'no ticks yet');
}
