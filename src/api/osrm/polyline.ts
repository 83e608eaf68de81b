// Encoded polylines: latitude, longitude, then differences, each in groups of five bits, lowest first, moved into the
// printable characters from '?'. Google, "Encoded Polyline Algorithm Format".
//
// The npm package for it (@mapbox/polyline 1.2.1) brings a command line with 40 packages, and reads a truncated text
// without an error; the two functions we need are shorter than its interface.

const FIRST_CHARACTER = 63;
const MORE = 0x20;

/** Coordinates in microdegrees; precision 5 rounds them to 1e-5. */
export function encodePolyline(latE6: readonly number[], lonE6: readonly number[], precision: 5 | 6): string {
  const unit = precision === 5 ? 10 : 1;
  let text = '';
  let [lat, lon] = [0, 0];
  for (let i = 0; i < latE6.length; i++) {
    const [nextLat, nextLon] = [Math.round(latE6[i] / unit), Math.round(lonE6[i] / unit)];
    text += encodeNumber(nextLat - lat) + encodeNumber(nextLon - lon);
    [lat, lon] = [nextLat, nextLon];
  }
  return text;
}

/** A difference is at most 3.6e8: with its sign it fits 30 bits, and shifts stay within an int32. */
function encodeNumber(value: number): string {
  let bits = value < 0 ? ~(value << 1) : value << 1;
  let text = '';
  for (; bits >= MORE; bits >>>= 5) text += String.fromCharCode((MORE | (bits & 0x1f)) + FIRST_CHARACTER);
  return text + String.fromCharCode(bits + FIRST_CHARACTER);
}

/** Points as [lon, lat] in degrees; undefined where the text is cut or holds other characters. */
export function decodePolyline(text: string, precision: 5 | 6): [number, number][] | undefined {
  const perDegree = 10 ** precision;
  const points: [number, number][] = [];
  const sums = [0, 0];
  for (let at = 0, axis = 0; at < text.length || axis === 1; axis ^= 1) {
    let value = 0;
    for (let factor = 1; ; factor *= 32) {
      const bits = text.charCodeAt(at++) - FIRST_CHARACTER;
      // Also for NaN, past the end.
      if (!(bits >= 0 && bits < 2 * MORE) || factor > 2 ** 30) return undefined;
      value += (bits % MORE) * factor;
      if (bits < MORE) break;
    }
    sums[axis] += value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    if (axis === 1) points.push([sums[1] / perDegree, sums[0] / perDegree]);
  }
  return points;
}
