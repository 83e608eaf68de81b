// What a visitor wants of one block, as columns that can be handed from thread to thread, and shown to the visitor
// afterwards. Whoever reads the file replays the digests in the order of the blocks, so the visitor sees the same
// calls, whichever thread has read which block and when.

import {Column} from './column.ts';
import type {Left, MapVisitor, Member, Tags, Wanted} from './elements.ts';
import {placeOf} from './node-table.ts';
import type {PbfTags} from './pbf-tags.ts';

type Kind = Member['kind'];
const KINDS: readonly Kind[] = ['node', 'way', 'relation'];

/** Objects of one kind, one after another in the block. Parts are a way's nodes, or a relation's members. */
type Group = {
  readonly kind: Kind;
  readonly id: Float64Array;
  /** By node. */
  readonly latE7: Int32Array;
  readonly lonE7: Int32Array;
  /** By object: where its parts end, and its tags; they begin where those of the object before end. */
  readonly endPart: Uint32Array;
  readonly endTag: Uint32Array;
  readonly part: Float64Array;
  /** By member of a relation: index into KINDS, and a string. */
  readonly partKind: Uint8Array;
  readonly partRole: Uint32Array;
  /** Two strings a tag: key, value. */
  readonly tag: Uint32Array;
};

export type Digest = {
  /** The strings that the objects use, each once. */
  readonly strings: readonly string[];
  readonly groups: readonly Group[];
  readonly left: Left;
};

/** Gathers what is wanted; the rest is counted. */
export class DigestWriter implements MapVisitor {
  readonly #wanted: Wanted;
  readonly #left = {node: 0, way: 0, relation: 0};
  readonly #groups: Group[] = [];
  readonly #strings = new Map<string, number>();
  #group: GroupWriter | undefined;
  #near = 0;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  node(id: number, latE7: number, lonE7: number, tags: Tags): void {
    const {nodeIds} = this.#wanted;
    if (nodeIds !== undefined) {
      this.#near = placeOf(nodeIds, id, this.#near);
      if (nodeIds[this.#near] !== id) {
        this.#left.node++;
        return;
      }
    }
    const group = this.#begin('node', id, tags);
    group.latE7.push(latE7);
    group.lonE7.push(lonE7);
  }

  way(id: number, refs: ArrayLike<number>, tags: Tags): void {
    if (!hasOne(tags, this.#wanted.wayKeys)) {
      this.#left.way++;
      return;
    }
    const group = this.#begin('way', id, tags);
    for (let i = 0; i < refs.length; i++) group.part.push(refs[i]);
    group.endPart.push(group.part.length);
  }

  relation(id: number, members: readonly Member[], tags: Tags): void {
    const {relationTypes} = this.#wanted;
    if (relationTypes !== undefined && !relationTypes.includes(tags.get('type') ?? '')) {
      this.#left.relation++;
      return;
    }
    const group = this.#begin('relation', id, tags);
    for (const member of members) {
      group.part.push(member.id);
      group.partKind.push(KINDS.indexOf(member.kind));
      group.partRole.push(this.#indexOf(member.role));
    }
    group.endPart.push(group.part.length);
  }

  take(): Digest {
    this.#endGroup();
    return {strings: [...this.#strings.keys()], groups: this.#groups, left: this.#left};
  }

  #begin(kind: Kind, id: number, tags: Tags): GroupWriter {
    if (this.#group?.kind !== kind) {
      this.#endGroup();
      this.#group = new GroupWriter(kind);
    }
    const group = this.#group as GroupWriter;
    group.id.push(id);
    (tags as PbfTags).forEach((key, value) => {
      group.tag.push(this.#indexOf(key));
      group.tag.push(this.#indexOf(value));
    });
    group.endTag.push(group.tag.length);
    return group;
  }

  #endGroup(): void {
    if (this.#group) this.#groups.push(this.#group.take());
    this.#group = undefined;
  }

  #indexOf(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    this.#strings.set(text, this.#strings.size);
    return this.#strings.size - 1;
  }
}

function hasOne(tags: Tags, keys: readonly string[] | undefined): boolean {
  if (keys === undefined) return true;
  for (const key of keys) if (tags.get(key) !== undefined) return true;
  return false;
}

class GroupWriter {
  readonly kind: Kind;
  readonly id = new Column(Float64Array, FEW);
  readonly latE7 = new Column(Int32Array, FEW);
  readonly lonE7 = new Column(Int32Array, FEW);
  readonly endPart = new Column(Uint32Array, FEW);
  readonly endTag = new Column(Uint32Array, FEW);
  readonly part = new Column(Float64Array, FEW);
  readonly partKind = new Column(Uint8Array, FEW);
  readonly partRole = new Column(Uint32Array, FEW);
  readonly tag = new Column(Uint32Array, FEW);

  constructor(kind: Kind) {
    this.kind = kind;
  }

  take(): Group {
    return {
      kind: this.kind,
      id: this.id.copy(),
      latE7: this.latE7.copy(),
      lonE7: this.lonE7.copy(),
      endPart: this.endPart.copy(),
      endTag: this.endTag.copy(),
      part: this.part.copy(),
      partKind: this.partKind.copy(),
      partRole: this.partRole.copy(),
      tag: this.tag.copy(),
    };
  }
}

/** Columns of a group start small: a block that alternates between kinds has many groups. */
const FEW = 16;

/** Shows the digest's objects in their order, then what was left out of it. */
export function replay({strings, groups, left}: Digest, visitor: MapVisitor): void {
  const tags = new DigestTags(strings);
  for (const group of groups) replayGroup(group, strings, tags, visitor);
  visitor.left?.(left);
}

function replayGroup(group: Group, strings: readonly string[], tags: DigestTags, visitor: MapVisitor): void {
  const {kind, id, latE7, lonE7, endPart, part, partKind, partRole} = group;
  let partBegin = 0;
  tags.column = group.tag;
  tags.end = 0;
  for (let i = 0; i < id.length; i++) {
    tags.begin = tags.end;
    tags.end = group.endTag[i];
    if (kind === 'node') visitor.node?.(id[i], latE7[i], lonE7[i], tags);
    else if (kind === 'way') visitor.way?.(id[i], part.subarray(partBegin, endPart[i]), tags);
    else {
      const members: Member[] = [];
      for (let p = partBegin; p < endPart[i]; p++) {
        members.push({kind: KINDS[partKind[p]], id: part[p], role: strings[partRole[p]]});
      }
      visitor.relation?.(id[i], members, tags);
    }
    if (kind !== 'node') partBegin = endPart[i];
  }
}

class DigestTags implements Tags {
  column: Uint32Array = new Uint32Array(0);
  /** The object in hand has column [begin, end). */
  begin = 0;
  end = 0;
  readonly #strings: readonly string[];

  constructor(strings: readonly string[]) {
    this.#strings = strings;
  }

  get(key: string): string | undefined {
    for (let i = this.begin; i < this.end; i += 2) {
      if (this.#strings[this.column[i]] === key) return this.#strings[this.column[i + 1]];
    }
    return undefined;
  }
}
