// Canonical JSON as the dossier has it: no white space, the keys of an object ascending by code point and each once,
// strings escaped only where they must be, numbers in digits without an exponent (docs/DOSSIER.md). It differs from
// RFC 8785 in that numbers are decimals of any length, as Postgres stores them, not doubles.

export type ReadJson =
  | {readonly kind: 'value'; readonly value: unknown}
  | {readonly kind: 'flaw'; readonly detail: string};

/** What a text says, or what is wrong with it as canonical JSON. */
export function readCanonical(text: string): ReadJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return flaw((error as Error).message);
  }
  // Most bodies hold nothing that a double would change; the slower way keeps numbers as they are written.
  if (write(value) === text) return {kind: 'value', value};
  let badNumber: string | undefined;
  const asWritten = JSON.parse(text, ((_key: string, part: unknown, context: {source: string}) => {
    if (typeof part !== 'number') return part;
    if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(context.source)) badNumber = context.source;
    return new WrittenNumber(context.source);
  }) as never);
  if (badNumber !== undefined) return flaw(`${badNumber} has an exponent`);
  if (write(asWritten) === text) return {kind: 'value', value};
  return flaw('white space, escapes or the order of keys are not canonical');
}

const flaw = (detail: string): ReadJson => ({kind: 'flaw', detail});

class WrittenNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What JSON.parse gave, always in the same order; numbers as doubles write them. */
export const writeCanonical = (value: unknown): string =>
  typeof value === 'number' ? JSON.stringify(value) : write(value, writeCanonical);

function write(value: unknown, part: (value: unknown) => string = write): string {
  if (value instanceof WrittenNumber) return value.text;
  // A number that a double writes with an exponent is left to the slower way, by a text that no body equals.
  if (typeof value === 'number') return `${value}`.includes('e') ? '?' : `${value}`;
  if (Array.isArray(value)) return `[${value.map((each) => part(each)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => byCodePoint(a, b));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${part(member)}`).join(',')}}`;
}

/** The order of UTF-8 bytes; that of UTF-16 differs once a key holds a surrogate pair. */
const byCodePoint = (a: string, b: string): number =>
  /[\ud800-\udfff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : a > b ? 1 : 0;
