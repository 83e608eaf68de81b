// From a graph to a hierarchy: the order on one thread and on two, the contraction, and what each epoch of speeds
// takes, by compiled kernels and by their twins.

import {kernelsFor, twins} from '../native-graph/kernels/kernels.ts';
import {classesOf} from '../native-graph/metric/classes.ts';
import {contract} from '../native-graph/metric/contraction.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {attach, distil, handleOf} from '../native-graph/metric/hierarchy.ts';
import {setWeights, weigh} from '../native-graph/metric/weighted.ts';
import {dissect} from '../native-graph/order/dissect.ts';
import type {NumberedHierarchy} from '../native-graph/route/workspace.ts';
import {withCellThreads} from '../src/cli/build-threads.ts';
import {systemClock} from '../src/domain/clock.ts';
import {createEpochThreads} from '../src/pool/epoch-threads.ts';
import type {Suite} from './harness.ts';
import {roadMaps} from './maps.ts';

export const hierarchy: Suite = async (size, measure, data) => {
  for (const {name, graph} of await roadMaps(size, data)) {
    const input = `${name}, ${graph.segmentCount} segments`;
    for (const threads of [1, 2]) {
      await withCellThreads(
        (runner) =>
          measure([
            {
              name: `order, ${threads} thread${threads > 1 ? 's' : ''}`,
              input,
              once: true,
              async run() {
                await dissect(graph, runner);
                return graph.rank;
              },
            },
          ]),
        threads,
      );
    }
    await measure([{name: 'contraction', input, run: () => contract(graph, classesOf(graph)).upHead}]);
    const w = weigh(graph);
    const kinds = [
      ['kernels', kernelsFor(w.memory)],
      ['twins', twins],
    ] as const;
    for (const step of ['customize', 'perfect'] as const) {
      await measure(
        kinds.map(([kind, kernels]) => ({
          name: `${step}, ${kind}`,
          input,
          async before() {
            setWeights(w, graph);
            if (step === 'perfect') kernels.customize(w);
          },
          run() {
            kernels[step](w);
            return w.up.arcs;
          },
        })),
      );
    }
    const made = customized(graph, {contraction: w});
    const into = handleOf(made);
    await measure([
      {
        name: 'distil',
        input,
        run: () => distil(w, graph, into).up.first,
      },
      {
        name: 'whole customization',
        input,
        run: () => customized(graph, {contraction: w, into}).up.first,
      },
    ]);
    for (const threads of [1, 2]) {
      const {monotonicMs} = systemClock;
      const epochs = createEpochThreads({graphs: [{name, bytes: graph.bytes}], threads, monotonicMs});
      let last: NumberedHierarchy | undefined;
      const epoch = async () => {
        last = await epochs.customize(name, undefined, last);
        return attach(last).up.first;
      };
      // The first makes the contraction too.
      await epoch();
      await measure([{name: `whole customization, ${threads} worker${threads > 1 ? 's' : ''}`, input, run: epoch}]);
      await epochs.close();
    }
  }
};
