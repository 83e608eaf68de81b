// On which side of the road cars drive, by place. Countries and territories with left-hand traffic: OpenStreetMap wiki,
// "Key:driving_side", as boxes so coarse that none holds a town of a neighbour that drives on the right.

export type DrivingSide = 'right' | 'left';

/** South, west, north, east in degrees. */
const LEFT_HAND: readonly (readonly [number, number, number, number])[] = [
  [51, -11, 61, 1.8], // Great Britain, Ireland, Isle of Man
  [49.8, -11, 51, 1], // the south coast of England
  [49.1, -2.8, 49.75, -2], // Channel Islands
  [35.7, 14.1, 36.2, 14.7], // Malta
  [34.4, 32.2, 35.8, 34.7], // Cyprus
  [30, 129.6, 37.4, 142.5], // Japan: Kyushu to Kanto
  [37.4, 136, 45.6, 146], // Japan: the north
  [24, 122.9, 30, 131.4], // Okinawa
  [22.1, 113.8, 22.5, 114.45], // Hong Kong
  [-11, 95, 5, 141], // Indonesia, Singapore, Malaysia
  [5, 99.5, 17, 102.3], // Malaysia, Thailand
  [-12, 141, 0, 156], // Papua New Guinea
  [-44, 112.5, -10, 154], // Australia
  [-47.5, 166, -34, 179], // New Zealand
  [-21, 176.5, -12, 180], // Fiji
  [-21, -180, -12, -178],
  [6, 68, 30, 89], // India, Sri Lanka, Nepal, Bangladesh
  [24, 66.5, 29, 69], // Pakistan: Sindh
  [29, 70, 35, 76], // Pakistan: Punjab; northern India
  [-35, 16.4, -22, 33.2], // South Africa, Namibia, Botswana, Eswatini, Lesotho
  [-22, 29.5, -9.5, 41], // Zimbabwe, Malawi, Mozambique
  [-11.7, 31, 4, 41.9], // Tanzania, Kenya, Uganda
  [17.6, -78.5, 18.6, -76], // Jamaica
  [23.3, -79.4, 27.4, -72.7], // Bahamas
  [10, -62, 11.4, -60.4], // Trinidad and Tobago
  [13, -59.7, 13.4, -59.4], // Barbados
];

/** The side on which most of these places drive; right where there are none. Degrees times 1e7. */
export function drivingSideAt(latE7: Int32Array, lonE7: Int32Array): DrivingSide {
  let left = 0;
  for (let i = 0; i < latE7.length; i++) {
    const [lat, lon] = [latE7[i] / 1e7, lonE7[i] / 1e7];
    if (LEFT_HAND.some(([south, west, north, east]) => lat > south && lat < north && lon > west && lon < east)) left++;
  }
  return left > latE7.length / 2 ? 'left' : 'right';
}
