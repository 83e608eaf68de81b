// The cost of each turn of a network, from its drawing, its road classes and what stands at its junctions.
//
// Where two edges meet and nothing else does, the road continues and only what stands there delays a driver. Junctions
// count with all their roads, those included that nobody may enter: they are what makes a driver slow down.

import {ROAD_CLASSES} from '../profile/car.ts';
import {angleS, CONTROLS, TURNS} from '../profile/turns.ts';
import {angleBetween, bearingDeg} from './bearings.ts';
import type {Delays, RoadNetwork} from './network.ts';
import {headOf, type TurnCost, travelMsOf} from './turns.ts';

const STOP_MINOR = CONTROLS.indexOf('stop_minor');
/** By road class: how large, 0 for what nobody gives way to without a sign. Links lead to a road and are not it. */
const SIZE = ROAD_CLASSES.map((name) => {
  const place = (TURNS.largerRoads as readonly string[]).indexOf(name);
  return place < 0 ? 0 : TURNS.largerRoads.length - place;
});

/** Costs for the edges of this network. O(m) to prepare, with five bytes a directed edge; each turn then costs O(1). */
export function turnCosts(network: RoadNetwork, {drivingSide, control}: Delays): TurnCost {
  const {edgeTail, edgeHead, edgeClass, edgeLengthCm} = network;
  const junctionCount = network.junctionLatE7.length;
  const leavesDeg = Float32Array.from(control, (_, directed) => bearingDeg(network, directed));
  /** By junction: ends of edges; the largest size of road, and how many ends have it; the highest speed, cm per ms. */
  const roads = new Uint32Array(junctionCount);
  const largest = new Uint8Array(junctionCount);
  const largestEnds = new Uint8Array(junctionCount);
  const fastest = new Float32Array(junctionCount);
  const speedOf = (directed: number): number =>
    travelMsOf(network, directed) === 0 ? 0 : edgeLengthCm[directed >>> 1] / travelMsOf(network, directed);
  for (let directed = 0; directed < control.length; directed++) {
    const junction = headOf(network, directed);
    const size = SIZE[edgeClass[directed >>> 1]];
    roads[junction]++;
    if (size > largest[junction]) largestEnds[junction] = 0;
    if (size >= largest[junction]) largestEnds[junction] = Math.min(255, largestEnds[junction] + 1);
    largest[junction] = Math.max(largest[junction], size);
    fastest[junction] = Math.max(fastest[junction], speedOf(directed), speedOf(directed ^ 1));
  }
  return (from, to) => {
    const junction = (from & 1) === 0 ? edgeHead[from >>> 1] : edgeTail[from >>> 1];
    const isBack = to === (from ^ 1);
    const met = control[from];
    let seconds: number = met === STOP_MINOR && speedOf(from) >= fastest[junction] ? 0 : TURNS.controlS[CONTROLS[met]];
    if (roads[junction] > 2 || isBack) {
      seconds += angleS(isBack ? 180 : angleBetween(leavesDeg[from ^ 1], leavesDeg[to]), drivingSide);
    }
    if (isBack) seconds += TURNS.backS;
    const givesWay = largestEnds[junction] > 1 && largest[junction] > SIZE[edgeClass[from >>> 1]];
    if (met === 0 && roads[junction] > 2 && givesWay && !isBack) seconds += TURNS.largerRoadS;
    return Math.round(seconds * 1000);
  };
}
