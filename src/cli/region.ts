// Markets of a database: made and changed by name, so that nobody has to write SQL to begin.

import {readFileSync} from 'node:fs';
import {listRegions, putRegion, setRegionArea} from '../db/regions.ts';
import {areaOf} from '../domain/area.ts';
import {InputFailure} from '../domain/failure.ts';
import {type RegionSettings, SETTING_LIMITS, STARTING_SETTINGS, STARTING_WEIGHTS} from '../domain/region.ts';
import type {Area} from '../domain/rule.ts';
import {type DatabaseOptions, withDatabase} from './database.ts';
import {terminal} from './terminal.ts';

export type RegionOptions = DatabaseOptions & {
  readonly name?: string;
  readonly timeZone?: string;
  readonly graph?: string;
  /** `name=value`, each a setting. */
  readonly set: readonly string[];
  /** A file of GeoJSON; false: not drawn any more. */
  readonly area?: string | false;
  readonly json?: boolean;
};

/** Makes a region, or changes what is given of one that stands. */
export async function put(id: string, options: RegionOptions): Promise<void> {
  const {area: file} = options;
  // Read before anything is written.
  const area = typeof file === 'string' ? readArea(file) : null;
  await withDatabase(options, async (db) => {
    const standing = (await listRegions(db)).find((region) => region.id === id);
    const region = {
      id,
      name: options.name ?? standing?.name ?? id,
      timeZone: options.timeZone ?? standing?.timeZone ?? 'America/Chicago',
      graph: options.graph ?? standing?.graph ?? id,
      settings: {...(standing?.settings ?? STARTING_SETTINGS), ...settings(options.set)},
      weights: standing?.weights ?? STARTING_WEIGHTS,
    };
    await putRegion(db, region);
    if (file !== undefined) await setRegionArea(db, id, area);
    const text = `region ${id}: graph ${region.graph}, time zone ${region.timeZone}`;
    terminal(options.json ?? false).answer(region, text);
  });
}

export async function list(options: DatabaseOptions & {readonly json?: boolean}): Promise<void> {
  const regions = await withDatabase(options, listRegions);
  const text = regions.map(({id, name, graph, timeZone}) => `${id}  ${name}  graph ${graph}  ${timeZone}`).join('\n');
  terminal(options.json ?? false).answer({regions}, text || 'no regions yet');
}

/** InputFailure: AREA_UNREADABLE. */
function readArea(file: string): Area {
  const fail = (why: string): never => {
    throw new InputFailure('AREA_UNREADABLE', `${file} ${why}`);
  };
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${(error as {code?: string}).code})`);
  }
  const checked = areaOf(given);
  return checked.kind === 'area' ? checked.area : fail(checked.sentence);
}

/** Bounds are checked where the region is written. */
function settings(given: readonly string[]): Partial<RegionSettings> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([a-zA-Z0-9]+)=(.+)$/.exec(text) ?? [];
      if (name === undefined || !Object.hasOwn(SETTING_LIMITS, name) || !Number.isInteger(Number(value))) {
        const names = Object.keys(SETTING_LIMITS).join(', ');
        throw new InputFailure('SETTING_UNKNOWN', `${text} is not name=whole-number; names are: ${names}`);
      }
      return [name, Number(value)];
    }),
  );
}
