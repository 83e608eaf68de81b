// What a failed statement means to its caller. Decided by SQLSTATE and driver codes, never by prose.

export type FailureKind =
  /** No server, or the connection broke: whether the statement took effect is unknown. Repeat it under the same key. */
  | 'gone'
  /** Deadlock, lock or statement time-out, serialization: it took no effect and may be repeated. */
  | 'busy'
  /** The data break a constraint or a type: it took no effect and never will. */
  | 'refused'
  /** A wrong statement, a missing table or right: ours to repair. */
  | 'defect';

const DRIVER_GONE = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Shut down, crashed, starting up, database dropped, idle session ended. */
const SERVER_GONE = new Set(['57P01', '57P02', '57P03', '57P04', '57P05']);
/** Lock not available, query cancelled (statement_timeout), serialization, deadlock. */
const BUSY = new Set(['55P03', '57014', '40001', '40P01']);

export function failureKind(error: unknown): FailureKind {
  const code = `${(error as {code?: unknown} | null | undefined)?.code}`;
  // Class 08: connection exception. 53300: too many connections.
  if (DRIVER_GONE.has(code) || SERVER_GONE.has(code) || /^08...$/.test(code) || code === '53300') return 'gone';
  if (BUSY.has(code)) return 'busy';
  // Class 22: data exception. Class 23: integrity constraint violation. P0001: RAISE without a code.
  return /^2[23]...$/.test(code) || code === 'P0001' ? 'refused' : 'defect';
}
