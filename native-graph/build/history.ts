// What a driver must remember of the way so far, so that turn restrictions over any number of edges are kept exactly.
//
// A restriction is a path of directed edges that may not be driven one after another. The paths form a trie; the state
// of a driver is the longest end of the way so far that is the beginning of a path. A. Aho and M. Corasick, "Efficient
// string matching", Comm. ACM 18 (1975), 333-340, with directed edges for letters.
//
// Invariant: a step is refused exactly when the way so far, with it, ends in a forbidden path. For the state holds
// every end of the way that a path could still continue, and a state inherits the refusals of the shorter ends it
// holds.
//
// A state of one edge is that directed edge itself, so a network without restrictions has no other states; longer
// states are numbered behind. They become the copies of segments that only a restricted approach leads to.

import type {Restriction, RoadNetwork} from './network.ts';
import {headOf, type Leaving} from './turns.ts';

const NOTHING = -1;

export class History {
  readonly #directedCount: number;
  /** By directed edge: 1 where a forbidden path begins. */
  readonly #begins: Uint8Array;
  /** By longer state, less directedCount: its last edge, the next shorter state it ends in, whether it is refused. */
  readonly #last: number[] = [];
  readonly #shorter: number[] = [];
  readonly #refused: boolean[] = [];
  /** From state * directedCount + directed edge to the longer state. */
  readonly #longer = new Map<number, number>();

  /** O(n log n) over the edges of the paths. */
  constructor(directedCount: number, paths: readonly (readonly number[])[]) {
    this.#directedCount = directedCount;
    this.#begins = new Uint8Array(directedCount);
    // By length, so that every shorter state is complete before a longer one looks it up.
    const longest = paths.reduce((most, path) => Math.max(most, path.length), 0);
    for (let length = 2; length <= longest; length++) {
      for (const path of paths) if (path.length >= length) this.#add(path, length);
    }
  }

  /** The directed edge that a state is on. */
  directedOf(state: number): number {
    return state < this.#directedCount ? state : this.#last[state - this.#directedCount];
  }

  /** The state after driving on into a directed edge, or -1 where a restriction forbids it. */
  step(state: number, directed: number): number {
    if (state < this.#directedCount && this.#begins[state] === 0) return directed;
    const next = this.#match(state, directed);
    return next >= this.#directedCount && this.#refused[next - this.#directedCount] ? NOTHING : next;
  }

  #match(state: number, directed: number): number {
    for (let from = state; from !== NOTHING; from = this.#shorterOf(from)) {
      const next = this.#longer.get(from * this.#directedCount + directed);
      if (next !== undefined) return next;
    }
    return directed;
  }

  #shorterOf(state: number): number {
    return state < this.#directedCount ? NOTHING : this.#shorter[state - this.#directedCount];
  }

  /** Adds the state of the first `length` edges of a path; those of fewer are there. */
  #add(path: readonly number[], length: number): void {
    this.#begins[path[0]] = 1;
    let state = path[0];
    for (let i = 1; i < length - 1; i++) state = this.#longer.get(state * this.#directedCount + path[i]) as number;
    const last = path[length - 1];
    const key = state * this.#directedCount + last;
    let next = this.#longer.get(key);
    if (next === undefined) {
      next = this.#directedCount + this.#last.length;
      const before = this.#shorterOf(state);
      const shorter = before === NOTHING ? last : this.#match(before, last);
      this.#last.push(last);
      this.#shorter.push(shorter);
      this.#refused.push(shorter >= this.#directedCount && this.#refused[shorter - this.#directedCount]);
      this.#longer.set(key, next);
    }
    if (length === path.length) this.#refused[next - this.#directedCount] = true;
  }
}

/**
 * The paths that may not be driven. After a path that leads to an `only`, every edge is forbidden that no `only` of
 * the same approach names.
 */
export function forbiddenPaths(network: RoadNetwork, leaving: Leaving): readonly (readonly number[])[] {
  const paths: (readonly number[])[] = [];
  const allowed = new Map<string, {approach: readonly number[]; next: Set<number>}>();
  for (const {only, path} of network.restrictions ?? []) {
    if (!only) {
      paths.push(path);
      continue;
    }
    const approach = path.slice(0, -1);
    const key = approach.join(' ');
    const known = allowed.get(key) ?? {approach, next: new Set()};
    allowed.set(key, known);
    known.next.add(path[path.length - 1]);
  }
  for (const {approach, next} of allowed.values()) {
    const junction = headOf(network, approach[approach.length - 1]);
    for (let i = leaving.first[junction]; i < leaving.first[junction + 1]; i++) {
      if (!next.has(leaving.directed[i])) paths.push([...approach, leaving.directed[i]]);
    }
  }
  return paths.filter(hangsTogether(network));
}

/** Where a path does not hang together, nobody drives it. */
const hangsTogether =
  (network: RoadNetwork) =>
  (path: Restriction['path']): boolean =>
    path.every((directed, i) => i === 0 || headOf(network, path[i - 1]) === headOf(network, directed ^ 1));
