// The texts people write into maxspeed, as km/h. OpenStreetMap wiki, "Key:maxspeed" and "Default speed limits".

import {CAR} from './car.ts';

const NUMBER = /^(\d+(?:\.\d+)?) ?([a-z/]*)$/;
/** A zone named by its limit: DE:zone30, DE:zone:30, IT:30. */
const NUMBERED_ZONE = /^[a-z]{2}:(?:zone:?)?(\d+)$/;
/** A country, perhaps a part of it, and a kind of road: DE:rural, BE-VLG:rural, US:TX:urban. */
const ZONE = /^[a-z]{2}[-:a-z]*:([a-z_]+)$/;

/** OSM holds no longer value; it bounds the time the patterns take. */
const TEXT_LENGTH_LIMIT = 255;

/** The limit in km/h; of a list the lowest. Undefined for what tells none: "signals", "variable", nonsense. */
export function speedLimitKmh(text: string): number | undefined {
  if (text.length > TEXT_LENGTH_LIMIT) return undefined;
  const limits = text
    .toLowerCase()
    .split(';')
    .map((one) => singleLimitKmh(one.trim()))
    .filter((kmh) => kmh !== undefined && kmh > 0) as number[];
  return limits.length === 0 ? undefined : Math.min(...limits, CAR.noLimitKmh);
}

function singleLimitKmh(text: string): number | undefined {
  if (text === 'none') return CAR.noLimitKmh;
  if (text === 'walk') return CAR.walkKmh;
  const number = NUMBER.exec(text);
  if (number) return Number(number[1]) * (lookUp(CAR.unitKmh, number[2]) ?? Number.NaN);
  const numbered = NUMBERED_ZONE.exec(text);
  if (numbered) return Number(numbered[1]);
  // A state without a row of its own goes by its country's, a country without one by what is usual.
  const zone = ZONE.exec(text)?.[1];
  const ofCountry = lookUp(CAR.countryZoneKmh, `${text.slice(0, 2)}:${zone}`);
  return lookUp(CAR.countryZoneKmh, text) ?? ofCountry ?? lookUp(CAR.zoneKmh, zone);
}

/** Own keys only: a tag may say "constructor". */
export function lookUp<V>(table: Readonly<Record<string, V>>, key: string | undefined): V | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
