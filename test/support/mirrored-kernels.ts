// Kernels that make every call twice over the same memory, compiled and in TypeScript, and hold against each other what
// the two return and every byte that they leave. Whatever is asked by way of them tests the twins.

import assert from 'node:assert/strict';
import {type Kernels, kernelsFor, twins} from '../../native-graph/kernels/kernels.ts';

export type KernelName = keyof Kernels;
/** The twins' modules have constants beside them. */
export const KERNEL_NAMES = (Object.keys(twins) as KernelName[]).filter((name) => typeof twins[name] === 'function');

/** `calls` counts them by name. */
export function mirroredKernels(memory: WebAssembly.Memory, calls: Map<KernelName, number>): Kernels {
  const compiled = kernelsFor(memory);
  assert(compiled !== twins, 'the kernels are not compiled for this machine');
  const mirrored = KERNEL_NAMES.map((name) => [
    name,
    (...parameters: never[]) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      const call = (kernels: Kernels): unknown => (kernels[name] as (...parameters: never[]) => unknown)(...parameters);
      const bytes = new Uint8Array(memory.buffer);
      const before = bytes.slice();
      const returned = call(compiled);
      const after = bytes.slice();
      bytes.set(before);
      assert.equal(call(twins), returned, `${name} returns something else than its twin`);
      const at = Buffer.compare(after, bytes) === 0 ? -1 : after.findIndex((byte, i) => byte !== bytes[i]);
      assert.equal(at, -1, `${name} leaves another byte than its twin at ${at}`);
      return returned;
    },
  ]);
  return Object.fromEntries(mirrored);
}
