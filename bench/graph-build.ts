import {assembleUnranked} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import {dissectHere} from '../native-graph/order/dissect.ts';
import {gothenburg} from '../src/cli/city-graph.ts';
import {checksum, type Suite} from './harness.ts';

/** From the map file to a graph in memory. */
export const graphBuild: Suite = async (_size, measure) => {
  const network = await importNetwork(gothenburg());
  const input = `Gothenburg, ${network.edgeTail.length} edges`;
  await measure({
    name: 'graph import',
    input,
    run: async () => checksum((await importNetwork(gothenburg())).edgeForwardMs),
  });
  await measure({name: 'graph assemble', input, run: () => checksum(assembleUnranked(network).graph.arcMs)});
  const {graph} = assembleUnranked(network);
  await measure({
    name: 'graph dissect',
    input,
    run: () => {
      dissectHere(graph);
      return checksum(graph.rank);
    },
  });
};
