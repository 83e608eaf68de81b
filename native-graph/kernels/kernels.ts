// The hot loops, as every thread calls them: compiled from assembly/ by the install, or where this machine's
// WebAssembly lacks SIMD, their twins in TypeScript. Both do the same to the same memory, bit for bit.
//
// All arrays lie in the memory that the kernels are made for; what a kernel gets is their addresses.

import {readFileSync} from 'node:fs';
import {InputFailure} from '../failure.ts';
import type {Arcs} from '../metric/hierarchy.ts';
import {ALL} from '../metric/parts.ts';
import type {WeightedArcs} from '../metric/weighted.ts';
import {type Buckets, group, meet, scan, scanLengths} from './twin/buckets.ts';
import {climbAll, type Lists} from './twin/climb.ts';
import {customize, perfect, settle} from './twin/customize.ts';
import {descend} from './twin/descend.ts';
import {type DriverBuckets, merge, nearest, sortByDigit} from './twin/nearest.ts';
import {closure, collect, compact, sweep} from './twin/sweep.ts';

export const twins = {
  group,
  scan,
  scanLengths,
  meet,
  climbAll,
  descend,
  customize,
  perfect,
  settle,
  sortByDigit,
  merge,
  nearest,
  closure,
  compact,
  sweep,
  collect,
} as const;

export type Kernels = typeof twins;

/** Where the install puts what it compiles. */
const MODULE = new URL('built/kernels.wasm', import.meta.url);

let compiled: WebAssembly.Module | null | undefined;

/** Kernels over one memory, for one thread. InputFailure `KERNELS_MISSING`. */
export function kernelsFor(memory: WebAssembly.Memory): Kernels {
  if (compiled === undefined) compiled = compile();
  return compiled === null ? twins : instantiate(compiled, memory);
}

/** null where the machine cannot run them. */
function compile(): WebAssembly.Module | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(MODULE);
  } catch {
    throw new InputFailure('KERNELS_MISSING', 'the kernels are not compiled: run node src/cli/install.mjs');
  }
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}

type Address = {readonly byteOffset: number};
type Exported = (...parameters: number[]) => number;

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const exported = new WebAssembly.Instance(module, {env: {memory}}).exports as Readonly<
    Record<keyof Kernels, Exported>
  >;
  // Addresses above 2 GiB come back negative as int32, which is what WebAssembly takes them for.
  const at = ({byteOffset}: Address): number => byteOffset;
  const arcsOf = ({first, arcs, lengthCm}: Arcs) => [at(first), at(arcs), at(lengthCm)];
  const listsOf = ({first, node, ms, cm}: Lists) => [at(first), at(node), at(ms), at(cm)];
  const bucketsOf = ({first, place, ms, cm}: Buckets) => [at(first), at(place), at(ms), at(cm)];
  const driversOf = ({first, driver, ms}: DriverBuckets) => [at(first), at(driver), at(ms)];
  return {
    customize({nodeCount, up, down, ...w}, parts = ALL, {a, b} = w.notes[0]) {
      const side = (s: WeightedArcs) =>
        [s.first, s.end, s.ms, s.via, s.cm, s.belowFirst, s.below, s.turnFirst, s.turns].map(at);
      const nodes = [w.part, w.isStale, w.isLeastStale, w.segmentCm].map(at);
      return exported.customize(nodeCount, ...nodes, ...side(up), ...side(down), parts, at(a), at(b));
    },
    perfect({nodeCount, up, down, ...w}, parts = ALL, {a, b} = w.notes[0]) {
      const side = (s: WeightedArcs) => [s.first, s.end, s.ms, s.leastMs, s.state, s.belowFirst, s.below].map(at);
      const nodes = [w.part, w.isLeastStale].map(at);
      return exported.perfect(nodeCount, ...nodes, ...side(up), ...side(down), parts, at(a), at(b));
    },
    settle({nodeCount, up, down}) {
      const side = (s: WeightedArcs) => [s.first, s.via, s.state, s.settled].map(at);
      exported.settle(nodeCount, ...side(up), ...side(down));
    },
    climbAll({side, other, parent, height}, s, seeds, firstPlace, endPlace, limitMs, isPruned, labels, capacity) {
      const arcs = [...arcsOf(side), ...arcsOf(other), at(parent), height];
      const scratch = [at(s.label), at(s.path), at(s.front)];
      const range = [firstPlace, endPlace, limitMs, isPruned ? 1 : 0];
      return exported.climbAll(...arcs, ...scratch, ...listsOf(seeds), ...range, ...listsOf(labels), capacity);
    },
    descend(nodeCount, {first, arcs}, labels, limitMs, out) {
      const [labelFirst, node, ms] = listsOf(labels);
      exported.descend(nodeCount, at(first), at(arcs), labelFirst, node, ms, limitMs, at(out));
    },
    group(nodeCount, labels, placeCount, into) {
      exported.group(nodeCount, ...listsOf(labels), placeCount, ...bucketsOf(into));
    },
    scan(labels, row, from, columnCount, out) {
      const [first, place, ms] = bucketsOf(from);
      exported.scan(at(labels.first), at(labels.node), at(labels.ms), row, first, place, ms, columnCount, at(out));
    },
    scanLengths(labels, row, from, columnCount, out, outCm) {
      exported.scanLengths(...listsOf(labels), row, ...bucketsOf(from), columnCount, at(out), at(outCm));
    },
    meet(rows, row, places, member, firstMember, endMember, noted, out) {
      const group = [at(rows.first), at(rows.node), at(rows.ms), row];
      const members = [at(places.first), at(places.node), at(places.ms), at(member), firstMember, endMember];
      exported.meet(...group, ...members, at(noted), at(out));
    },
    sortByDigit(keys, order, count, shift, counts, sorted) {
      exported.sortByDigit(at(keys), at(order), count, shift, at(counts), at(sorted));
    },
    merge(nodeCount, old, isMoved, labels, newFirst, grouped, out) {
      const columns = [at(labels.order), at(labels.node), at(labels.driver), at(labels.ms)];
      const work = [at(newFirst), at(grouped)];
      exported.merge(nodeCount, ...driversOf(old), at(isMoved), labels.count, ...columns, ...work, ...driversOf(out));
    },
    nearest(labels, row, from, given, s, limitMs, k, out) {
      const label = [at(labels.first), at(labels.node), at(labels.ms), row];
      const lists = [...driversOf(from), ...driversOf(given), at(s.isGiven)];
      const heap = [at(s.heapDriver), at(s.heapMs), at(s.place), at(s.tie)];
      exported.nearest(...label, ...lists, limitMs, k, ...heap, ...driversOf(out));
    },
    closure({first, arcs}, bits, firstWord, wordCount, nodes) {
      return exported.closure(at(first), at(arcs), at(bits), firstWord, wordCount, at(nodes));
    },
    compact({first, arcs}, nodes, count, localOf, localFirst, localArcs) {
      exported.compact(at(first), at(arcs), at(nodes), count, at(localOf), at(localFirst), at(localArcs));
    },
    sweep({first, arcs}, s, firstSeed, seedNode, seedMs, row, laneCount, columns) {
      const scratch = [at(s.bits), s.wordCount, at(s.nodes), at(s.localOf), at(s.risen)];
      const rows = [at(firstSeed), at(seedNode), at(seedMs), row, laneCount];
      const targets = [at(columns.nodes), columns.count, at(columns.first), at(columns.arcs)];
      exported.sweep(at(first), at(arcs), ...scratch, ...rows, ...targets, at(s.fallen));
    },
    collect(fallen, laneCount, firstEnd, endLocal, endMs, columnCount, out, row, rowStep, columnStep) {
      const ends = [at(firstEnd), at(endLocal), at(endMs), columnCount];
      exported.collect(at(fallen), laneCount, ...ends, at(out), row, rowStep, columnStep);
    },
  };
}
