// The text behind /{service}/v1/{profile}/ as data: coordinates, and the options that a service knows. An option that
// is unknown or cannot be read refuses the query, as OSRM does; of an option given twice, the last counts.

import {decodePolyline} from './polyline.ts';
import {type Refusal, refusal} from './refusal.ts';

/** Undefined for what is not of this form. */
type Parser<T> = (text: string) => T | undefined;

const flag: Parser<boolean> = (text) => (text === 'true' ? true : text === 'false' ? false : undefined);

const oneOf =
  <const T extends string>(...allowed: T[]): Parser<T> =>
  (text) =>
    allowed.find((each) => each === text);

const matching =
  (pattern: RegExp): Parser<string> =>
  (text) =>
    pattern.test(text) ? text : undefined;

const decimal: Parser<number> = (text) => (/^-?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined);

const whole: Parser<number> = (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** Undefined where an element is malformed. */
function all<T>(texts: readonly string[], element: Parser<T>): T[] | undefined {
  const values = texts.map(element);
  return values.includes(undefined) ? undefined : (values as T[]);
}

const listOf =
  <T>(separator: string, element: Parser<T>): Parser<T[]> =>
  (text) =>
    all(text.split(separator), element);

/** An element for every coordinate; null where it is left empty. */
const perPlace = <T>(element: Parser<T>): Parser<(T | null)[]> =>
  listOf<T | null>(';', (text) => (text === '' ? null : element(text)));

const either =
  <A, B>(first: Parser<A>, second: Parser<B>): Parser<A | B> =>
  (text) =>
    first(text) ?? second(text);

/** Degrees clockwise from north, and how far off a road may be. */
export type Bearing = {readonly deg: number; readonly rangeDeg: number};

const bearing: Parser<Bearing> = (text) => {
  const [, deg, rangeDeg] = /^(-?\d{1,4}),(-?\d{1,4})$/.exec(text) ?? [];
  return deg === undefined ? undefined : {deg: Number(deg), rangeDeg: Number(rangeDeg)};
};

const radius: Parser<number> = (text) => (text === 'unlimited' ? Number.POSITIVE_INFINITY : decimal(text));

const GENERAL = {
  bearings: perPlace(bearing),
  radiuses: perPlace(radius),
  hints: perPlace(matching(/^[\w=-]*$/)),
  approaches: perPlace(oneOf('unrestricted', 'curb', 'opposite')),
  exclude: listOf(',', matching(/^[a-zA-Z0-9]+$/)),
  generate_hints: flag,
  skip_waypoints: flag,
  snapping: oneOf('default', 'any'),
  /** Ours, where a daemon serves several regions. */
  region: matching(/^[a-z0-9-]{1,40}$/),
};

const SERVICES = {
  route: {
    ...GENERAL,
    alternatives: either(flag, whole),
    steps: flag,
    annotations: either(flag, listOf(',', oneOf('duration', 'distance', 'speed', 'nodes', 'datasources', 'weight'))),
    geometries: oneOf('polyline', 'polyline6', 'geojson'),
    overview: oneOf('simplified', 'full', 'false', 'by_legs'),
    continue_straight: oneOf('default', 'true', 'false'),
    waypoints: listOf(';', whole),
  },
  table: {
    ...GENERAL,
    sources: either(oneOf('all'), listOf(';', whole)),
    destinations: either(oneOf('all'), listOf(';', whole)),
    annotations: listOf(',', oneOf('duration', 'distance')),
    fallback_speed: decimal,
    fallback_coordinate: oneOf('input', 'snapped'),
    scale_factor: decimal,
  },
  nearest: {...GENERAL, number: whole},
};

export type Service = keyof typeof SERVICES;

/** The options of a service, each by the value that its parser gives. */
export type Options<S extends Service> = {
  -readonly [K in keyof (typeof SERVICES)[S]]?: (typeof SERVICES)[S][K] extends Parser<infer T> ? T : never;
};
export type GeneralOptions = {-readonly [K in keyof typeof GENERAL]?: Options<'nearest'>[K]};

export type Query<S extends Service> = {
  /** [lon, lat] in degrees, on earth or not. */
  readonly coordinates: readonly (readonly [number, number])[];
  readonly options: Options<S> & GeneralOptions;
};

/** What may stand in a URL of OSRM's once it is decoded. */
const FOREIGN = /[^\w[\]{}@?|\\~`^%=,;:&().-]/;

/** `text` follows `prefixLength` characters of the decoded URL, which positions in messages count from. */
export function parseQuery<S extends Service>(service: S, text: string, prefixLength: number): Query<S> | Refusal {
  const foreign = text.search(FOREIGN);
  if (foreign >= 0) return malformedUrl(text, foreign, prefixLength);
  // An encoded polyline may itself hold a question mark.
  const closing = text.startsWith('polyline') ? text.indexOf(')') : 0;
  const mark = text.indexOf('?', closing);
  const [, places, format = '.json'] = /^(.*?)(\.json|\.flatbuffers)?$/.exec(mark < 0 ? text : text.slice(0, mark))!;
  const coordinates = parseCoordinates(places);
  if (coordinates === undefined) return malformed(prefixLength);
  if (format !== '.json') return refusal('NotImplemented', 'Only the format json is answered.');
  const options: Record<string, unknown> = {};
  const parsers: Readonly<Record<string, Parser<unknown>>> = SERVICES[service];
  if (mark >= 0) {
    let at = mark + 1;
    for (const option of text.slice(at).split('&')) {
      const equals = option.indexOf('=');
      const name = option.slice(0, Math.max(0, equals));
      const value = Object.hasOwn(parsers, name) ? parsers[name](option.slice(equals + 1)) : undefined;
      if (value === undefined) return malformed(prefixLength + at);
      options[name] = value;
      at += option.length + 1;
    }
  }
  return {coordinates, options: options as Query<S>['options']};
}

function parseCoordinates(text: string): [number, number][] | undefined {
  const [, digits, encoded] = /^polyline(6?)\((.+)\)$/.exec(text) ?? [];
  if (encoded !== undefined) return decodePolyline(encoded, digits === '6' ? 6 : 5);
  return all(text.split(';'), (place) => {
    const [lon, lat, ...more] = place.split(',').map(decimal);
    return lon === undefined || lat === undefined || more.length > 0 ? undefined : [lon, lat];
  });
}

const malformed = (position: number): Refusal =>
  refusal('InvalidQuery', `Query string malformed close to position ${position}`);

export function malformedUrl(text: string, at: number, prefixLength = 0): Refusal {
  const context = text.slice(Math.max(0, at - 3), at + 3);
  return refusal('InvalidUrl', `URL string malformed close to position ${prefixLength + at}: "${context}"`);
}
