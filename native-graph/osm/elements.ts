// What every reader of a map file shows: its nodes, ways and relations, one by one, in the order of the file.
// Nothing is promised of that order: ways may come before their nodes, ids may be unsorted, nodes may be absent.

/** The tags of one object, valid only during the call that hands them over. */
export type Tags = {
  get(key: string): string | undefined;
};

export type Member = {readonly kind: 'node' | 'way' | 'relation'; readonly id: number; readonly role: string};

/**
 * What to do with each object. A reader skips the kinds that are left out, as cheaply as its format allows. Everything
 * handed over is valid during the call only. Ids are integers, exact below 2^53, and may be negative.
 */
export type MapVisitor = {
  /** WGS84 degrees times 1e7, in range. */
  node?(id: number, latE7: number, lonE7: number, tags: Tags): void;
  way?(id: number, refs: ArrayLike<number>, tags: Tags): void;
  relation?(id: number, members: readonly Member[], tags: Tags): void;
};

/** The most node references, members or tags of one object; OSM itself allows 2,000 nodes and 32,000 members. */
export const PARTS_LIMIT = 1_000_000;

export const NO_TAGS: Tags = {get: () => undefined};

export const isId = (id: number): boolean => Number.isSafeInteger(id);

/** False for NaN too. */
export const onEarth = (latE7: number, lonE7: number): boolean =>
  Math.abs(latE7) <= 900_000_000 && Math.abs(lonE7) <= 1_800_000_000;
