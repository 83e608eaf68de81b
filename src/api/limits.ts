// Every bound of the HTTP side, in one place; the OpenAPI document carries those of bodies and queries.

export const BODY_LIMIT_BYTES = 64 * 1024;
/** 10,000 positions of about 130 bytes fit, with room for white space. */
export const BATCH_BODY_LIMIT_BYTES = 2 * 1024 * 1024;
/** A query of the OSRM services lies in its URL: 1,000 coordinates with their options, at about 50 bytes each. */
export const HEADER_LIMIT_BYTES = 56 * 1024;
/** The same where nothing else is served: TABLE_COORDINATES_LIMIT coordinates. */
export const ROUTE_HEADER_LIMIT_BYTES = 512 * 1024;
/** Live speeds as CSV: two and a half million rows of about 25 bytes. */
export const SPEEDS_BODY_LIMIT_BYTES = 64 * 1024 * 1024;

export const DRIVERS_PER_CALL = 1_000;
export const STORES_PER_CALL = 1_000;
export const ADDRESSES_PER_CALL = 1_000;
export const POSITIONS_PER_CALL = 10_000;
export const DOCUMENTS_PER_CALL = 20;
/** Drivers near a place: how many, and how far. */
export const NEARBY_LIMIT = 1_000;
export const NEARBY_DEFAULT = 20;
export const NEARBY_RADIUS_LIMIT_M = 100_000;
/** Live speeds as JSON; they fit an ordinary body. More come as CSV. */
export const SPEEDS_PER_CALL = 1_000;
export const PAGE_LIMIT = 1_000;
export const PAGE_DEFAULT = 100;
/** Kill switches that a list holds. */
export const KILL_SWITCHES_LIMIT = 200;
export const TICKS_LIMIT = 1_000;
export const TICKS_DEFAULT = 20;
/** Other drivers that an explanation of a task holds. */
export const EXPLAINED_LIMIT = 1_000;
export const EXPLAINED_DEFAULT = 10;
/** Of a what-if: drivers added; drivers, tasks and rules left out; values set. */
export const WHAT_IF_CHANGES_LIMIT = 100;
/** The map draws at most this many of each noun; it says so when there are more. */
export const MAP_LIMIT = 20_000;

/** A report of promised against actual times: of how many days, and what it reads of them, the newest first. */
export const ETA_DAYS_LIMIT = 28;
export const ETA_DAYS_DEFAULT = 7;
export type EtaLimits = {
  readonly deliveries: number;
  /** Deliveries whose ways are looked up, and those that are told one by one. */
  readonly ways: number;
  readonly points: number;
};
const ETA_DELIVERIES_LIMIT = 50_000;
const ETA_WAYS_LIMIT = 400;
const ETA_POINTS_LIMIT = 800;
export const ETA_REPORT: EtaLimits = {
  deliveries: ETA_DELIVERIES_LIMIT,
  ways: ETA_WAYS_LIMIT,
  points: ETA_POINTS_LIMIT,
};
/** Categories of goods that a report tells apart: those of most deliveries. */
export const ETA_CATEGORIES_LIMIT = 20;
/** Ways of a report that one job of the threads searches: routes of others wait for one such job at most. */
export const ETA_WAYS_PER_JOB = 20;
/** Ways that are kept from report to report. */
export const ETA_WAYS_HELD = 20_000;
/** A report serves whoever asks for the same for so long; so many are held. */
export const ETA_FRESH_MS = 30_000;
export const ETA_REPORTS_HELD = 20;
/** One report is read at a time; so many more wait for it. */
export const ETA_WAITING_LIMIT = 4;

/** Ways by road that the map asks for in one request; searched one request at a time, and a few more wait. */
export const WAYS_PER_CALL = 50;
export const WAYS_AT_ONCE = 1;
export const WAYS_WAITING_LIMIT = 8;

/** Map tiles of a daemon that are kept, packed and unpacked: those of a city at every zoom. */
export const TILE_CACHE_BYTES = 64 * 1024 * 1024;

/** A client must have sent its headers, and its whole request, within these. */
export const HEADERS_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 30_000;
/** What a handler may take before the caller is told 503; its work goes on. */
export const HANDLER_TIMEOUT_MS = 20_000;
/** The same of a route server, whose largest tables take seconds. */
export const ROUTE_TIMEOUT_MS = 60_000;
/** The same for live speeds, whose customization takes a state's roads half a minute. */
export const SPEEDS_TIMEOUT_MS = 300_000;
/** Longer than the idle time-out of common proxies (60 s), so that they close first and never meet a closed socket. */
export const KEEP_ALIVE_MS = 65_000;
/** A database that does not answer `select 1` within this is gone, as far as readiness goes. */
export const PING_TIMEOUT_MS = 2_000;
/** Mean delay of the event loop over a second, beyond which requests are shed. */
export const EVENT_LOOP_DELAY_LIMIT_MS = 250;
/**
 * Statements that wait for a connection to the database, beyond which requests are shed. Ticks wait in the same line:
 * of so many short ones for some tens of milliseconds.
 */
export const STATEMENTS_WAITING_LIMIT = 50;
export const RETRY_AFTER_S = 1;
/** The answer to a write is kept under its Idempotency-Key for so long, in real time. */
export const IDEMPOTENCY_KEEP_H = 24;
/** One reading of the database serves every open page for this long. */
export const LIVE_FRESH_MS = 900;

/** Streams of events at a time, of one daemon. */
export const EVENT_STREAMS_LIMIT = 100;
/** Of these, those of one token. */
export const EVENT_STREAMS_PER_TOKEN = 20;
/** What a stream's client has not taken yet; more, and it is cut off. A page of the past is about half of it. */
export const STREAM_BACKLOG_LIMIT_BYTES = 1024 * 1024;
/** A client that catches up with the past may pause so long. */
export const STREAM_STALL_LIMIT_MS = 30_000;
/** Shorter than the idle time-out of common proxies (60 s). */
export const STREAM_HEARTBEAT_MS = 15_000;
/** When a client should come back after a stream ended. */
export const STREAM_RETRY_MS = 2_000;
/** Kinds of events that one asks for. */
export const KINDS_LIMIT = 40;
/** How long both secrets sign after a rotation, at most and unless told. */
export const ROTATION_OVERLAP_LIMIT_S = 604_800;
export const ROTATION_OVERLAP_DEFAULT_S = 86_400;
/** A provider's event that was signed earlier or later than this is refused: it may be a recording. */
export const PROVIDER_TOLERANCE_S = 300;

/** Browsers come back over TLS alone for a year, once they came so. */
export const HSTS_S = 31_536_000;
/** A token that was read is not read again for so long: within it revoking and the first token take effect. */
export const TOKEN_FRESH_MS = 5_000;
/** While the database is gone, what was known of a token holds for so long. */
export const TOKEN_STALE_LIMIT_MS = 600_000;
/** Tokens and sessions that are held, unknown ones among them. */
export const TOKENS_HELD = 10_000;
/** A page signs in again after a working day. */
export const SESSION_LIFETIME_S = 12 * 3_600;
export const SESSIONS_PER_TOKEN = 100;

/** Requests of a caller, by token or address, in a window. Nothing is counted on loopback without tokens. */
export const RATE_WINDOW_MS = 10_000;
export const READS_PER_WINDOW = 2_000;
export const WRITES_PER_WINDOW = 2_000;
export const BATCHES_PER_WINDOW = 200;
/** The same where a token is for drivers only. */
export const DRIVER_READS_PER_WINDOW = 100;
export const DRIVER_WRITES_PER_WINDOW = 50;
export const DRIVER_BATCHES_PER_WINDOW = 50;
/** Callers whose requests are counted at a time, by class. */
export const RATE_CALLERS_HELD = 20_000;
/** Of an address: tokens that were refused. More of them are not looked at until the window ends. */
export const AUTH_FAILURES_PER_WINDOW = 30;
export const AUTH_FAILURE_WINDOW_MS = 60_000;

/** Of the OSRM services: coordinates of a route and of a table, cells of a table, answers of a nearest. */
const ROUTE_COORDINATES_LIMIT = 500;
const TABLE_COORDINATES_LIMIT = 10_000;
const TABLE_PAIRS_LIMIT = 20_000_000;
export type OsrmLimits = {
  readonly routeCoordinates: number;
  readonly tableCoordinates: number;
  readonly tablePairs: number;
};
/**
 * Where nothing else is served; and in a daemon, whose ticks wait while an answer is written: for a fifth of a second.
 */
export const ALONE: OsrmLimits = {
  routeCoordinates: ROUTE_COORDINATES_LIMIT,
  tableCoordinates: TABLE_COORDINATES_LIMIT,
  tablePairs: TABLE_PAIRS_LIMIT,
};
export const BESIDE_TICKS: OsrmLimits = {routeCoordinates: 50, tableCoordinates: 2_000, tablePairs: 1_000_000};
export const NEAREST_LIMIT = 100;
/** Of one request for isochrones: the longest limit, and how many there may be. */
export const ISOCHRONE_MINUTES_LIMIT = 60;
export const ISOCHRONES_LIMIT = 6;
/**
 * Requests for isochrones that are answered at a time beside ticks, so that routes and tables wait for one at most, and
 * that wait for it.
 */
export const ISOCHRONES_AT_ONCE = 1;
export const ISOCHRONES_WAITING_LIMIT = 4;
/** Questions, why and what if, that wait for the one that is answered: each may decide a tick again. */
export const EXPLAINS_WAITING_LIMIT = 4;
export const ISOCHRONE_MINUTES_DEFAULT = '5,10,15';
/** More alternatives than that are refused; one route is answered whatever is asked. */
export const ALTERNATIVES_LIMIT = 3;
