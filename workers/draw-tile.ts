// Draws a vector tile of the roads and packs it, over the graph that all threads share.

import {gzipSync} from 'node:zlib';
import {roadTile} from '../native-graph/tiles/road-tile.ts';
import type {DrawnTile, TileJob} from '../src/pool/messages.ts';
import {graphOf} from './searches.ts';

export function run(job: TileJob): DrawnTile {
  const plain = roadTile(graphOf(job), job.z, job.x, job.y);
  return {plain, gzipped: gzipSync(plain)};
}
