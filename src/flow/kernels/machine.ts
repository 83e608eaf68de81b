// The compiled kernels over one memory, for one thread, and whoever else works in it.

import {existsSync, readFileSync} from 'node:fs';
import type {Exports} from './exports.ts';
import {createRoom, type Room, roomIn} from './room.ts';
import {type Team, teamOf} from './team.ts';

export type Machine = {readonly room: Room; readonly exports: Exports; readonly team: Team};

/** Where the install puts what it compiles. */
const MODULE = new URL('built/kernels.wasm', import.meta.url);

let compiled: WebAssembly.Module | null | undefined;

/** `undefined` where this machine's WebAssembly lacks SIMD. */
export function createMachine(memory?: WebAssembly.Memory): Machine | undefined {
  compiled ??= compile();
  if (compiled === null) return undefined;
  const room = memory ? roomIn(memory) : createRoom();
  const exports = new WebAssembly.Instance(compiled, {env: {memory: room.memory}}).exports as Exports;
  return {room, exports, team: teamOf(room.memory, exports)};
}

function compile(): WebAssembly.Module | null {
  if (!existsSync(MODULE)) throw new Error('the kernels are not compiled: run node src/cli/install.mjs');
  const bytes = readFileSync(MODULE);
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}
