// What holds of every road network, whatever it was made from.

import {expect} from 'vitest';
import type {RoadNetwork} from '../../native-graph/build/network.ts';
import {ROAD_CLASSES} from '../../native-graph/profile/car.ts';

export function expectValid(network: RoadNetwork): void {
  const {edgeTail, edgeHead, firstPoint, edgeForwardMs, edgeBackwardMs, names} = network;
  const junctionCount = network.junctionOsmId.length;
  const edgeCount = edgeTail.length;
  expect(edgeCount).toBeGreaterThan(0);
  for (const column of [
    edgeHead,
    edgeForwardMs,
    edgeBackwardMs,
    network.edgeLengthCm,
    network.edgeClass,
    network.edgeName,
  ]) {
    expect(column).toHaveLength(edgeCount);
  }
  expect([network.junctionLatE7.length, network.junctionLonE7.length]).toEqual([junctionCount, junctionCount]);
  expect([firstPoint.length, firstPoint[0]]).toEqual([edgeCount + 1, 0]);
  expect([network.pointLatE7.length, network.pointLonE7.length]).toEqual([
    firstPoint[edgeCount],
    firstPoint[edgeCount],
  ]);
  expect(names[0]).toBe('');
  expect(new Set(names).size).toBe(names.length);
  const isUsed = new Uint8Array(junctionCount);
  const flaws: string[] = [];
  for (let edge = 0; edge < edgeCount; edge++) {
    const [tail, head] = [edgeTail[edge], edgeHead[edge]];
    const [forwardMs, backwardMs] = [edgeForwardMs[edge], edgeBackwardMs[edge]];
    const pointCount = firstPoint[edge + 1] - firstPoint[edge];
    if (!(tail < junctionCount && head < junctionCount)) flaws.push(`edge ${edge} ends nowhere`);
    if (forwardMs >= 2 ** 30 - 1 || backwardMs >= 2 ** 30 - 1) flaws.push(`edge ${edge} takes too long`);
    if (forwardMs === 0 && backwardMs === 0) flaws.push(`edge ${edge} is not drivable`);
    if (pointCount < 0 || (tail === head && pointCount === 0)) flaws.push(`edge ${edge} has ${pointCount} points`);
    if (network.edgeClass[edge] >= ROAD_CLASSES.length) flaws.push(`edge ${edge} has class ${network.edgeClass[edge]}`);
    if (network.edgeName[edge] >= names.length) flaws.push(`edge ${edge} has name ${network.edgeName[edge]}`);
    isUsed[tail] = isUsed[head] = 1;
  }
  if (isUsed.includes(0)) flaws.push(`junction ${isUsed.indexOf(0)} has no edge`);
  for (const [lat, lon] of [
    [network.junctionLatE7, network.junctionLonE7],
    [network.pointLatE7, network.pointLonE7],
  ]) {
    if (!lat.every((e7) => Math.abs(e7) <= 9e8) || !lon.every((e7) => Math.abs(e7) <= 18e8))
      flaws.push('a place off Earth');
  }
  if (!network.junctionOsmId.every(Number.isSafeInteger)) flaws.push('a junction without an id');
  expect(flaws).toEqual([]);
}
