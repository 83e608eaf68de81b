// What `graph info` tells of a graph file: counts, box, components, what was left out and why, bytes by section.

import {kernelBytes, plan, type RoadGraph, readMeta, VERSION} from '../../native-graph/layout.ts';
import {fromE7} from '../domain/units.ts';

export function graphFacts(graph: RoadGraph) {
  const {source, assembly} = readMeta(graph);
  const {junctionLonE7: lon, junctionLatE7: lat} = graph;
  const box = graph.junctionCount === 0 ? null : [least(lon), least(lat), most(lon), most(lat)].map(fromE7);
  const {sections} = plan(graph);
  return {
    version: VERSION,
    segments: graph.segmentCount,
    arcs: graph.arcCount,
    edges: graph.edgeCount,
    junctions: graph.junctionCount,
    shapePoints: graph.pointCount,
    /** West, south, east, north in degrees. */
    box,
    source,
    assembly,
    bytes: graph.bytes.byteLength,
    /** What searches walk, and what is left of the 4 GiB that one WebAssembly memory addresses. */
    kernelBytes: kernelBytes(graph),
    headroomBytes: 2 ** 32 - kernelBytes(graph),
    sections: Object.fromEntries(sections.map(({name, bytes}) => [name, bytes])),
  };
}

const least = (values: Int32Array): number => values.reduce((a, b) => Math.min(a, b));
const most = (values: Int32Array): number => values.reduce((a, b) => Math.max(a, b));
