// The regions of this daemon as they are drawn, each with its name and who dispatches it: the one that is shown
// strongly, the others faintly. How they are drawn is read once for the regions there are; who holds them comes with
// every status.

import {get} from '../daemon.ts';
import type {Status} from '../wire.ts';

/** However it went the last time. */
const AGAIN_MS = 10_000;

type Geometry =
  | {readonly type: 'Polygon'; readonly coordinates: [number, number][][]}
  | {readonly type: 'MultiPolygon'; readonly coordinates: [number, number][][][]};
type Regions = {
  readonly regions: readonly {readonly id: string; readonly name: string; readonly area: Geometry | null}[];
};

/** What of the map it needs. */
type Drawing = {
  draw(
    overlay: 'areas',
    features: {
      readonly type: 'FeatureCollection';
      readonly features: {
        readonly type: 'Feature';
        readonly properties: {readonly told: string; readonly isShown: boolean};
        readonly geometry: Geometry;
      }[];
    },
  ): void;
};

export function startAreas(map: Drawing) {
  let regions: Regions['regions'] | undefined;
  /** The ids that they were read for. */
  let readFor = '';
  let askedMs = Number.NEGATIVE_INFINITY;
  let drawn = '';

  async function read(ids: string): Promise<void> {
    if (performance.now() - askedMs < AGAIN_MS) return;
    askedMs = performance.now();
    const found = await get<Regions>('/v1/regions').catch(() => undefined);
    if (found) [regions, readFor] = [found.regions, ids];
  }

  /** Called with each status. */
  function show({regions: ids, regionId, leases}: Pick<Status, 'regions' | 'regionId' | 'leases'>): void {
    if (ids.join() !== readFor) void read(ids.join());
    if (!regions) return;
    const labels = regions.flatMap(({id, name, area}) => {
      const lease = leases.find((each) => each.regionId === id);
      const holder = lease?.here ? 'this daemon' : (lease?.owner ?? 'nobody');
      return area ? [{id, area, told: `${name} · ${holder}`}] : [];
    });
    const next = JSON.stringify([regionId, labels.map(({told}) => told)]);
    if (next === drawn) return;
    drawn = next;
    map.draw('areas', {
      type: 'FeatureCollection',
      features: labels.map(({id, area, told}) => ({
        type: 'Feature',
        properties: {told, isShown: id === regionId},
        geometry: area,
      })),
    });
  }

  return {
    show,
    /** Where the region is drawn; nothing where it is not, or not known yet. */
    cornersOf(regionId: string): readonly [number, number][] {
      const area = regions?.find(({id}) => id === regionId)?.area;
      return area?.type === 'Polygon' ? area.coordinates.flat() : (area?.coordinates.flat(2) ?? []);
    },
    /** The map was emptied. */
    restart() {
      drawn = '';
    },
  };
}
