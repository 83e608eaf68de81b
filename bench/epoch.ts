import {NONE, type RoadGraph} from '../native-graph/layout.ts';
import {makeEpoch} from '../native-graph/metric/epoch.ts';
import {weightsBytes} from '../native-graph/metric/weights.ts';
import {pointIds} from '../native-graph/point-ids.ts';
import {randomStream} from '../src/domain/random.ts';
import type {Suite} from './harness.ts';
import {roadMaps} from './maps.ts';

const SEED = 1;

/** From the bytes of a CSV to checked weights, what is kept of them, and their hashes. */
export const epochBench: Suite = async (size, measure, data) => {
  const [{name, graph}] = await roadMaps(size, data);
  const every = rowsOf(graph);
  for (const count of size === 'smoke' ? [100] : [100, every.length]) {
    const csv = Buffer.from(every.slice(0, count).join(''));
    const weights = new SharedArrayBuffer(weightsBytes(graph));
    await measure({
      name: `epoch, ${count === every.length ? 'every row' : 'few rows'}`,
      input: `${count} rows on ${name}, ${graph.segmentCount} segments, seed ${SEED}`,
      async run() {
        const {weightsHash} = makeEpoch(graph, {csv}, weights);
        return Number.parseInt(weightsHash.slice(0, 12), 16);
      },
    });
  }
};

/** A row for every piece and direction that is driven, shuffled. */
function rowsOf(g: RoadGraph): string[] {
  const random = randomStream(SEED, 'speeds');
  const keyed: {key: number; row: string}[] = [];
  const add = (from: number, to: number) =>
    keyed.push({key: random(), row: `${from},${to},${5 + Math.floor(random() * 60)}\n`});
  for (let edge = 0; edge < g.edgeCount; edge++) {
    const ids = pointIds(g, edge);
    for (let i = 0; i + 1 < ids.length; i++) {
      if (g.edgeForward[edge] !== NONE) add(ids[i], ids[i + 1]);
      if (g.edgeBackward[edge] !== NONE) add(ids[i + 1], ids[i]);
    }
  }
  return keyed.sort((a, b) => a.key - b.key).map(({row}) => row);
}
