// Providers of checks (identity, licence, insurance, registration, background) report in payloads of their own shape. A
// mapping says, as data, where in a payload the few things stand that a document needs; nothing else of it is kept.

import {DOCUMENT_KINDS, type DocumentKind} from './document.ts';
import type {DriverDocument} from './driver.ts';
import {InputFailure} from './failure.ts';

/** Where and how a payload says it. Places are JSON pointers (RFC 6901). */
export type ProviderMapping = {
  /** Where the type of the event stands. */
  readonly type: string;
  /** What a type means; one that is not listed means nothing here. */
  readonly types: Readonly<Record<string, 'verified' | 'revoked'>>;
  /** Where our driver's id stands: the reference that the check was ordered under. */
  readonly driverId: string;
  /** Where the kind of check stands, or nothing where every event is of one kind. */
  readonly kind?: string;
  /** The kind of document by the provider's word for it; the key '*' where `kind` is not given. */
  readonly kinds: Readonly<Record<string, DocumentKind>>;
  /** Where the times stand. Without checkedAt the event's own time counts, without validFrom the check's. */
  readonly checkedAt?: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  /** How long a check is good for when the payload gives no end. */
  readonly validDays?: number;
};

/** Our own shape, for providers that can be told which. */
export const CANONICAL_MAPPING: ProviderMapping = {
  type: '/type',
  types: {'document.verified': 'verified', 'document.revoked': 'revoked'},
  driverId: '/data/driverId',
  kind: '/data/kind',
  kinds: Object.fromEntries(DOCUMENT_KINDS.map((kind) => [kind, kind])),
  checkedAt: '/data/checkedAt',
  validFrom: '/data/validFrom',
  validUntil: '/data/validUntil',
};

/** Why an event changes no document; the last two are the database's to tell. */
export const UNMAPPED_REASONS = [
  'NOT_JSON',
  'TYPE_UNMAPPED',
  'KIND_UNMAPPED',
  'DRIVER_MISSING',
  'TIME_UNREADABLE',
  'END_MISSING',
  'ENDS_BEFORE_START',
  'DRIVER_UNKNOWN',
  'SUPERSEDED',
] as const;
export type UnmappedReason = (typeof UNMAPPED_REASONS)[number];

export type Mapped =
  | {readonly kind: 'document'; readonly document: DriverDocument}
  | {readonly kind: 'unmapped'; readonly reason: UnmappedReason};

const DAY_MS = 86_400_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Times before and after cannot be of a check in force; milliseconds start above where seconds end. */
const [EARLIEST_MS, LATEST_MS] = [Date.UTC(2000, 0), Date.UTC(2100, 0)];

/** What a payload says of a document. `sentAtMs` is the instant that the provider signed. */
export function mapPayload(mapping: ProviderMapping, body: string, sentAtMs: number): Mapped {
  const unmapped = (reason: UnmappedReason): Mapped => ({kind: 'unmapped', reason});
  let payload: unknown;
  try {
    payload = JSON.parse(body);
  } catch {
    return unmapped('NOT_JSON');
  }
  const meaning = own(mapping.types, at(payload, mapping.type));
  if (meaning === undefined) return unmapped('TYPE_UNMAPPED');
  const kind = own(mapping.kinds, mapping.kind === undefined ? '*' : at(payload, mapping.kind));
  if (kind === undefined) return unmapped('KIND_UNMAPPED');
  const driverId = at(payload, mapping.driverId);
  if (typeof driverId !== 'string' || !UUID.test(driverId)) return unmapped('DRIVER_MISSING');

  const timeAt = (place: string | undefined, otherwiseMs: number | undefined): number | undefined => {
    const given = place === undefined ? undefined : at(payload, place);
    return given === undefined || given === null ? otherwiseMs : instantOf(given);
  };
  const checkedAtMs = timeAt(mapping.checkedAt, sentAtMs);
  const validFromMs = timeAt(mapping.validFrom, checkedAtMs);
  if (checkedAtMs === undefined || validFromMs === undefined || Number.isNaN(checkedAtMs + validFromMs)) {
    return unmapped('TIME_UNREADABLE');
  }
  const revoked = meaning === 'revoked';
  // What is revoked is told from what it was by the kind; its own end says nothing.
  const assumedMs = revoked ? validFromMs + 1 : mapping.validDays && checkedAtMs + mapping.validDays * DAY_MS;
  const validUntilMs = timeAt(mapping.validUntil, assumedMs);
  if (validUntilMs === undefined) return unmapped('END_MISSING');
  if (Number.isNaN(validUntilMs)) return unmapped('TIME_UNREADABLE');
  if (validUntilMs <= validFromMs) return unmapped('ENDS_BEFORE_START');
  return {
    kind: 'document',
    document: {driverId: driverId.toLowerCase(), kind, validFromMs, validUntilMs, checkedAtMs, revoked},
  };
}

/** ISO 8601 with an offset, a date (its first instant in UTC), or seconds or milliseconds since 1970; else NaN. */
function instantOf(given: unknown): number {
  const ms =
    typeof given === 'number'
      ? Math.round(given * (given < EARLIEST_MS / 10 ? 1_000 : 1))
      : typeof given === 'string' && /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/.test(given)
        ? Date.parse(given)
        : Number.NaN;
  return ms >= EARLIEST_MS && ms < LATEST_MS ? ms : Number.NaN;
}

/** The value at a JSON pointer, or undefined. */
function at(value: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<unknown>((inner, escaped) => {
    const key = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    return typeof inner === 'object' && inner !== null ? own(inner as Record<string, unknown>, key) : undefined;
  }, value);
}

const own = <T>(record: Readonly<Record<string, T>>, key: unknown): T | undefined =>
  typeof key === 'string' && Object.hasOwn(record, key) ? record[key] : undefined;

const POINTERS = ['type', 'driverId', 'kind', 'checkedAt', 'validFrom', 'validUntil'] as const;
const NAMES: readonly string[] = [...POINTERS, 'types', 'kinds', 'validDays'];

/** InputFailure MAPPING_INVALID, naming what is wrong. */
export function readMapping(json: string): ProviderMapping {
  const invalid = (what: string): never => {
    throw new InputFailure('MAPPING_INVALID', `the mapping ${what}`);
  };
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(json);
  } catch {
    return invalid('is not JSON');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return invalid('is not an object');
  const unknown = Object.keys(given).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) return invalid(`has a field ${unknown}, which means nothing`);
  for (const name of POINTERS) {
    const place = given[name];
    if (place === undefined && name !== 'type' && name !== 'driverId') continue;
    if (typeof place !== 'string' || !/^(\/[^/]*)+$/.test(place)) return invalid(`has no JSON pointer at ${name}`);
  }
  const tables = {types: ['verified', 'revoked'], kinds: DOCUMENT_KINDS} as Record<string, readonly unknown[]>;
  for (const [name, allowed] of Object.entries(tables)) {
    const values = Object.values((given[name] as object | undefined) ?? {});
    if (values.length === 0 || values.some((value) => !allowed.includes(value))) {
      return invalid(`needs ${name}: each one of ${allowed.join(', ')}`);
    }
  }
  const days = given.validDays;
  if (days !== undefined && !(Number.isInteger(days) && Number(days) > 0 && Number(days) <= 3_660)) {
    return invalid('has validDays that are not 1 to 3,660');
  }
  return given as unknown as ProviderMapping;
}
