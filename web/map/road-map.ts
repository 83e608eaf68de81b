// A map of the daemon's own roads in the colours of day and night, with nothing on it yet; and what of its keys and
// names every map of a page has.

import {Map as MapLibre, setWorkerUrl} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import {styleOf} from './base-style.ts';

setWorkerUrl(workerUrl);

const NEAREST_ZOOM = 19;

export type RoadsState = 'drawn' | 'failed' | 'undrawable';

export type RoadMapOptions = {
  /** Id of the element that holds it, and of the one that tells its keys. */
  readonly container: string;
  readonly keys: string;
  readonly label: string;
  /** The roads' style stands, anew: what lies on them is to be added. */
  readonly onDressed: (map: MapLibre) => void;
  readonly onRoads: (state: RoadsState) => void;
};

export type RoadMap = {
  readonly map: MapLibre;
  readonly canvas: HTMLCanvasElement;
  /** Shows the roads of a region, from nothing. */
  restart(regionId: string): void;
  /** Asks again for roads that did not come. */
  retry(): void;
};

/** undefined without WebGL 2. */
export function openRoadMap({container, keys, label, onDressed, onRoads}: RoadMapOptions): RoadMap | undefined {
  if (!document.createElement('canvas').getContext('webgl2')) {
    onRoads('undrawable');
    return undefined;
  }
  let regionShown = '';
  /** Some tile did not come: of a daemon that was gone, or whose graph was loading. */
  let isMissing = false;
  const map = new MapLibre({
    container,
    style: {version: 8, sources: {}, layers: []},
    center: [0, 0],
    zoom: 1,
    maxZoom: NEAREST_ZOOM,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maplibreLogo: false,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();

  const canvas = map.getCanvas();
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-roledescription', 'map');
  canvas.setAttribute('aria-describedby', keys);
  canvas.setAttribute('aria-label', label);

  function dress(): void {
    map.setStyle(styleOf(regionShown), {diff: false});
    map.once('styledata', () => onDressed(map));
  }

  map.on('error', ({error}) => {
    if (!/fetch|AJAXError|Load failed|NetworkError/.test(String(error?.message))) return console.error(error);
    isMissing = true;
    onRoads('failed');
  });
  map.on('data', (event) => {
    if (event.dataType !== 'source' || !event.isSourceLoaded || !('sourceId' in event)) return;
    if (event.sourceId === 'roads' && !isMissing) onRoads('drawn');
  });
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', dress);

  return {
    map,
    canvas,
    restart(regionId) {
      regionShown = regionId;
      isMissing = false;
      dress();
    },
    retry() {
      if (!isMissing) return;
      isMissing = false;
      dress();
    },
  };
}
