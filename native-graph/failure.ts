// Bad input to the road graph, said once: a damaged file, a format that is not understood, a place off the map.

/**
 * `code` is stable and may be scripted against; the message is one line that names the file and, where known, the
 * offset.
 */
export class InputFailure extends Error {
  override readonly name = 'InputFailure';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
