// From a graph to a hierarchy: the order on one thread and on two, the contraction, and what each epoch of speeds
// takes, by compiled kernels and by their twins.

import {kernelsFor, twins} from '../native-graph/kernels/kernels.ts';
import type {RoadGraph} from '../native-graph/layout.ts';
import {classesOf} from '../native-graph/metric/classes.ts';
import {contract} from '../native-graph/metric/contraction.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {attach, distil, handleOf} from '../native-graph/metric/hierarchy.ts';
import {setTurns, type Weighted, weigh} from '../native-graph/metric/weighted.ts';
import {dissect} from '../native-graph/order/dissect.ts';
import type {NumberedHierarchy} from '../native-graph/route/workspace.ts';
import {withCellThreads} from '../src/cli/build-threads.ts';
import {systemClock} from '../src/domain/clock.ts';
import {randomStream} from '../src/domain/random.ts';
import {createEpochThreads} from '../src/pool/epoch-threads.ts';
import type {Suite} from './harness.ts';
import {roadMaps, SEED} from './maps.ts';

/** What a step makes of each arc. */
const MADE = {customize: 'ms', perfect: 'leastMs', settle: 'settled'} as const;

/** Segments that take twice as long: neighbours, as after an accident, or from all over, as of a feed. */
const CHANGES = [
  ['in one place', 10],
  ['in one place', 100],
  ['all over', 10],
  ['all over', 100],
  ['all over', 1_000],
] as const;

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
    for (const step of ['customize', 'perfect', 'settle'] as const) {
      await measure(
        kinds.map(([kind, kernels]) => ({
          name: `${step}, ${kind}`,
          input,
          async before() {
            beginWhole(w);
            setTurns(w, graph);
            if (step !== 'customize') kernels.customize(w);
            if (step === 'settle') kernels.perfect(w);
          },
          run() {
            kernels[step](w);
            return w.up[MADE[step]];
          },
        })),
      );
    }
    const into = handleOf(customized(graph, {contraction: w}));
    await measure([
      {name: 'distil', input, run: () => distil(w, into).up.first},
      {
        name: 'customization, whole',
        input,
        async before() {
          beginWhole(w);
        },
        run: () => customized(graph, {contraction: w, into}).up.first,
      },
    ]);
    for (const [where, count] of CHANGES) {
      const changed = slower(graph, segmentsOf(graph, where, count));
      await measure([
        {
          name: `customization, ${count} segments ${where}`,
          input,
          async before() {
            customized(graph, {contraction: w, into});
          },
          run: () => customized(changed, {contraction: w, into}).up.first,
        },
      ]);
    }
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
      await measure([
        {name: `customization without change, ${threads} worker${threads > 1 ? 's' : ''}`, input, run: epoch},
      ]);
      await epochs.close();
    }
  }
};

/** As if nothing had been made before. */
function beginWhole(w: Weighted): void {
  w.isWhole[0] = 0;
}

/** Segments with near ids are near each other. */
function segmentsOf({segmentCount}: RoadGraph, where: (typeof CHANGES)[number][0], count: number): Set<number> {
  const random = randomStream(SEED, `${count} segments`);
  const at = (i: number) => (where === 'in one place' ? (segmentCount >> 1) + i : Math.floor(random() * segmentCount));
  return new Set(Array.from({length: count}, (_, i) => at(i)));
}

const slower = (g: RoadGraph, segments: ReadonlySet<number>): RoadGraph => ({
  ...g,
  arcMs: g.arcMs.map((ms, turn) => (segments.has(g.head[turn]) ? ms + g.travelMs[g.head[turn]] : ms)),
});
