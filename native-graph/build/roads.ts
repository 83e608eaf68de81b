// The ways that cars may drive, gathered in one pass over a map: columns by road, and the node ids they run through.

import {Column} from '../osm/column.ts';
import type {Left, MapVisitor, Member, Tags, Wanted} from '../osm/elements.ts';
import {CAR} from '../profile/car.ts';
import {driveWay, type Refusal} from '../profile/way.ts';
import {RelationCollector} from './relations.ts';

/** Why a way, or a part of one, is not in the network. */
export type DropReason =
  | Refusal
  | 'too-few-nodes'
  | 'missing-nodes'
  | 'duplicate-way'
  | 'barrier'
  | RestrictionDrop
  | IgnoredTag;

type IgnoredTag = (typeof CAR.ignoredKeys)[keyof typeof CAR.ignoredKeys];
const IGNORED = Object.entries(CAR.ignoredKeys);

/**
 * `conditional` holds at times only; `incomplete` names roads that are not here; `unmatched` leads nowhere cars may
 * go.
 */
type RestrictionDrop = `restriction-${'conditional' | 'malformed' | 'incomplete' | 'unmatched'}`;

/** How often something was left out, by reason. */
export type Drops = Partial<Record<DropReason, number>>;

export const countDrop = (drops: Drops, reason: DropReason, count = 1): void => {
  drops[reason] = (drops[reason] ?? 0) + count;
};

/** Columns by road, in the order of the file. */
export type Roads = {
  readonly wayId: Float64Array;
  /** roadCount + 1 entries: the nodes of road r are refs [firstRef[r], firstRef[r + 1]). */
  readonly firstRef: Uint32Array;
  readonly refs: Float64Array;
  readonly roadClass: Uint8Array;
  /** km/h along and against the order of the nodes; 0 = not drivable that way. */
  readonly forwardKmh: Float64Array;
  readonly backwardKmh: Float64Array;
  /** Seconds for the whole way, instead of the speeds; 0 where none is mapped. */
  readonly durationS: Float64Array;
  /** Index into names. */
  readonly name: Uint32Array;
  readonly names: readonly string[];
};

export class RoadCollector implements MapVisitor {
  /** Ways of any kind that came by. */
  ways = 0;
  readonly drops: Drops = {};
  readonly relations = new RelationCollector();
  /** Whatever `driveWay` and the relations may make use of; from a PBF nothing else comes by. */
  readonly wanted: Wanted = {wayKeys: ['highway', 'route'], relationTypes: ['restriction']};
  readonly #wayId = new Column(Float64Array);
  readonly #firstRef = new Column(Uint32Array);
  readonly #refs = new Column(Float64Array);
  readonly #roadClass = new Column(Uint8Array);
  readonly #forwardKmh = new Column(Float64Array);
  readonly #backwardKmh = new Column(Float64Array);
  readonly #durationS = new Column(Float64Array);
  readonly #name = new Column(Uint32Array);
  readonly #nameIndex = new Map<string, number>([['', 0]]);

  way(id: number, refs: ArrayLike<number>, tags: Tags): void {
    this.ways++;
    const drive = driveWay(tags);
    if (drive === undefined) return;
    if (typeof drive === 'string') {
      countDrop(this.drops, drive);
      return;
    }
    this.#wayId.push(id);
    this.#firstRef.push(this.#refs.length);
    for (let i = 0; i < refs.length; i++) this.#refs.push(refs[i]);
    this.#roadClass.push(drive.roadClass);
    this.#forwardKmh.push(drive.forwardKmh);
    this.#backwardKmh.push(drive.backwardKmh);
    this.#durationS.push(drive.durationS ?? 0);
    for (const [key, ignored] of IGNORED) if (tags.get(key) !== undefined) countDrop(this.drops, ignored);
    this.#name.push(this.#indexOf(tags.get('name') ?? tags.get('ref') ?? ''));
  }

  relation(id: number, members: readonly Member[], tags: Tags): void {
    this.relations.add(id, members, tags, this.drops);
  }

  left({way}: Left): void {
    this.ways += way;
  }

  /** What was gathered; the collector must not be used afterwards. */
  roads(): Roads {
    this.#firstRef.push(this.#refs.length);
    return {
      wayId: this.#wayId.view(),
      firstRef: this.#firstRef.view(),
      refs: this.#refs.view(),
      roadClass: this.#roadClass.view(),
      forwardKmh: this.#forwardKmh.view(),
      backwardKmh: this.#backwardKmh.view(),
      durationS: this.#durationS.view(),
      name: this.#name.view(),
      names: [...this.#nameIndex.keys()],
    };
  }

  #indexOf(name: string): number {
    const known = this.#nameIndex.get(name);
    if (known !== undefined) return known;
    this.#nameIndex.set(name, this.#nameIndex.size);
    return this.#nameIndex.size - 1;
  }
}
