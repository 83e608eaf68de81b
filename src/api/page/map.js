// The map: roads drawn once per view, drivers, stores and open tasks each frame. Drivers glide between two readings.
//
// World coordinates are Web Mercator over [0, 1]; the view is {x, y} of the centre and `scale` pixels per world width.

import {followGestures} from './map-gestures.js';
import {latOf, lonOf, worldX, worldY} from './mercator.js';
import {startReach} from './reach.js';

const PATIENCE_MS = 5_000;
const GLIDE_MS = 1_000;
const RETRY_MS = 2_000;
const NEAREST_SCALE = 2 ** 31;
/** How far from a dot a click still means it. */
const PICK_PIXELS = 10;
const ROAD_WIDTHS = [1.7, 1.2, 0.8];
/** Line from the driver to its next stop, by the task's state. */
const LEGS = {ASSIGNED: 'store', PICKED_UP: 'drop', RETURNING: 'store'};
const TONES = {
  AVAILABLE: '--available',
  OFFERED: '--offered',
  EN_ROUTE: '--en-route',
  CARRYING: '--carrying',
  RETURNING: '--returning',
  OFF: '--off',
  PENDING: '--dim',
  EXPIRED: '--offered',
  ASSIGNED: '--en-route',
  PICKED_UP: '--carrying',
};

/** Starts drawing. `refresh` reads the live things anew, `restart` forgets the region that was shown. */
export function startMap(regionOf) {
  const canvas = document.getElementById('map');
  const note = document.getElementById('map-note');
  const context = canvas.getContext('2d');
  const roadsCanvas = document.createElement('canvas');
  const reach = startReach(regionOf, canvas);
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let roads = null;
  let box = null;
  let live = null;
  let before = new Map();
  let liveSince = 0;
  let view = {x: 0.5, y: 0.5, scale: 512};
  let viewChosen = false;
  let stale = true;
  let reading = false;
  let era = 0;

  async function readRoads() {
    const started = era;
    try {
      const answer = await fetch(`/internal/map/roads?regionId=${encodeURIComponent(regionOf())}`);
      const body = await answer.json();
      if (started !== era) return;
      if (!answer.ok) throw new Error(body.detail);
      roads = pathsOf(body);
      document.getElementById('attribution').textContent = body.attribution;
      note.textContent = roads.box ? '' : 'This region has no roads.';
      if (roads.box) box = roads.box;
      fit();
    } catch (error) {
      if (started !== era) return;
      const unheard = error instanceof TypeError || error instanceof SyntaxError;
      note.textContent = unheard ? 'The road network cannot be reached.' : error.message;
      setTimeout(() => started === era && readRoads(), RETRY_MS);
    }
  }

  async function refresh() {
    if (era === 0) restart();
    if (reading) return;
    reading = true;
    const started = era;
    try {
      const url = `/internal/map/live?regionId=${encodeURIComponent(regionOf())}`;
      const answer = await fetch(url, {signal: AbortSignal.timeout(PATIENCE_MS)});
      if (answer.ok && started === era) take(await answer.json());
    } catch {
      // The status reading, which runs beside this one, tells that the daemon is gone.
    } finally {
      reading = false;
    }
  }

  function restart() {
    era++;
    roads = live = box = null;
    before = new Map();
    viewChosen = false;
    reach.clear();
    note.textContent = 'Loading the road network…';
    readRoads();
  }

  function take(next) {
    before = new Map((live?.drivers ?? []).map(([id], i) => [id, placeOf(i, performance.now())]));
    live = next;
    live.places = next.drivers.map(([, lon, lat]) => [worldX(lon), worldY(lat)]);
    liveSince = performance.now();
    const {drivers, stores, tasks} = next;
    canvas.ariaLabel = `Map: ${drivers.length} drivers on shift, ${stores.length} stores, ${tasks.length} open tasks`;
  }

  /** Where driver i is shown at an instant: on the way from its last place to its new one. */
  function placeOf(i, nowMs) {
    const [x, y] = live.places[i];
    const from = before.get(live.drivers[i][0]);
    if (!from || still.matches) return [x, y];
    const share = Math.min(1, (nowMs - liveSince) / GLIDE_MS);
    return [from[0] + (x - from[0]) * share, from[1] + (y - from[1]) * share];
  }

  function fit() {
    if (!box || viewChosen) return;
    const {clientWidth: width, clientHeight: height} = canvas;
    const [west, north, east, south] = box;
    const scale = 0.94 * Math.min(width / Math.max(east - west, 1e-9), height / Math.max(south - north, 1e-9));
    view = {x: (west + east) / 2, y: (north + south) / 2, scale: Math.min(scale, NEAREST_SCALE)};
    stale = true;
  }

  function zoom(factor, atX = canvas.clientWidth / 2, atY = canvas.clientHeight / 2) {
    const scale = Math.min(NEAREST_SCALE, Math.max(256, view.scale * factor));
    const [dx, dy] = [atX - canvas.clientWidth / 2, atY - canvas.clientHeight / 2];
    view = {x: view.x + dx / view.scale - dx / scale, y: view.y + dy / view.scale - dy / scale, scale};
    viewChosen = stale = true;
  }

  function pan(dx, dy) {
    view = {...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale};
    viewChosen = stale = true;
  }

  const toScreen = ([x, y]) => [
    canvas.clientWidth / 2 + (x - view.x) * view.scale,
    canvas.clientHeight / 2 + (y - view.y) * view.scale,
  ];

  /** What lies within some minutes: of the driver or store there, or of the point. A store is come to. */
  function pick(atX = canvas.clientWidth / 2, atY = canvas.clientHeight / 2) {
    const dots = (live?.drivers ?? []).map(([id], i) => {
      return {name: `driver ${id.slice(-6)}`, at: placeOf(i, performance.now()), direction: 'from'};
    });
    for (const [name, lon, lat] of live?.stores ?? []) {
      dots.push({name: `store ${name}`, at: [worldX(lon), worldY(lat)], direction: 'to'});
    }
    const x = view.x + (atX - canvas.clientWidth / 2) / view.scale;
    const y = view.y + (atY - canvas.clientHeight / 2) / view.scale;
    let [nearest, least] = [{name: 'this point', at: [x, y], direction: 'from'}, PICK_PIXELS / view.scale];
    for (const dot of dots) {
      const away = Math.hypot(dot.at[0] - x, dot.at[1] - y);
      if (away <= least) [nearest, least] = [dot, away];
    }
    const {name, at, direction} = nearest;
    reach.ask({name, lon: lonOf(at[0]), lat: latOf(at[1]), direction});
  }

  followGestures(canvas, zoom, pan, pick);
  document.getElementById('zoom-in').addEventListener('click', () => zoom(1.6));
  document.getElementById('zoom-out').addEventListener('click', () => zoom(1 / 1.6));
  document.getElementById('zoom-fit').addEventListener('click', () => {
    viewChosen = false;
    fit();
  });
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => {
    stale = true;
  });
  new ResizeObserver(() => {
    for (const each of [canvas, roadsCanvas]) {
      each.width = canvas.clientWidth * devicePixelRatio;
      each.height = canvas.clientHeight * devicePixelRatio;
    }
    stale = true;
    fit();
    // Sizing cleared the canvas; drawn before the next paint, it does not flicker.
    draw(performance.now());
  }).observe(canvas);

  function drawRoads(style) {
    const pen = roadsCanvas.getContext('2d');
    pen.resetTransform();
    pen.clearRect(0, 0, roadsCanvas.width, roadsCanvas.height);
    if (!roads?.box) return;
    const pixels = view.scale * devicePixelRatio;
    const {originX, originY, unit} = roads;
    pen.translate(
      roadsCanvas.width / 2 + (originX - view.x) * pixels,
      roadsCanvas.height / 2 + (originY - view.y) * pixels,
    );
    pen.scale(pixels * unit, pixels * unit);
    pen.lineCap = pen.lineJoin = 'round';
    const zoomed = Math.min(4, Math.max(1, Math.sqrt(view.scale / 4e6)));
    for (const rank of [2, 1, 0]) {
      pen.strokeStyle = style.getPropertyValue(`--road-${rank}`);
      pen.lineWidth = (ROAD_WIDTHS[rank] * zoomed) / (view.scale * unit);
      pen.stroke(roads.paths[rank]);
    }
  }

  function drawLive(style, nowMs) {
    const tone = (name) => style.getPropertyValue(TONES[name] ?? '--dim');
    const drivers = live.drivers.map((_, i) => toScreen(placeOf(i, nowMs)));
    const stores = live.stores.map(([, lon, lat]) => toScreen([worldX(lon), worldY(lat)]));
    const size = Math.min(2, Math.max(0.7, Math.sqrt(view.scale / 2e6)));

    for (const [, lon, lat, stateIndex, storeIndex, driverIndex] of live.tasks) {
      const state = live.states[stateIndex];
      const drop = toScreen([worldX(lon), worldY(lat)]);
      const stop = LEGS[state] === 'store' ? stores[storeIndex] : drop;
      context.strokeStyle = tone(state);
      if (LEGS[state] && drivers[driverIndex] && stop) {
        context.lineWidth = 1;
        context.globalAlpha = Math.min(0.8, 0.35 * size);
        segment(drivers[driverIndex], stop);
        context.globalAlpha = 1;
      }
      context.lineWidth = 2;
      circle(drop, 3.4 * size);
      context.stroke();
    }
    context.fillStyle = style.getPropertyValue('--store');
    context.strokeStyle = style.getPropertyValue('--land');
    context.lineWidth = 1.5;
    for (const [x, y] of stores) {
      context.fillRect(x - 4 * size, y - 4 * size, 8 * size, 8 * size);
      context.strokeRect(x - 4 * size, y - 4 * size, 8 * size, 8 * size);
    }
    for (const [i, at] of drivers.entries()) {
      context.fillStyle = tone(live.statuses[live.drivers[i][3]]);
      circle(at, 3.2 * size);
      context.fill();
      context.stroke();
    }
  }

  function segment([fromX, fromY], [toX, toY]) {
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
    context.stroke();
  }

  function circle([x, y], radius) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }

  function draw(nowMs) {
    const style = getComputedStyle(document.documentElement);
    if (stale) drawRoads(style);
    stale = false;
    context.resetTransform();
    context.clearRect(0, 0, canvas.width, canvas.height);
    reach.drawBands(context, style, toScreen, view.scale);
    context.drawImage(roadsCanvas, 0, 0);
    reach.drawOutlines(context, style, toScreen, view.scale);
    context.scale(devicePixelRatio, devicePixelRatio);
    if (live) drawLive(style, nowMs);
    reach.drawMarks(context, style, toScreen);
  }

  function frame(nowMs) {
    draw(nowMs);
    requestAnimationFrame(frame);
  }
  requestAnimationFrame(frame);

  return {refresh, restart};
}

/** One path per rank in units around the middle of the network, so that the canvas's floats keep their precision. */
function pathsOf({perDegree, lines, box}) {
  const paths = [new Path2D(), new Path2D(), new Path2D()];
  if (!box) return {paths, box: null};
  const [west, south, east, north] = box.map((units) => units / perDegree);
  const originX = worldX((west + east) / 2);
  const originY = worldY((south + north) / 2);
  const unit = 1 / (360 * perDegree);
  for (const [rank, ...steps] of lines) {
    let [lon, lat] = [0, 0];
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      const x = (worldX(lon / perDegree) - originX) / unit;
      const y = (worldY(lat / perDegree) - originY) / unit;
      if (i === 0) paths[rank].moveTo(x, y);
      else paths[rank].lineTo(x, y);
    }
  }
  return {paths, originX, originY, unit, box: [worldX(west), worldY(north), worldX(east), worldY(south)]};
}
