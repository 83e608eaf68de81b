// On which side of the road cars drive, by place. Countries and territories with left-hand traffic: OpenStreetMap wiki,
// "Key:driving_side", as coarse boxes. The side that most of a map lies on decides for all of it; where a border makes
// that wrong, `graph build --driving-side` says it.

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
  [17, 97.5, 20.4, 101], // Thailand: the north
  [5.5, 98, 12, 99.6], // Thailand: the south-west
  [0, 109, 7.5, 119.5], // Malaysia and Brunei on Borneo
  [22.1, 113.525, 22.22, 113.6], // Macau
  [-12, 141, 0, 156], // Papua New Guinea
  [-44, 112.5, -10, 154], // Australia
  [-47.5, 166, -34, 179], // New Zealand
  [-21, 176.5, -12, 180], // Fiji
  [-21, -180, -12, -178],
  [6, 68, 28, 89], // India, Sri Lanka
  [28, 70, 30, 84], // northern India, western Nepal
  [26.3, 84, 28, 89], // Nepal
  [20.5, 88, 26.7, 92.6], // Bangladesh
  [25.5, 89.5, 28, 95.5], // north-eastern India, Bhutan
  [-1, 72.5, 7.2, 73.8], // Maldives
  [24, 66.5, 29, 69], // Pakistan: Sindh
  [29, 70, 35, 79], // Pakistan: Punjab; northern India
  [-35, 16.4, -22, 33.2], // South Africa, Namibia, Botswana, Eswatini, Lesotho
  [-22, 29.5, -9.5, 41], // Zimbabwe, Malawi, Mozambique
  [-22.3, 25.2, -17.9, 29.5], // Zimbabwe: the west
  [-18, 22, -13.5, 30.5], // Zambia
  [-13.5, 25, -12.2, 29], // Zambia: Copperbelt
  [-13.5, 30, -9, 33.5], // Zambia: the north-east
  [-20.6, 57.2, -19.9, 57.9], // Mauritius
  [-11.7, 31, 4, 41.9], // Tanzania, Kenya, Uganda
  [17.6, -78.5, 18.6, -76], // Jamaica
  [23.3, -79.4, 27.4, -72.7], // Bahamas
  [10, -62, 11.4, -60.4], // Trinidad and Tobago
  [13, -59.7, 13.4, -59.4], // Barbados
  [11.9, -61.9, 14.15, -60.8], // Grenada, Saint Vincent, Saint Lucia
  [15.15, -61.6, 15.7, -61.2], // Dominica
  [16.6, -62.95, 17.8, -61.6], // Antigua, Montserrat, Saint Kitts
  [17.6, -65.1, 18.8, -64.2], // Virgin Islands
  [19.2, -81.5, 19.8, -79.7], // Cayman Islands
  [32.2, -65, 32.5, -64.6], // Bermuda
  [1.8, -60, 8.4, -54.1], // Guyana, Suriname
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
