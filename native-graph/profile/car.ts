// The car profile as one table: which roads, which way and how fast. The code beside it only looks things up here.
//
// Sources. [OSRM]: profiles/car.lua of osrm-backend v6.0.0, whose answers are the second opinion on our times.
// [wiki]: the OpenStreetMap wiki page of the tag. [TX]: Texas Transportation Code, section 545.352 (retrieved 2026-11).

import {createHash} from 'node:crypto';
import {TURNS} from './turns.ts';

/** An edge stores the index of its class in a byte, so new classes go to the end. */
export const ROAD_CLASSES = [
  'motorway',
  'motorway_link',
  'trunk',
  'trunk_link',
  'primary',
  'primary_link',
  'secondary',
  'secondary_link',
  'tertiary',
  'tertiary_link',
  'unclassified',
  'residential',
  'living_street',
  'service',
  'road',
  'track',
  'pedestrian',
  'ferry',
] as const;
export type RoadClass = (typeof ROAD_CLASSES)[number];

const MPH = 1.609344;
const KNOT = 1.852;

export const CAR = {
  /** Raised when the code beside this table changes what it makes of the same tags. */
  revision: 3,

  /** By highway class: km/h actually driven where no speed limit is mapped. [OSRM] speeds. */
  classKmh: {
    motorway: 90,
    motorway_link: 45,
    trunk: 85,
    trunk_link: 40,
    primary: 65,
    primary_link: 30,
    secondary: 55,
    secondary_link: 25,
    tertiary: 40,
    tertiary_link: 20,
    unclassified: 25,
    residential: 25,
    living_street: 10,
    service: 15,
    road: 10, // A road of unknown class. [OSRM] default_speed.
    track: 10, // As `road`.
    pedestrian: 10, // As `road`.
    ferry: 5, // Where no duration is mapped; boarding included. [OSRM] route_speeds.
  } satisfies Record<RoadClass, number>,

  /** Classes that cars may use only where a tag for motor vehicles says so. [wiki] Key:access, default restrictions. */
  byPermissionOnly: ['track', 'pedestrian'],
  permissions: ['yes', 'designated', 'permissive'],

  /** Values of route=* that carry cars. [OSRM] route_speeds, [wiki] Tag:route=shuttle_train. */
  ferryRoutes: ['ferry', 'shuttle_train'],
  /** A ferry that tells of these and not of cars takes no cars. [wiki] Tag:route=ferry. */
  ferryPassengers: ['foot', 'bicycle'],

  /** What holds at times or is advice only: left alone, and counted. [wiki] Conditional restrictions. */
  ignoredKeys: {
    'maxspeed:advisory': 'limit-advisory',
    'maxspeed:conditional': 'limit-conditional',
    'access:conditional': 'access-conditional',
    'vehicle:conditional': 'access-conditional',
    'motor_vehicle:conditional': 'access-conditional',
    'motorcar:conditional': 'access-conditional',
    'oneway:conditional': 'oneway-conditional',
  },

  /** From the most to the least specific key; the first that is set decides. [OSRM] access_tags_hierarchy. */
  accessKeys: ['motorcar', 'motor_vehicle', 'vehicle', 'access'],
  /**
   * Values that shut a way to us. [OSRM] access_tag_blacklist, without `delivery`, `destination` and `customers`: a
   * driver who fetches from a store and brings to a door is all three. From `bus` on, for others only: [wiki]
   * Key:access.
   */
  forbidden: [
    'no',
    'private',
    'agricultural',
    'forestry',
    'emergency',
    'psv',
    'bus',
    'taxi',
    'hgv',
    'bicycle',
    'permit',
    'residents',
    'military',
  ],
  /** A gate tagged with one of these opens to whoever delivers there. [OSRM] restricted_access_tag_list. */
  openAtNode: ['private', 'permit', 'residents'],
  /** [OSRM] service_tag_forbidden. */
  forbiddenService: ['emergency_access'],
  /** Carpool roads; a driver rides alone. [wiki] Key:hov. */
  forbiddenHov: ['designated', 'only'],

  /** Values of construction=* that leave a road usable. [OSRM] construction_whitelist. */
  usableConstruction: ['no', 'widening', 'minor'],

  /** Barrier nodes that a car passes; any other stops it. [OSRM] barrier_whitelist; `kerb` and below: [wiki]. */
  passableBarriers: [
    'cattle_grid',
    'border_control',
    'toll_booth',
    'sally_port',
    'gate',
    'lift_gate',
    'no',
    'entrance',
    'height_restrictor',
    'kerb',
    'swing_gate',
    'sliding_gate',
    'coupure',
  ],
  /** A bollard that sinks for those with business there. [OSRM] rising_bollard. */
  passableBollards: ['rising'],

  onewayKeys: ['oneway:motorcar', 'oneway:motor_vehicle', 'oneway:vehicle', 'oneway'],
  /**
   * [wiki] Key:oneway. `alternating` is two-way traffic that takes turns at a narrow place; `reversible` changes a few
   * times a day, and the wiki asks routers to keep off.
   */
  oneway: {
    yes: 'forward',
    true: 'forward',
    '1': 'forward',
    '-1': 'backward',
    reverse: 'backward',
    no: 'both',
    false: 'both',
    '0': 'both',
    alternating: 'both',
    reversible: 'closed',
  },
  /** Oneway unless tagged otherwise. [wiki] Key:oneway, [OSRM]. A motorway_link is not: many are two-way ramps. */
  onewayClasses: ['motorway'],
  onewayJunctions: ['roundabout', 'circular'],

  /** The share of a speed limit that is driven. [OSRM] speed_reduction. */
  limitShare: 0.8,
  /** Units of maxspeed, in km/h. [wiki] Key:maxspeed. */
  unitKmh: {'': 1, 'km/h': 1, kmh: 1, kph: 1, mph: MPH, 'mp/h': MPH, knots: KNOT},
  /** maxspeed=none, and the highest limit that is believed. [OSRM] maxspeed_table.none. */
  noLimitKmh: 140,
  /** maxspeed=walk. [wiki] Key:maxspeed: German courts take 7 km/h; [OSRM] de:living_street. */
  walkKmh: 7,
  /** By zone, where a country is not listed below. [OSRM] maxspeed_table_default; living_street as `walk`. */
  zoneKmh: {urban: 50, rural: 90, trunk: 110, motorway: 130, living_street: 7},
  /** Implicit limits that differ from their zone's. [OSRM] maxspeed_table; `us:`: see each. */
  countryZoneKmh: {
    'at:rural': 100,
    'at:trunk': 100,
    'be:motorway': 120,
    'be-vlg:rural': 70,
    'by:urban': 60,
    'by:motorway': 110,
    'ch:rural': 80,
    'ch:trunk': 100,
    'ch:motorway': 120,
    'cz:living_street': 20, // [wiki] Default speed limits.
    'de:rural': 100,
    'de:motorway': 140, // No limit.
    'dk:rural': 80,
    'fr:rural': 80,
    'fr:living_street': 20, // [wiki] Default speed limits.
    'gb:nsl_single': 60 * MPH,
    'gb:nsl_dual': 70 * MPH,
    'gb:motorway': 70 * MPH,
    'nl:rural': 80,
    'nl:trunk': 100,
    'no:rural': 80,
    'no:motorway': 110,
    'pl:rural': 100,
    'pl:trunk': 120,
    'pl:motorway': 140,
    'ro:trunk': 100,
    'ru:living_street': 20,
    'ru:urban': 60,
    'ru:motorway': 110,
    'se:rural': 70, // [wiki] Default speed limits.
    'uk:nsl_single': 60 * MPH,
    'uk:nsl_dual': 70 * MPH,
    'uk:motorway': 70 * MPH,
    'us:tx:urban': 30 * MPH, // [TX] (b)(1).
    'us:tx:alley': 15 * MPH, // [TX] (b)(1).
    'us:tx:rural': 60 * MPH, // [TX] (b)(3): no numbered highway.
    'us:tx:trunk': 70 * MPH, // [TX] (b)(2): a numbered highway.
    'us:tx:motorway': 70 * MPH, // [TX] (b)(2).
    'us:urban': 30 * MPH, // No federal limit: as Texas.
    'us:rural': 60 * MPH,
    'us:trunk': 70 * MPH,
    'us:motorway': 70 * MPH,
    'za:urban': 60,
    'za:rural': 100,
  },

  /** By surface, tracktype and smoothness: the most km/h driven, whatever the limit. [OSRM] surface_speeds etc. */
  surfaceKmh: {
    cement: 80,
    compacted: 80,
    fine_gravel: 80,
    paving_stones: 60,
    metal: 60,
    bricks: 60,
    grass: 40,
    wood: 40,
    sett: 40,
    grass_paver: 40,
    gravel: 40,
    unpaved: 40,
    ground: 40,
    dirt: 40,
    pebblestone: 40,
    tartan: 40,
    cobblestone: 30,
    clay: 30,
    earth: 20,
    stone: 20,
    rocky: 20,
    sand: 20,
    mud: 10,
  },
  tracktypeKmh: {grade1: 60, grade2: 40, grade3: 30, grade4: 25, grade5: 20},
  smoothnessKmh: {intermediate: 80, bad: 40, very_bad: 20, horrible: 10, very_horrible: 5},
} as const;

const hash = createHash('sha256')
  .update(JSON.stringify([ROAD_CLASSES, CAR, TURNS]))
  .digest('hex');

/** Names the table by its content, so that a graph file tells whether it was built with this one. */
export const PROFILE_ID = `car-${hash.slice(0, 16)}`;
