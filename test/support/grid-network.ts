// A town of square blocks: junctions off their places by up to a third of a block, some streets missing, some one-way.

import type {RoadNetwork} from '../../native-graph/build/network.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {below} from './random-network.ts';
import {BLOCK_E7, BLOCK_MS, DRAWN} from './town.ts';

export function gridNetwork(width: number, height: number, seed: number, missing = 0.1): RoadNetwork {
  const random: Random = randomStream(seed, 'grid');
  const count = width * height;
  const place = (block: number): number => block * BLOCK_E7 + below(random, BLOCK_E7 / 1.5) - Math.round(BLOCK_E7 / 3);
  const ends: [number, number][] = [];
  for (let j = 0; j < count; j++) {
    if ((j + 1) % width !== 0 && random() >= missing) ends.push([j, j + 1]);
    if (j + width < count && random() >= missing) ends.push([j, j + width]);
  }
  const way = ends.map(() => below(random, 8));
  return {
    junctionLatE7: Int32Array.from({length: count}, (_, j) => place(Math.floor(j / width))),
    junctionLonE7: Int32Array.from({length: count}, (_, j) => place(j % width)),
    junctionOsmId: Float64Array.from({length: count}, (_, j) => j + 1),
    edgeTail: Uint32Array.from(ends, ([tail]) => tail),
    edgeHead: Uint32Array.from(ends, ([, head]) => head),
    edgeForwardMs: Uint32Array.from(way, (w) => (w === 0 ? 0 : BLOCK_MS)),
    edgeBackwardMs: Uint32Array.from(way, (w) => (w === 1 ? 0 : BLOCK_MS)),
    edgeLengthCm: new Uint32Array(ends.length).fill(10_000),
    firstPoint: new Uint32Array(ends.length + 1),
    pointLatE7: new Int32Array(0),
    pointLonE7: new Int32Array(0),
    edgeClass: new Uint8Array(ends.length),
    edgeName: new Uint32Array(ends.length),
    names: [''],
    source: DRAWN,
  };
}
