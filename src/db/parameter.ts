// How values travel to and from Postgres: as text, whose type the server names when it prepares a statement.

export type Element = string | number | boolean | null;

/**
 * A number for a timestamptz is epoch milliseconds (not inside an array). JSON is passed as text, so that an array is
 * always a Postgres array, of one dimension.
 */
export type Parameter = Element | Uint8Array | readonly Element[];

/** An array as the literal that Postgres reads for any element type; everything else as it is. */
export function encode(parameter: Parameter): Element | Uint8Array {
  return parameter instanceof Uint8Array || !Array.isArray(parameter)
    ? (parameter as Element | Uint8Array)
    : `{${parameter.map(encodeElement).join(',')}}`;
}

const encodeElement = (element: Element): string =>
  element === null ? 'NULL' : typeof element === 'string' ? `"${element.replace(/["\\]/g, '\\$&')}"` : `${element}`;

/** An int8 read back. A count or an instant fits a double; what does not is text or bytes by its nature. */
export function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`int8 ${text} is not a safe integer: return it as text`);
  return value;
}

export const instantText = (epochMs: number): string => new Date(epochMs).toISOString();
