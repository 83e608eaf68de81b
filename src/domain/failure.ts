// What a person or a calling program did wrong, said once. Everything else that is thrown is a defect.

/** Bad input. `code` is stable and may be scripted against; the message is one line for a person. */
export class InputFailure extends Error {
  override readonly name = 'InputFailure';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
