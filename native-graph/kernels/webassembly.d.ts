// What of WebAssembly we use; TypeScript's own declarations come only with those of browsers.

declare namespace WebAssembly {
  class Memory {
    constructor(size: {readonly initial: number; readonly maximum: number; readonly shared: true});
    readonly buffer: SharedArrayBuffer;
    /** Adds pages of zeros at the end, and returns how many pages there were before. */
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: {readonly env: {readonly memory: Memory}});
    readonly exports: Readonly<Record<string, unknown>>;
  }
  function validate(bytes: Uint8Array): boolean;
}
