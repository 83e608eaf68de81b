// How long a hierarchy takes to make: order, contraction, customization; compiled kernels beside their twins.

import {kernelsFor, twins} from '../native-graph/kernels/kernels.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {attach, distil} from '../native-graph/metric/hierarchy.ts';
import {setWeights, weigh} from '../native-graph/metric/weighted.ts';
import {dissect, dissectHere} from '../native-graph/order/dissect.ts';
import type {NumberedHierarchy} from '../native-graph/route/workspace.ts';
import {withCellThreads} from '../src/cli/build-threads.ts';
import {systemClock} from '../src/domain/clock.ts';
import {createEpochThreads} from '../src/pool/epoch-threads.ts';
import {checksum, type Suite} from './harness.ts';
import {roadGraphs} from './road-graphs.ts';

type Sides = {readonly up: {readonly arcs: Int32Array}; readonly down: {readonly arcs: Int32Array}};

/** Of every hundredth entry, so that it takes no time beside what is measured. */
const sum = ({up, down}: Sides): number =>
  checksum([up, down].flatMap(({arcs}) => Array.from({length: Math.ceil(arcs.length / 101)}, (_, i) => arcs[101 * i])));

export const hierarchyBench: Suite = async (size, measure) => {
  for (const {name, graph} of await roadGraphs(size)) {
    const input = `${name}, ${graph.segmentCount} segments, ${graph.arcCount} turns`;
    const ranked = () => checksum(graph.rank);
    await withCellThreads((runner) =>
      measure([
        {
          name: 'order, 1 thread',
          input,
          run: () => {
            dissectHere(graph);
            return ranked();
          },
        },
        {
          name: 'order, threads',
          input,
          run: async () => {
            await dissect(graph, runner);
            return ranked();
          },
        },
      ]),
    );
    await measure({name: 'contract', input, run: () => weigh(graph).up.state.length});

    const w = weigh(graph);
    const compiled = kernelsFor(w.memory);
    const weighted = async () => setWeights(w, graph);
    const after = (run: () => void) => () => {
      run();
      return sum(w);
    };
    await measure([
      {name: 'customize', input, before: weighted, run: after(() => compiled.customize(w))},
      {name: 'customize, twin', input, before: weighted, run: after(() => twins.customize(w))},
    ]);
    const basic = async () => {
      setWeights(w, graph);
      compiled.customize(w);
    };
    await measure([
      {name: 'perfect', input, before: basic, run: after(() => compiled.perfect(w))},
      {name: 'perfect, twin', input, before: basic, run: after(() => twins.perfect(w))},
    ]);
    await basic();
    compiled.perfect(w);
    const into = distil(w, graph);
    await measure({name: 'distil', input, run: () => sum(distil(w, graph, into))});
    await measure({
      name: 'customization, whole',
      input,
      run: () => sum(customized(graph, {contraction: w, into})),
    });
    const {monotonicMs} = systemClock;
    for (const threads of [1, 2]) {
      const epochs = createEpochThreads({graphs: [{name, bytes: graph.bytes}], threads, monotonicMs});
      let last: NumberedHierarchy | undefined;
      await measure({
        name: `customization, ${threads} worker${threads > 1 ? 's' : ''}`,
        input,
        run: async () => {
          last = await epochs.customize(name, undefined, last);
          return sum(attach(last));
        },
      });
      await epochs.close();
    }
  }
};
