// From close by: how long each open task in view has been ready, beside its ring.

import {spanOf} from '../span.ts';
import type {LiveMap} from '../wire.ts';
import {WAITING} from './live-picture.ts';

const FROM_ZOOM = 14;
/** Of tasks in view: of more, the first ones of the reading. */
const IN_VIEW_LIMIT = 300;
const MINUTE_S = 60;

/** Whole minutes: what is told changes once a minute. */
const told = (waitedS: number): string =>
  waitedS < 0
    ? `in ${spanOf(Math.ceil(-waitedS / MINUTE_S) * MINUTE_S)}`
    : spanOf(Math.floor(waitedS / MINUTE_S) * MINUTE_S).replace(/^0 s$/, '< 1 min');

/** What of the map it needs. */
type Drawing = {
  view(): (lon: number, lat: number) => boolean;
  zoom(): number;
  draw(
    overlay: 'ages',
    features: {
      readonly type: 'FeatureCollection';
      readonly features: {
        readonly type: 'Feature';
        readonly properties: {readonly told: string; readonly waits: boolean};
        readonly geometry: {readonly type: 'Point'; readonly coordinates: [lon: number, lat: number]};
      }[];
    },
  ): void;
};

export function startAges(map: Drawing) {
  let drawn = '';

  /** Called with each reading; tells how many are labelled. */
  function refresh(live: LiveMap): number {
    const sees = map.view();
    const isNear = map.zoom() >= FROM_ZOOM;
    const inView = isNear ? live.tasks.filter(([, lon, lat]) => sees(lon, lat)).slice(0, IN_VIEW_LIMIT) : [];
    const labels = inView.map(([, lon, lat, state, , , waitedS]) => {
      return {at: [lon, lat] as [number, number], text: told(waitedS), waits: WAITING.has(live.states[state] ?? '')};
    });
    const next = JSON.stringify(labels);
    if (next === drawn) return labels.length;
    drawn = next;
    map.draw('ages', {
      type: 'FeatureCollection',
      features: labels.map(({at, text, waits}) => ({
        type: 'Feature',
        properties: {told: text, waits},
        geometry: {type: 'Point', coordinates: at},
      })),
    });
    return labels.length;
  }

  return {
    refresh,
    restart() {
      drawn = '';
    },
  };
}
