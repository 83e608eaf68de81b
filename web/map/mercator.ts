// Web Mercator over [0, 1]: the world coordinates of the map.

export const worldX = (lon: number): number => lon / 360 + 0.5;
export const worldY = (lat: number): number => 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
/** The same meridian, -180 .. 180. */
export const wrapLon = (lon: number): number => lon - 360 * Math.round(lon / 360);
