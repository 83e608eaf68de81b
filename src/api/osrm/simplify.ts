// A line with fewer points that looks the same at the zoom level at which all of its route fits a large screen.
//
// D. H. Douglas, T. K. Peucker, "Algorithms for the reduction of the number of points required to represent a digitized
// line or its caricature", Cartographica 10 (1973), 112-122. The screen and the tolerance are OSRM's: 2048 by 1280
// pixels of web tiles, 5 pixels.

/** Pixels of the whole world at zoom 0. */
const TILE_PX = 256;
const SCREEN_PX = {width: 8 * TILE_PX, height: 5 * TILE_PX} as const;
const TOLERANCE_PX = 5;
const ZOOM = {least: 1, most: 18} as const;
/** Where web maps end. */
const MERCATOR_LATITUDE = 85.0511287798;

type Pixels = {readonly x: Float64Array; readonly y: Float64Array};

export type Points = {readonly lonE6: readonly number[]; readonly latE6: readonly number[]};

/** For each line, the indices of the points it keeps: ascending, its ends among them. All are seen at one zoom. */
export function simplify(lines: readonly Points[]): number[][] {
  const drawn = lines.map(project);
  const [width, height] = [spread(drawn.map(({x}) => x)), spread(drawn.map(({y}) => y))];
  const shrink = Math.log2(Math.max(width / SCREEN_PX.width, height / SCREEN_PX.height));
  const zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, Math.floor(ZOOM.most - shrink)));
  const tolerancePx = TOLERANCE_PX * 2 ** (ZOOM.most - zoom);
  return drawn.map((line) => keptPoints(line, tolerancePx));
}

/** Web Mercator at the closest zoom. */
function project({lonE6, latE6}: Points): Pixels {
  const worldPx = TILE_PX * 2 ** ZOOM.most;
  return {
    x: Float64Array.from(lonE6, (lon) => (worldPx * lon) / 360e6),
    y: Float64Array.from(latE6, (lat) => {
      const sin = Math.sin((Math.max(-MERCATOR_LATITUDE, Math.min(MERCATOR_LATITUDE, lat / 1e6)) * Math.PI) / 180);
      return (worldPx * Math.atanh(sin)) / (2 * Math.PI);
    }),
  };
}

function spread(columns: readonly Float64Array[]): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of columns) {
    for (const value of column) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return most - least;
}

function keptPoints({x, y}: Pixels, tolerancePx: number): number[] {
  const isKept = new Uint8Array(x.length);
  isKept[0] = 1;
  isKept[x.length - 1] = 1;
  const open: [number, number][] = [[0, x.length - 1]];
  for (let range = open.pop(); range; range = open.pop()) {
    const [first, last] = range;
    let furthest = -1;
    let most2 = tolerancePx * tolerancePx;
    for (let i = first + 1; i < last; i++) {
      const off2 = distance2(x, y, first, last, i);
      if (off2 <= most2) continue;
      furthest = i;
      most2 = off2;
    }
    if (furthest < 0) continue;
    isKept[furthest] = 1;
    open.push([first, furthest], [furthest, last]);
  }
  return Array.from(isKept.keys()).filter((i) => isKept[i] === 1);
}

/** Squared distance of point i from the stretch between points a and b. */
function distance2(x: Float64Array, y: Float64Array, a: number, b: number, i: number): number {
  const [dx, dy] = [x[b] - x[a], y[b] - y[a]];
  const length2 = dx * dx + dy * dy;
  const along = length2 > 0 ? Math.max(0, Math.min(1, ((x[i] - x[a]) * dx + (y[i] - y[a]) * dy) / length2)) : 0;
  const [offX, offY] = [x[i] - x[a] - along * dx, y[i] - y[a] - along * dy];
  return offX * offX + offY * offY;
}
