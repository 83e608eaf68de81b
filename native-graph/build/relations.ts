// Restriction relations become paths of directed edges.
//
// A relation names ways and perhaps a node; edges are pieces of ways. A way that ends at the node offers one edge
// there, one that runs through it two, each in its drivable direction. Where more than one path fits, those stay whose
// turn leads where the relation says (left, right, straight on, back); if that leaves none, the relation is counted,
// not guessed at.

import type {Member, Tags} from '../osm/elements.ts';
import {type Rule, type Sense, turnRule} from '../profile/restriction.ts';
import {turnAngleDeg} from './bearings.ts';
import type {NetworkArrays, Restriction} from './network.ts';
import {countDrop, type Drops} from './roads.ts';
import {headOf, tailOf, travelMsOf} from './turns.ts';

type Relation = Rule & {
  readonly id: number;
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly viaNode: number | undefined;
  readonly viaWays: readonly number[];
};

/** Via ways that fork could be walked in endless ways; one that needs more steps than this is counted as unmatched. */
const VIA_STEPS = 1_000;

/** Degrees from straight on within which a turn is called straight, and from back within which it is called back. */
const STRAIGHT_DEG = 40;
const BACK_DEG = 30;

export class RelationCollector {
  readonly #relations = new Map<number, Relation>();

  add(id: number, members: readonly Member[], tags: Tags, drops: Drops): void {
    const rule = turnRule(tags);
    if (rule === undefined || this.#relations.has(id)) return;
    if (typeof rule === 'string') {
      countDrop(drops, `restriction-${rule}`);
      return;
    }
    const ids = (role: string, kind: Member['kind']): number[] =>
      members.filter((member) => member.role === role && member.kind === kind).map((member) => member.id);
    const [from, to, viaNodes, viaWays] = [ids('from', 'way'), ids('to', 'way'), ids('via', 'node'), ids('via', 'way')];
    const isClear = from.length > 0 && to.length > 0 && (viaNodes.length === 1) !== viaWays.length > 0;
    if (isClear) this.#relations.set(id, {...rule, id, from, to, viaNode: viaNodes[0], viaWays});
    else countDrop(drops, 'restriction-malformed');
  }

  /** By ascending id, in terms of the edges made from ways; `edgeWay` is the way of each edge. */
  restrictions(network: NetworkArrays, edgeWay: Float64Array, drops: Drops): Restriction[] {
    const wanted = new Set<number>();
    for (const {from, to, viaWays} of this.#relations.values()) {
      for (const way of [...from, ...to, ...viaWays]) wanted.add(way);
    }
    const edgesOf = new Map<number, number[]>();
    edgeWay.forEach((way, edge) => {
      if (!wanted.has(way)) return;
      const known = edgesOf.get(way);
      if (known === undefined) edgesOf.set(way, [edge]);
      else known.push(edge);
    });
    const found: Restriction[] = [];
    for (const whole of [...this.#relations.values()].sort((a, b) => a.id - b.id)) {
      const relation = present(whole, edgesOf);
      if (relation === undefined) {
        countDrop(drops, 'restriction-incomplete');
        continue;
      }
      const paths = fitting(network, relation.sense, pathsOf(network, relation, edgesOf));
      if (paths.length === 0) countDrop(drops, 'restriction-unmatched');
      for (const path of paths) found.push({only: relation.only, path});
    }
    return found;
  }
}

/**
 * Without the members that are no roads here, such as a footway or what lies beyond an extract's border; undefined
 * where the rest would mean something else: without a via way, without any approach or goal, or fewer goals where only
 * they are allowed.
 */
function present(relation: Relation, edgesOf: ReadonlyMap<number, unknown>): Relation | undefined {
  const here = (ways: readonly number[]): number[] => ways.filter((way) => edgesOf.has(way));
  const [from, to] = [here(relation.from), here(relation.to)];
  const keepsGoals = relation.only ? to.length === relation.to.length : to.length > 0;
  const keepsVia = here(relation.viaWays).length === relation.viaWays.length;
  return from.length > 0 && keepsGoals && keepsVia ? {...relation, from, to} : undefined;
}

const bothWays = (network: NetworkArrays, edges: readonly number[]): number[] =>
  edges.flatMap((edge) => [2 * edge, 2 * edge + 1]).filter((directed) => travelMsOf(network, directed) > 0);

/** The ways through the members, shortest first, as far as they may be driven. */
function pathsOf(network: NetworkArrays, relation: Relation, edgesOf: Map<number, number[]>): number[][] {
  const directed = (ways: readonly number[]): number[] =>
    bothWays(
      network,
      ways.flatMap((way) => edgesOf.get(way) as number[]),
    );
  const entries = directed(relation.from);
  const exits = directed(relation.to);
  if (relation.viaNode !== undefined) {
    const at = (junction: number): boolean => network.junctionOsmId[junction] === relation.viaNode;
    return entries
      .filter((d) => at(headOf(network, d)))
      .flatMap((d) => exits.filter((next) => tailOf(network, next) === headOf(network, d)).map((next) => [d, next]));
  }
  const wayOf = new Map(relation.viaWays.flatMap((way) => (edgesOf.get(way) as number[]).map((edge) => [edge, way])));
  const through = directed(relation.viaWays);
  const ways = new Set(relation.viaWays).size;
  const whole: number[][] = [];
  // Breadth first: what is found first is shortest, and longer ways round the same members are not meant.
  const begun = entries.map((d) => [d]);
  for (const path of begun) {
    if (begun.length > VIA_STEPS) return [];
    if (whole.length > 0 && path.length >= whole[0].length) break;
    const junction = headOf(network, path[path.length - 1]);
    const touched = new Set(path.slice(1).map((d) => wayOf.get(d >>> 1)));
    if (touched.size === ways) {
      for (const next of exits) if (tailOf(network, next) === junction) whole.push([...path, next]);
    }
    for (const next of through) {
      const isNew = !path.some((d) => d >>> 1 === next >>> 1);
      if (isNew && tailOf(network, next) === junction) begun.push([...path, next]);
    }
  }
  return whole;
}

function fitting(network: NetworkArrays, sense: Sense, paths: number[][]): number[][] {
  if (sense === 'any') return paths;
  // Turning back on the street itself is meant by no_u_turn alone.
  const meant = paths.filter((path) => (path[0] ^ 1) !== path[path.length - 1] || sense === 'back');
  if (meant.length < 2) return meant;
  return meant.filter((path) => leads(turnAngleDeg(network, path[0], path[path.length - 1])) === sense);
}

function leads(angleDeg: number): Sense {
  if (Math.abs(angleDeg) <= STRAIGHT_DEG) return 'straight';
  if (Math.abs(angleDeg) >= 180 - BACK_DEG) return 'back';
  return angleDeg > 0 ? 'right' : 'left';
}
