// What every reader of a map file shows: its nodes, ways and relations, one by one, in the order of the file.
// Nothing is promised of that order: ways may come before their nodes, ids may be unsorted, nodes may be absent.

/** The tags of one object, valid only during the call that hands them over. */
export type Tags = {
  get(key: string): string | undefined;
};

export type Member = {readonly kind: 'node' | 'way' | 'relation'; readonly id: number; readonly role: string};

/**
 * What a visitor can do without: a reader may leave out all else, or not. Plain data, sent to the threads that read.
 */
export type Wanted = {
  /** Ascending, on shared memory: the nodes to show. All, where it is missing. */
  readonly nodeIds?: Float64Array;
  /** The ways to show have one of these keys. */
  readonly wayKeys?: readonly string[];
  /** The relations to show have one of these values of `type`. */
  readonly relationTypes?: readonly string[];
};

/** How many objects a reader left out because they are not wanted. */
export type Left = Readonly<Record<Member['kind'], number>>;

/**
 * What to do with each object. A reader skips the kinds that are left out, as cheaply as its format allows. Everything
 * handed over is valid during the call only. Ids are integers, exact below 2^53, and may be negative.
 */
export type MapVisitor = {
  /** WGS84 degrees times 1e7, in range. */
  node?(id: number, latE7: number, lonE7: number, tags: Tags): void;
  way?(id: number, refs: ArrayLike<number>, tags: Tags): void;
  relation?(id: number, members: readonly Member[], tags: Tags): void;
  readonly wanted?: Wanted;
  /** Now and then: what was left out since the last call, of the kinds that the visitor looks at. */
  left?(count: Left): void;
};

/** The most node references, members or tags of one object; OSM itself allows 2,000 nodes and 32,000 members. */
export const PARTS_LIMIT = 1_000_000;

export const NO_TAGS: Tags = {get: () => undefined};

export const isId = (id: number): boolean => Number.isSafeInteger(id);

/** False for NaN too. */
export const onEarth = (latE7: number, lonE7: number): boolean =>
  Math.abs(latE7) <= 900_000_000 && Math.abs(lonE7) <= 1_800_000_000;
