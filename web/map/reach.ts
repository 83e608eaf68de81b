// What lies within some minutes of a place by road: areas on the map, and a card that names them. The card's states:
// hidden, searching, drawn, failed; each but the first can be cleared by its button or Escape. What the card says is
// told beside it too, in a line that is always there: of one that was hidden, screen readers may say nothing.

import {getSlowly, Unheard, withQuery} from '../daemon.ts';
import {byId, setText} from '../dom.ts';
import type {BaseMap} from './base-map.ts';
import {toneOf} from './base-style.ts';
import {wrapLon} from './mercator.ts';

const MINUTES = [5, 10, 15];
const KM_PER_DEGREE = 111.2;
const size = new Intl.NumberFormat('en', {maximumSignificantDigits: 2});

type Direction = 'from' | 'to';
export type ReachPlace = {
  readonly name: string;
  readonly lon: number;
  readonly lat: number;
  readonly direction: Direction;
};
type Point = [number, number];
type Ring = Point[];
type Areas = {
  readonly features: readonly {
    readonly properties: {readonly minutes: number};
    readonly geometry: {readonly coordinates: Ring[][]};
  }[];
};

const NOTHING = {type: 'FeatureCollection', features: []} as const;

/** `clear` says whether there was anything to take away. */
export function startReach(map: BaseMap, regionOf: () => string | undefined) {
  const card = byId('reach');
  let asked: ReachPlace | undefined;
  let waiting = new AbortController();

  async function ask(place: ReachPlace): Promise<void> {
    waiting.abort();
    waiting = new AbortController();
    const {signal} = waiting;
    // Of another place nothing stays; of the same one the old areas stand until the new ones are there.
    if (asked?.lon !== place.lon || asked.lat !== place.lat) map.draw('reach', NOTHING as never);
    asked = place;
    show(place, 'searching', 'Searching the roads…');
    try {
      const areas = await getSlowly<Areas>(
        withQuery('/v1/isochrones', {
          lon: wrapLon(place.lon).toFixed(6),
          lat: place.lat.toFixed(6),
          minutes: MINUTES.join(),
          direction: place.direction,
          regionId: regionOf(),
        }),
        signal,
      );
      draw(areas);
      const sizes = areas.features.map(({geometry}) => `about ${size.format(km2Of(geometry.coordinates, place))} km²`);
      show(place, 'drawn', '', sizes);
    } catch (error) {
      if (signal.aborted) return;
      map.draw('reach', NOTHING as never);
      const isUnheard = error instanceof Unheard;
      const sentence = isUnheard
        ? 'The daemon does not answer. Click the map to try again.'
        : `${(error as Error).message}`;
      show(place, 'failed', sentence);
    }
  }

  /** The longest first: the shorter ones lie within it, and so on top. */
  function draw({features}: Areas): void {
    map.draw('reach', {
      type: 'FeatureCollection',
      features: features
        .map(({geometry}, i) => ({
          type: 'Feature' as const,
          properties: {tone: toneOf(`reach-${i}`)},
          geometry: {type: 'MultiPolygon' as const, coordinates: geometry.coordinates},
        }))
        .reverse(),
    });
  }

  function show(place: ReachPlace, state: string, note: string, sizes: readonly string[] = []): void {
    card.hidden = false;
    card.dataset.state = state;
    const isFrom = place.direction === 'from';
    const title = `${isFrom ? 'From' : 'To'} ${place.name}`;
    setText('reach-title', title);
    byId('reach-from').ariaPressed = String(isFrom);
    byId('reach-to').ariaPressed = String(!isFrom);
    setText('reach-note', note);
    for (const [i, row] of [...byId('reach-areas').children].entries()) {
      if (row.lastElementChild) row.lastElementChild.textContent = sizes[i] ?? '–';
    }
    const told = MINUTES.map((minutes, i) => `${minutes} minutes ${sizes[i]}`).join(', ');
    setText('reach-told', state === 'drawn' ? `${title}: ${told}.` : note);
  }

  function clear(): boolean {
    waiting.abort();
    if (card.hidden) return false;
    if (card.contains(document.activeElement)) map.focus();
    asked = undefined;
    card.hidden = true;
    setText('reach-told', '');
    map.draw('reach', NOTHING as never);
    return true;
  }

  byId('reach-clear').addEventListener('click', clear);
  for (const direction of ['from', 'to'] as const) {
    byId(`reach-${direction}`).addEventListener('click', () => void (asked && ask({...asked, direction})));
  }
  return {ask, clear};
}

function km2Of(polygons: Ring[][], place: ReachPlace): number {
  let sum = 0;
  for (const ring of polygons.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [[lonA, latA], [lonB, latB]] = [ring[i - 1]!, ring[i]!];
      // What a side adds to the area of its ring; holes go the other way round.
      sum += ((lonA - place.lon) * (latB - place.lat) - (lonB - place.lon) * (latA - place.lat)) / 2;
    }
  }
  return sum * KM_PER_DEGREE ** 2 * Math.cos((place.lat * Math.PI) / 180);
}
