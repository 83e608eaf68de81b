// Writes the edges of a network one after another, each from its tail through its shape points to its head.
//
// Invariant: drawing, length and times of an edge come from the same nodes, so they agree to rounding.

import {METRES_PER_E7, RADIANS_PER_E7} from '../geometry.ts';
import {Column} from '../osm/column.ts';
import type {NodeTable} from '../osm/node-table.ts';
import {CONTROLS, controlTowards, isDirected, TURNS} from '../profile/turns.ts';
import type {RoadNetwork} from './network.ts';
import type {Roads} from './roads.ts';

const EARTH_RADIUS_M = METRES_PER_E7 / RADIANS_PER_E7;
/** Whatever takes six days, or is longer than the array can say, has damaged coordinates; it is cut to these. */
const LONGEST_MS = 2 ** 29;
const LONGEST_CM = 2 ** 32 - 1;
const MS_KMH_PER_M = 3600;

type Edges = Omit<RoadNetwork, 'source' | 'junctionLatE7' | 'junctionLonE7' | 'junctionOsmId'> & EdgeFacts;

/** What restrictions and turn costs are made from. */
export type EdgeFacts = {
  /** By edge: the id of its way. */
  readonly edgeWay: Float64Array;
  /** By directed edge: what a driver meets at its end, an index into CONTROLS. */
  readonly control: Uint8Array;
};

/** Something that delays drivers on the way. */
type Met = {readonly byte: number; readonly atM: number};

export class EdgeWriter {
  readonly #roads: Roads;
  readonly #nodes: NodeTable;
  readonly #tail = new Column(Uint32Array);
  readonly #head = new Column(Uint32Array);
  readonly #forwardMs = new Column(Uint32Array);
  readonly #backwardMs = new Column(Uint32Array);
  readonly #lengthCm = new Column(Uint32Array);
  readonly #firstPoint = new Column(Uint32Array);
  readonly #pointLatE7 = new Column(Int32Array);
  readonly #pointLonE7 = new Column(Int32Array);
  readonly #pointOsmId = new Column(Float64Array);
  readonly #roadClass = new Column(Uint8Array);
  readonly #name = new Column(Uint32Array);
  readonly #way = new Column(Float64Array);
  readonly #control = new Column(Uint8Array);
  /** By name of the roads: its place in the network's names, once an edge has it. */
  readonly #nameIndex = new Map<number, number>([[0, 0]]);
  /** The edge in hand: its tail, the node it has come to, how far that is, and where its points start. */
  #from = 0;
  #node = 0;
  #metres = 0;
  #start = 0;
  /** What delays drivers at the edge's tail, and in between. */
  #tailControl = 0;
  #met: Met[] = [];

  constructor(roads: Roads, nodes: NodeTable) {
    this.#roads = roads;
    this.#nodes = nodes;
  }

  begin(tail: number, node: number): void {
    this.#from = tail;
    this.#node = node;
    this.#metres = 0;
    this.#start = this.#pointLatE7.length;
    this.#tailControl = this.#nodes.control[node];
    this.#met = [];
  }

  /** Goes on to a node that is no junction. A node at the place of the one before it is no new point. */
  through(node: number): void {
    const {latE7, lonE7} = this.#nodes;
    const isNew = latE7[node] !== latE7[this.#node] || lonE7[node] !== lonE7[this.#node];
    this.#goTo(node);
    if (isNew) this.#addPoint(node);
    if (this.#nodes.control[node] > 0) this.#met.push({byte: this.#nodes.control[node], atM: this.#metres});
  }

  /** Ends the edge at a junction. A loop that never left its place keeps one point, so that it can be drawn. */
  end(head: number, node: number, road: number): void {
    const {latE7, lonE7} = this.#nodes;
    const {forwardKmh, backwardKmh, roadClass, name, wayId} = this.#roads;
    this.#goTo(node);
    const last = this.#pointLatE7.length - 1;
    const isLastAtHead =
      last >= this.#start && this.#pointLatE7.at(last) === latE7[node] && this.#pointLonE7.at(last) === lonE7[node];
    if (isLastAtHead) this.#pointLatE7.length = this.#pointLonE7.length = this.#pointOsmId.length = last;
    if (this.#from === head && this.#pointLatE7.length === this.#start) this.#addPoint(node);
    this.#tail.push(this.#from);
    this.#head.push(head);
    this.#forwardMs.push(durationMs(this.#metres, forwardKmh[road], this.#delayMs(true)));
    this.#backwardMs.push(durationMs(this.#metres, backwardKmh[road], this.#delayMs(false)));
    this.#lengthCm.push(Math.min(LONGEST_CM, Math.round(this.#metres * 100)));
    this.#firstPoint.push(this.#start);
    this.#roadClass.push(roadClass[road]);
    this.#name.push(this.#indexOf(name[road]));
    this.#way.push(wayId[road]);
    this.#control.push(controlTowards(this.#nodes.control[node], true));
    this.#control.push(controlTowards(this.#tailControl, false));
  }

  /** A sign that tells no direction is meant for those who come to the nearer junction; lights are for both. */
  #delayMs(along: boolean): number {
    let seconds = 0;
    for (const {byte, atM} of this.#met) {
      const control = CONTROLS[controlTowards(byte, along)];
      const isAhead = atM * 2 >= this.#metres === along;
      if (control === 'traffic_signals' || isDirected(byte) || isAhead) seconds += TURNS.controlS[control];
    }
    return seconds * 1000;
  }

  take(): Edges {
    this.#firstPoint.push(this.#pointLatE7.length);
    return {
      edgeTail: this.#tail.copy(),
      edgeHead: this.#head.copy(),
      edgeForwardMs: this.#forwardMs.copy(),
      edgeBackwardMs: this.#backwardMs.copy(),
      edgeLengthCm: this.#lengthCm.copy(),
      firstPoint: this.#firstPoint.copy(),
      pointLatE7: this.#pointLatE7.copy(),
      pointLonE7: this.#pointLonE7.copy(),
      pointOsmId: this.#pointOsmId.copy(),
      edgeClass: this.#roadClass.copy(),
      edgeName: this.#name.copy(),
      edgeWay: this.#way.copy(),
      control: this.#control.copy(),
      names: [...this.#nameIndex.keys()].map((name) => this.#roads.names[name]),
    };
  }

  #goTo(node: number): void {
    const {latE7, lonE7} = this.#nodes;
    this.#metres += haversineM(latE7[this.#node], lonE7[this.#node], latE7[node], lonE7[node]);
    this.#node = node;
  }

  #addPoint(node: number): void {
    this.#pointLatE7.push(this.#nodes.latE7[node]);
    this.#pointLonE7.push(this.#nodes.lonE7[node]);
    this.#pointOsmId.push(this.#nodes.ids[node]);
  }

  #indexOf(name: number): number {
    const known = this.#nameIndex.get(name);
    if (known !== undefined) return known;
    this.#nameIndex.set(name, this.#nameIndex.size);
    return this.#nameIndex.size - 1;
  }
}

/** 0 where it is not drivable; else at least 1, even for no length at all. */
function durationMs(metres: number, kmh: number, delayMs: number): number {
  if (kmh === 0) return 0;
  return Math.min(LONGEST_MS, Math.max(1, Math.round((metres * MS_KMH_PER_M) / kmh) + delayMs));
}

/** Metres on a sphere of the mean radius; right across the antimeridian, where sines wrap by themselves. */
export function haversineM(latA: number, lonA: number, latB: number, lonB: number): number {
  const sinLat = Math.sin(((latB - latA) / 2) * RADIANS_PER_E7);
  const sinLon = Math.sin(((lonB - lonA) / 2) * RADIANS_PER_E7);
  const cosines = Math.cos(latA * RADIANS_PER_E7) * Math.cos(latB * RADIANS_PER_E7);
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(sinLat * sinLat + cosines * sinLon * sinLon)));
}
