// Points as a person or a script gives them: LON,LAT in degrees, alone or one a line in a file.

import {readFileSync} from 'node:fs';
import {InputFailure} from '../domain/failure.ts';
import {toE7} from '../domain/units.ts';

export type Point = {readonly latE7: number; readonly lonE7: number};

const DEGREES = /^[+-]?(\d+\.?\d*|\.\d+)$/;

/** `place` says where the text stands, for the message. Throws InputFailure `POINT_MALFORMED`. */
export function parsePoint(text: string, place: string): Point {
  const parts = text.split(',').map((part) => part.trim());
  const [lon, lat] = parts.map(Number);
  const isPoint = parts.length === 2 && parts.every((part) => DEGREES.test(part));
  if (!isPoint || Math.abs(lon) > 180 || Math.abs(lat) > 90) {
    const told = JSON.stringify(text.slice(0, 60));
    throw new InputFailure('POINT_MALFORMED', `${place}: ${told} is not LON,LAT in degrees, such as -8.61,41.15`);
  }
  return {latE7: toE7(lat), lonE7: toE7(lon)};
}

/**
 * Every line is a point, so that a point's index is its line's; only the end of the file may be empty. Throws
 * InputFailure `POINT_MALFORMED` with the line, `POINTS_UNREADABLE`, `POINTS_EMPTY`.
 */
export function readPoints(path: string): Point[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    throw new InputFailure('POINTS_UNREADABLE', `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (text === '') throw new InputFailure('POINTS_EMPTY', `${path}: holds no point; one LON,LAT a line is wanted`);
  return text.split('\n').map((line, i) => parsePoint(line.replace(/\r$/, ''), `${path}, line ${i + 1}`));
}
