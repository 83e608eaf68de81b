// What a leg tells of each stretch of its line.

import type {RoadGraph} from '../../../native-graph/layout.ts';
import {pointIds} from '../../../native-graph/point-ids.ts';
import type {Line} from './line.ts';

export const EVERY_ANNOTATION = ['duration', 'distance', 'speed', 'nodes', 'datasources', 'weight'] as const;
type Annotation = (typeof EVERY_ANNOTATION)[number];

/** By stretch of the line, but for the nodes, of which there is one more. Durations leave turns out. */
export function annotationOf(g: RoadGraph, line: Line, parts: readonly Annotation[]): object {
  const {metres, ms} = line;
  const rounded = (values: readonly number[], perUnit: number) => values.map((v) => Math.round(v * perUnit) / perUnit);
  const seconds = () => ms.map((each) => Math.round(each) / 1_000);
  const values: Record<Annotation, () => unknown> = {
    duration: seconds,
    weight: seconds,
    distance: () => rounded(metres, 100),
    speed: () =>
      rounded(
        metres.map((m, i) => (ms[i] > 0 ? (m / ms[i]) * 1_000 : 0)),
        10,
      ),
    nodes: () => nodesOf(g, line),
    datasources: () => metres.map(() => 0),
  };
  return {
    ...Object.fromEntries(parts.map((part) => [part, values[part]()])),
    ...(parts.includes('datasources') && {metadata: {datasource_names: ['profile']}}),
  };
}

function nodesOf(g: RoadGraph, {edge, node}: Line): number[] {
  let known = -1;
  let ids: ArrayLike<number> = [];
  return edge.map((each, i) => {
    if (each !== known) ids = pointIds(g, each);
    known = each;
    return ids[node[i]];
  });
}
