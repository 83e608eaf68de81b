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
      const before = roomFor(rooms.before, bytes.length);
      before.set(bytes);
      const returned = call(compiled);
      const after = roomFor(rooms.after, bytes.length);
      after.set(bytes);
      bytes.set(before);
      assert.equal(call(twins), returned, `${name} returns something else than its twin`);
      const isSame = Buffer.compare(after, bytes) === 0;
      const at = isSame ? -1 : after.findIndex((byte, i) => byte !== bytes[i]);
      assert.equal(at, -1, `${name} leaves another byte than its twin at ${at}`);
      return returned;
    },
  ]);
  return Object.fromEntries(mirrored);
}

/** Copies are made at every call: new memory for each would take most of the time. */
const rooms = {before: {bytes: new Uint8Array(0)}, after: {bytes: new Uint8Array(0)}};

function roomFor(room: {bytes: Uint8Array}, length: number): Uint8Array {
  if (room.bytes.length < length) room.bytes = new Uint8Array(2 * length);
  return room.bytes.subarray(0, length);
}
