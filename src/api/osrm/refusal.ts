// How a query of the OSRM services can fail: the code and message that OSRM's clients know. Not problem documents.
// VROOM reads the number at the end of NoSegment's message, so the words are part of the interface.

export const OSRM_CODES = [
  'InvalidUrl',
  'InvalidService',
  'InvalidVersion',
  'InvalidOptions',
  'InvalidQuery',
  'InvalidValue',
  'InvalidMethod',
  'NoSegment',
  'NoRoute',
  'TooBig',
  'NotImplemented',
  'InternalError',
  /** Ours: the graph is loading, the server is busy or stopping. */
  'Unavailable',
] as const;
export type OsrmCode = (typeof OSRM_CODES)[number];

export type Refusal = {readonly kind: 'refused'; readonly code: OsrmCode; readonly message: string};

export const refusal = (code: OsrmCode, message: string): Refusal => ({kind: 'refused', code, message});

export const isRefusal = (value: object): value is Refusal => 'kind' in value && value.kind === 'refused';

const STATUSES: Partial<Record<OsrmCode, number>> = {InvalidMethod: 405, InternalError: 500, Unavailable: 503};

/** OSRM answers 400 to everything that is wrong with a query. */
export const statusOf = (code: OsrmCode): number => STATUSES[code] ?? 400;

export const MEDIA_TYPE = 'application/json; charset=utf-8';

export const toJson = ({code, message}: Refusal): string => JSON.stringify({code, message});

/** Sets status and media type, and returns the body: `reply.send(refuse(reply, refusal))` ends a request. */
export function refuse(reply: StatusAndHeaders, refused: Refusal): string {
  reply.code(statusOf(refused.code));
  reply.header('content-type', MEDIA_TYPE);
  return toJson(refused);
}

type StatusAndHeaders = {code(status: number): unknown; header(name: string, value: string): unknown};
