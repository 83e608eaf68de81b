// The live map itself: roads beneath, the live layer above, and what is picked.

import type {GeoJSONSource} from 'maplibre-gl';
import {byId} from '../dom.ts';
import {LiveLayer} from './live-layer.ts';
import type {Picture, Place} from './live-picture.ts';
import {worldX, worldY, wrapLon} from './mercator.ts';
import {openRoadMap, type RoadsState} from './road-map.ts';

/** How far from a dot a click still means it. */
const PICK_PIXELS = 12;

export type Picked =
  | {readonly kind: 'driver' | 'task'; readonly id: string}
  | {readonly kind: 'store'; readonly name: string; readonly lon: number; readonly lat: number}
  | {readonly kind: 'point'; readonly lon: number; readonly lat: number};

type Overlay = 'areas' | 'heat' | 'reach' | 'route' | 'ages';
type Features = Parameters<GeoJSONSource['setData']>[0];

export type BaseMap = {
  readonly live: LiveLayer;
  /** Shows another region: its roads, and what of it comes next. */
  restart(regionId: string): void;
  /** Asks again for roads that did not come. */
  retry(): void;
  draw(overlay: Overlay, features: Features): void;
  /** Fits what the picture holds into view, else these corners, unless the view was chosen by hand. */
  fit(picture: Picture, corners: readonly [lon: number, lat: number][], again?: boolean): void;
  goTo(lon: number, lat: number): void;
  /** Tells of a place whether it is in view, as the view is now. */
  view(): (lon: number, lat: number) => boolean;
  zoom(): number;
  focus(): void;
  describe(text: string): void;
};

export function openMap(onPick: (picked: Picked) => void, onRoads: (state: RoadsState) => void): BaseMap {
  const live = new LiveLayer();
  const drawn = new Map<Overlay, Features>();
  let viewChosen = false;
  const roads = openRoadMap({
    container: 'map',
    keys: 'map-keys',
    label: 'Map of drivers, stores and tasks',
    onRoads,
    onDressed(map) {
      live.retone();
      map.addLayer(live);
      for (const [overlay, features] of drawn) show(overlay, features);
    },
  });
  if (!roads) return withoutMap(live);
  const {map, canvas} = roads;

  function show(overlay: Overlay, features: Features): void {
    drawn.set(overlay, features);
    map.getSource<GeoJSONSource>(overlay)?.setData(features);
  }

  map.on('click', ({point, lngLat}) => onPick(pick(point.x, point.y, lngLat.lng, lngLat.lat)));
  map.on('mousemove', ({point, lngLat}) => {
    canvas.style.cursor = pick(point.x, point.y, lngLat.lng, lngLat.lat).kind === 'point' ? '' : 'pointer';
  });
  for (const kind of ['dragstart', 'wheel', 'dblclick', 'touchmove'] as const) {
    map.on(kind, () => {
      viewChosen = true;
    });
  }
  canvas.addEventListener('keydown', (event) => {
    if (/^(Arrow|[+=-]$)/.test(event.key)) viewChosen = true;
    if (event.key !== 'Enter' || event.repeat) return;
    const {lng, lat} = map.getCenter();
    onPick(pick(canvas.clientWidth / 2, canvas.clientHeight / 2, lng, lat));
  });
  byId('zoom-in').addEventListener('click', () => zoomBy(1));
  byId('zoom-out').addEventListener('click', () => zoomBy(-1));

  function zoomBy(by: number): void {
    viewChosen = true;
    map.easeTo({zoom: map.getZoom() + by, duration: 200});
  }

  /** The nearest of what is drawn last, and so lies on top, within reach; else the point. */
  function pick(x: number, y: number, lon: number, lat: number): Picked {
    const point = {kind: 'point', lon: wrapLon(lon), lat} as const;
    const picture = live.picture;
    if (!picture) return point;
    let [found, least]: [Picked, number] = [point, PICK_PIXELS];
    const perWorld = 512 * 2 ** map.getZoom();
    const centre = map.project(lonLatOf(picture.origin));
    const look = (at: Place, picked: () => Picked) => {
      const [dx, dy] = [
        centre.x + (at[0] - picture.origin[0]) * perWorld - x,
        centre.y + (at[1] - picture.origin[1]) * perWorld - y,
      ];
      const away = Math.hypot(dx, dy);
      if (away >= least) return;
      [found, least] = [picked(), away];
    };
    for (const [i, [id]] of picture.live.drivers.entries()) look(live.driverAt(i), () => ({kind: 'driver', id}));
    for (const [i, [id]] of picture.live.tasks.entries()) look(picture.tasks[i]!, () => ({kind: 'task', id}));
    for (const [i, [name, storeLon, storeLat]] of picture.live.stores.entries()) {
      look(picture.stores[i]!, () => ({kind: 'store', name, lon: storeLon, lat: storeLat}));
    }
    return found;
  }

  return {
    live,
    restart(regionId) {
      viewChosen = false;
      live.clear();
      drawn.clear();
      roads.restart(regionId);
    },
    retry: roads.retry,
    draw: show,
    fit(picture, corners, again = false) {
      if (again) viewChosen = false;
      if (viewChosen) return;
      const held = [...picture.stores, ...picture.drivers];
      const places = held.length > 0 ? held : corners.map(([lon, lat]): Place => [worldX(lon), worldY(lat)]);
      if (places.length === 0) return;
      viewChosen = true;
      const [xs, ys] = [places.map(([px]) => px), places.map(([, py]) => py)];
      const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
      const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
      map.fitBounds([lonLatOf([least(xs), most(ys)]), lonLatOf([most(xs), least(ys)])], {
        // Nothing of it lies behind what stands over the map.
        padding: {top: 52, bottom: byId('legend').offsetHeight + 24, left: 36, right: 36},
        maxZoom: 15,
        duration: again ? 300 : 0,
      });
    },
    goTo(lon, lat) {
      viewChosen = true;
      map.easeTo({center: [lon, lat], zoom: Math.max(14, map.getZoom()), duration: 500});
    },
    view() {
      const [[west, south], [east, north]] = map.getBounds().toArray() as [[number, number], [number, number]];
      return (lon, lat) => lat >= south && lat <= north && lon >= west && lon <= east;
    },
    zoom: () => map.getZoom(),
    focus: () => canvas.focus(),
    describe: (text) => canvas.setAttribute('aria-label', text),
  };
}

/** For a browser without WebGL 2: all but the map works. */
function withoutMap(live: LiveLayer): BaseMap {
  const nothing = () => {};
  return {
    live,
    restart: () => live.clear(),
    retry: nothing,
    draw: nothing,
    fit: nothing,
    goTo: nothing,
    view: () => () => false,
    zoom: () => 0,
    focus: nothing,
    describe: nothing,
  };
}

const lonLatOf = ([x, y]: Place): [number, number] => [
  (x - 0.5) * 360,
  (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI,
];
