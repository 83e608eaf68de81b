// Two maps side by side under one camera: as it was, and what if.

import type {GeoJSONSource, Map as MapLibre} from 'maplibre-gl';
import {byId} from '../dom.ts';
import {wrapLon} from '../map/mercator.ts';
import {openRoadMap, type RoadMap, type RoadsState} from '../map/road-map.ts';
import {SIDES, type SideName, type WhatIf} from './answer.ts';
import {highlightOf, type Picked, pictureOf} from './side-picture.ts';
import {sideLayers, storeIcon} from './side-style.ts';

const PICK_PIXELS = 7;
/** Names and legend lie there. */
const CLEAR_PIXELS = {top: 40, right: 24, bottom: 52, left: 24};
/** Layers whose features are picked, those on top first. */
const PICKABLE = ['drivers', 'drops', 'waiting', 'idle', 'legs'];

export type TwinMaps = {
  show(answer: WhatIf): void;
  highlight(picked: Picked | undefined): void;
  /** Shows all that the answer has. */
  fit(): void;
  retry(): void;
};

export type TwinOptions = {
  /** `free` is what is asked for where nothing is: a place on the right side. */
  readonly onPick: (picked: Picked | undefined, free: readonly [lon: number, lat: number] | undefined) => void;
  readonly onHover: (picked: Picked | undefined) => void;
  readonly onRoads: (state: RoadsState) => void;
};

const KEYS: Readonly<Record<SideName, string>> = {before: 'map-keys', after: 'map-keys-after'};
const LABELS: Readonly<Record<SideName, string>> = {before: 'Map of the tick as it was', after: 'Map of what if'};

export function openTwinMaps({onPick, onHover, onRoads}: TwinOptions): TwinMaps {
  let answer: WhatIf | undefined;
  let picked: Picked | undefined;
  let isMoving = false;
  const opened = SIDES.map((side) => open(side));
  const twins = opened.filter((twin) => twin !== undefined);

  function open(side: SideName): RoadMap | undefined {
    const twin = openRoadMap({
      container: `map-${side}`,
      keys: KEYS[side],
      label: LABELS[side],
      onRoads,
      onDressed: (map) => dress(map, side),
    });
    if (!twin) return undefined;
    const {map, canvas} = twin;
    map.on('move', () => follow(map));
    // There a click adds a driver: the second of two adds no other, and nothing moves beneath them.
    if (side === 'after') map.doubleClickZoom.disable();
    map.on('click', ({point, lngLat, originalEvent}) => {
      if (originalEvent.detail < 2) pick(map, side, point.x, point.y, lngLat.lng, lngLat.lat);
    });
    map.on('mousemove', ({point}) => {
      const found = foundAt(map, point.x, point.y);
      canvas.style.cursor = found ? 'pointer' : side === 'after' ? 'crosshair' : '';
      onHover(found);
    });
    map.on('mouseout', () => onHover(undefined));
    canvas.addEventListener('keydown', ({key, repeat}) => {
      if (key !== 'Enter' || repeat) return;
      const {lng, lat} = map.getCenter();
      pick(map, side, canvas.clientWidth / 2, canvas.clientHeight / 2, lng, lat);
    });
    return twin;
  }

  function follow(moved: MapLibre): void {
    if (isMoving) return;
    isMoving = true;
    for (const {map} of twins) {
      if (map !== moved) map.jumpTo({center: moved.getCenter(), zoom: moved.getZoom()});
    }
    isMoving = false;
  }

  function pick(map: MapLibre, side: SideName, x: number, y: number, lon: number, lat: number): void {
    const found = foundAt(map, x, y);
    onPick(found, !found && side === 'after' ? [wrapLon(lon), lat] : undefined);
  }

  function foundAt(map: MapLibre, x: number, y: number): Picked | undefined {
    if (!map.getLayer('legs')) return undefined;
    const [near, far] = [-PICK_PIXELS, PICK_PIXELS];
    const box: [[number, number], [number, number]] = [
      [x + near, y + near],
      [x + far, y + far],
    ];
    const features = map.queryRenderedFeatures(box, {layers: PICKABLE});
    const [first] = features.sort((a, b) => PICKABLE.indexOf(a.layer.id) - PICKABLE.indexOf(b.layer.id));
    if (!first) return undefined;
    const {kind, id, task} = first.properties as {kind?: string; id?: string; task?: string};
    const isDriver = kind === 'driver' || kind === 'added' || kind === 'idle';
    return isDriver ? {kind: 'driver', id: id!} : {kind: 'task', id: id ?? task!};
  }

  function dress(map: MapLibre, side: SideName): void {
    map.addSource('side', {type: 'geojson', data: answer ? pictureOf(answer, side) : NOTHING});
    map.addSource('picked', {type: 'geojson', data: answer ? highlightOf(answer, side, picked) : NOTHING});
    if (!map.hasImage('store')) map.addImage('store', storeIcon(), {pixelRatio: 2});
    for (const layer of sideLayers()) map.addLayer(layer);
  }

  function draw(source: 'side' | 'picked', of: (side: SideName) => Parameters<GeoJSONSource['setData']>[0]): void {
    for (const [i, twin] of opened.entries()) twin?.map.getSource<GeoJSONSource>(source)?.setData(of(SIDES[i]!));
  }

  function fit(): void {
    const map = twins[0]?.map;
    if (!map || !answer) return;
    const {stores, drivers, tasks} = answer.map;
    const places = [...stores, ...drivers, ...tasks];
    if (places.length === 0) return;
    const [lons, lats] = [places.map(([, lon]) => lon), places.map(([, , lat]) => lat)];
    const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
    const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
    map.fitBounds([least(lons), least(lats), most(lons), most(lats)], {
      padding: CLEAR_PIXELS,
      maxZoom: 15,
      duration: 0,
    });
  }

  for (const [id, by] of [
    ['zoom-in', 1],
    ['zoom-out', -1],
  ] as const) {
    byId(id).addEventListener('click', () => {
      const map = twins[0]?.map;
      map?.easeTo({zoom: map.getZoom() + by, duration: 200});
    });
  }
  byId('zoom-fit').addEventListener('click', fit);

  return {
    show(next) {
      const isOther = answer?.tickId !== next.tickId;
      const isRegion = answer?.regionId !== next.regionId;
      answer = next;
      if (isRegion) for (const twin of twins) twin.restart(next.regionId);
      else draw('side', (side) => pictureOf(next, side));
      if (isOther) fit();
    },
    highlight(next) {
      picked = next;
      const shown = answer;
      if (shown) draw('picked', (side) => highlightOf(shown, side, next));
    },
    fit,
    retry: () => twins.forEach((twin) => void twin.retry()),
  };
}

const NOTHING = {type: 'FeatureCollection' as const, features: []};
