// A graph's edges as lines to draw, made once per graph.

import {type RoadGraph, readMeta} from '../../native-graph/layout.ts';
import {ROAD_CLASSES, type RoadClass} from '../../native-graph/profile/car.ts';
import type {RoadLines} from '../api/world.ts';

const RANK_OF: Readonly<Partial<Record<RoadClass, number>>> = {
  motorway: 0,
  motorway_link: 0,
  trunk: 0,
  trunk_link: 0,
  primary: 0,
  primary_link: 0,
  secondary: 1,
  secondary_link: 1,
  tertiary: 1,
  tertiary_link: 1,
};
const MINOR_RANK = 2;

/** Remembers the lines of each graph, so that the page is answered from the same object for as long as it stands. */
export function roadLinesOf(): (graph: RoadGraph) => RoadLines {
  const known = new WeakMap<RoadGraph, RoadLines>();
  return (graph) => {
    const lines = known.get(graph) ?? roadLines(graph);
    known.set(graph, lines);
    return lines;
  };
}

const roadLines = (graph: RoadGraph): RoadLines => ({
  firstPoint: graph.firstPoint,
  lonE7: graph.pointLonE7,
  latE7: graph.pointLatE7,
  rank: graph.edgeClass.map((roadClass) => RANK_OF[ROAD_CLASSES[roadClass]] ?? MINOR_RANK),
  attribution: readMeta(graph).source.attribution,
});
