// The road network as a drawing: JSON that a browser decodes in one pass, about 3 bytes a coordinate.
//
// Each line is [rank, lon, lat, dLon, dLat, dLon, dLat, ...] in 1e-5 degrees (about a metre): the first point, then
// steps. Rounding is applied to positions, not to steps, so that it does not add up along a line.

import {createHash} from 'node:crypto';
import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import type {RoadLines} from './world.ts';

/** Units of a drawing per degree. */
const PER_DEGREE = 1e5;
const E7_PER_UNIT = 1e7 / PER_DEGREE;

export type RoadDrawing = {readonly json: Buffer; readonly gzipped: Buffer; readonly etag: string};

const compress = promisify(gzip);

export type RoadDrawingJson = {
  readonly perDegree: number;
  readonly attribution: string;
  /** West, south, east, north in units; null without a point. */
  readonly box: readonly [number, number, number, number] | null;
  readonly lines: readonly (readonly number[])[];
};

/** O(points). Lines that rounding leaves without length are dropped. */
export function drawingOf(roads: RoadLines): RoadDrawingJson {
  const {firstPoint, lonE7, latE7, rank} = roads;
  const lines: number[][] = [];
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 1 < firstPoint.length; i++) {
    const line = [rank[i]!];
    let [lon, lat] = [0, 0];
    for (let p = firstPoint[i]!; p < firstPoint[i + 1]!; p++) {
      const nextLon = Math.round(lonE7[p]! / E7_PER_UNIT);
      const nextLat = Math.round(latE7[p]! / E7_PER_UNIT);
      if (line.length > 1 && nextLon === lon && nextLat === lat) continue;
      line.push(nextLon - lon, nextLat - lat);
      [lon, lat] = [nextLon, nextLat];
      west = Math.min(west, lon);
      east = Math.max(east, lon);
      south = Math.min(south, lat);
      north = Math.max(north, lat);
    }
    if (line.length > 3) lines.push(line);
  }
  const box = west <= east ? ([west, south, east, north] as const) : null;
  return {perDegree: PER_DEGREE, attribution: roads.attribution, box, lines};
}

/** The drawing as it is sent. Made once per network: keep it. */
export async function encodedDrawing(roads: RoadLines): Promise<RoadDrawing> {
  const json = Buffer.from(JSON.stringify(drawingOf(roads)));
  const etag = `"${createHash('sha256').update(json).digest('base64url').slice(0, 22)}"`;
  return {json, gzipped: await compress(json), etag};
}
