// Web Mercator over [0, 1]: the world coordinates of the map.

export const worldX = (lon) => lon / 360 + 0.5;
export const worldY = (lat) => 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
export const lonOf = (x) => (x - 0.5) * 360;
/** The same meridian, -180 .. 180. */
export const wrapLon = (lon) => lon - 360 * Math.round(lon / 360);
export const latOf = (y) => (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;
