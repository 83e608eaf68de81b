// What lies within some minutes of a place by road: areas on the map, and a card that names them. The card's states:
// hidden, searching, drawn, failed; each but the first can be cleared by its button or Escape. What the card says is
// told beside it too, in a line that is always there: of one that was hidden, screen readers may say nothing.

import {worldX, worldY, wrapLon} from './mercator.js';

const MINUTES = [5, 10, 15];
const PATIENCE_MS = 20_000;
/** Path units per world width, so that the canvas's floats keep their precision around the place. */
const PER_WORLD = 3.6e7;
const KM_PER_DEGREE = 111.2;

const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('en', {maximumSignificantDigits: 2});

/** `back` takes the focus when the card that has it goes. */
export function startReach(regionOf, back) {
  const card = byId('reach');
  /** What was asked last: {lon, lat, name, direction}; and what is drawn for it. */
  let asked = null;
  let drawn = null;
  let waiting = new AbortController();

  async function ask(place) {
    waiting.abort();
    waiting = new AbortController();
    const {signal} = waiting;
    // Of another place nothing stays; of the same one the old areas stand until the new ones are there.
    if (asked?.lon !== place.lon || asked.lat !== place.lat) drawn = null;
    asked = place;
    show('searching', 'Searching the roads…');
    try {
      const query = new URLSearchParams({
        lon: wrapLon(place.lon).toFixed(6),
        lat: place.lat.toFixed(6),
        minutes: MINUTES.join(),
        direction: place.direction,
      });
      if (regionOf()) query.set('regionId', regionOf());
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
      const answer = await fetch(`/v1/isochrones?${query}`, {signal: patience});
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.detail);
      if (signal.aborted) return;
      drawn = shapesOf(body, place.lon);
      show('drawn', '');
    } catch (error) {
      if (signal.aborted) return;
      drawn = null;
      // What is no JSON comes from something between the daemon and here.
      const unheard = error instanceof TypeError || error instanceof SyntaxError || error.name === 'TimeoutError';
      show('failed', unheard ? 'The daemon does not answer. Click the map to try again.' : error.message);
    }
  }

  function clear() {
    waiting.abort();
    if (card.contains(document.activeElement)) back.focus();
    asked = drawn = null;
    card.hidden = true;
    byId('reach-told').textContent = '';
  }

  function show(state, note) {
    card.hidden = false;
    card.dataset.state = state;
    const isFrom = asked.direction === 'from';
    byId('reach-title').textContent = `${isFrom ? 'From' : 'To'} ${asked.name}`;
    byId('reach-from').ariaPressed = String(isFrom);
    byId('reach-to').ariaPressed = String(!isFrom);
    byId('reach-note').textContent = note;
    const sizes = drawn?.areas.map(({km2}) => `about ${number.format(km2)} km²`) ?? [];
    for (const [i, row] of [...byId('reach-areas').children].entries()) {
      row.lastElementChild.textContent = sizes[i] ?? '–';
    }
    const told = MINUTES.map((minutes, i) => `${minutes} minutes ${sizes[i]}`).join(', ');
    byId('reach-told').textContent = state === 'drawn' ? `${byId('reach-title').textContent}: ${told}.` : note;
  }

  /** Goes over to the units of the paths for one drawing; `draw` is told the width of a pixel. */
  function inPathUnits(pen, toPixels, scale, draw) {
    const unit = (scale * devicePixelRatio) / PER_WORLD;
    pen.save();
    pen.setTransform(unit, 0, 0, unit, ...toPixels(drawn.origin).map((pixels) => pixels * devicePixelRatio));
    draw(devicePixelRatio / unit);
    pen.restore();
  }

  /** Below the roads: what lies between one limit and the next. */
  function drawBands(pen, style, toPixels, scale) {
    if (!drawn) return;
    inPathUnits(pen, toPixels, scale, () => {
      pen.globalAlpha = Number(style.getPropertyValue('--reach-fill'));
      for (const [i, {band}] of drawn.areas.entries()) {
        pen.fillStyle = style.getPropertyValue(`--reach-${i}`);
        pen.fill(band, 'evenodd');
      }
    });
  }

  /** Above the roads. The shortest last: where outlines are the same, it is the one to see. */
  function drawOutlines(pen, style, toPixels, scale) {
    if (!drawn) return;
    inPathUnits(pen, toPixels, scale, (pixel) => {
      pen.lineJoin = 'round';
      pen.lineWidth = 1.5 * pixel;
      for (const [i, {outline}] of [...drawn.areas.entries()].reverse()) {
        pen.strokeStyle = style.getPropertyValue(`--reach-${i}`);
        pen.stroke(outline);
      }
    });
  }

  /** Above all: how many minutes each outline is, and the place itself. */
  function drawMarks(pen, style, toPixels) {
    if (!asked) return;
    pen.font = '600 11px system-ui, sans-serif';
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    for (const [i, {minutes, top}] of [...(drawn?.areas ?? []).entries()].reverse()) {
      const [x, y] = toPixels(top);
      pen.fillStyle = style.getPropertyValue('--panel');
      pen.strokeStyle = style.getPropertyValue(`--reach-${i}`);
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.roundRect(x - 12, y - 8, 24, 16, 8);
      pen.fill();
      pen.stroke();
      pen.fillStyle = style.getPropertyValue('--text');
      pen.fillText(String(minutes), x, y + 0.5);
    }
    const [x, y] = toPixels([worldX(asked.lon), worldY(asked.lat)]);
    for (const [width, tone] of [
      [5, '--land'],
      [2, '--text'],
    ]) {
      pen.lineWidth = width;
      pen.strokeStyle = style.getPropertyValue(tone);
      pen.beginPath();
      pen.arc(x, y, 9, 0, 2 * Math.PI);
      pen.stroke();
    }
  }

  byId('reach-clear').addEventListener('click', clear);
  for (const direction of ['from', 'to']) {
    byId(`reach-${direction}`).addEventListener('click', () => asked && ask({...asked, direction}));
  }
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !card.hidden) clear();
  });
  return {ask, clear, drawBands, drawOutlines, drawMarks};
}

/** Paths around the place, which may be drawn whole circles from where the answer has it; and what the card says. */
function shapesOf({place, features}, drawnLon) {
  const turns = Math.round((drawnLon - place.lon) / 360);
  const origin = [worldX(place.lon) + turns, worldY(place.lat)];
  let before = null;
  const areas = features.map(({properties: {minutes}, geometry: {coordinates}}) => {
    const outline = new Path2D();
    let top = origin;
    let km2 = 0;
    for (const ring of coordinates.flat()) {
      for (const [i, [lon, lat]] of ring.entries()) {
        const at = [worldX(lon) + turns, worldY(lat)];
        if (at[1] < top[1]) top = at;
        const [x, y] = at.map((world, axis) => (world - origin[axis]) * PER_WORLD);
        if (i === 0) outline.moveTo(x, y);
        else outline.lineTo(x, y);
        if (i > 0) km2 += shareOf(ring[i - 1], ring[i], place);
      }
    }
    // Areas lie one within the other: by even and odd, the smaller one is a hole.
    const band = new Path2D(outline);
    if (before) band.addPath(before);
    before = outline;
    return {minutes, outline, band, top, km2};
  });
  return {origin, areas};
}

/** What a side adds to the area of its ring; holes go the other way round. */
function shareOf([lonA, latA], [lonB, latB], place) {
  const twice = (lonA - place.lon) * (latB - place.lat) - (lonB - place.lon) * (latA - place.lat);
  return (twice / 2) * KM_PER_DEGREE ** 2 * Math.cos((place.lat * Math.PI) / 180);
}
