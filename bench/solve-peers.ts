// The solver beside others from the registry, in turns, on what each of them can do. All answers cost the same, or the
// bench ends.

import {solve} from '../src/flow/solve.ts';
import {instanceOf, type Shape} from './flow/instances.ts';
import {OR_TOOLS_INSTALL, peers} from './flow/peers.ts';
import {labelOf, SEED} from './flow/shapes.ts';
import type {Measured, Size, Suite} from './harness.ts';

const SHAPES: Readonly<Record<Size, readonly Shape[]>> = {
  smoke: [{drivers: 30, tasks: 20, pairsPerTask: 5}],
  full: [
    {drivers: 200, tasks: 150, pairsPerTask: 16},
    {drivers: 500, tasks: 600, pairsPerTask: 16},
    {drivers: 2_000, tasks: 1_500, pairsPerTask: 16},
    {drivers: 10_000, tasks: 5_000, pairsPerTask: 16},
    {drivers: 20_000, tasks: 20_000, pairsPerTask: 16},
  ],
};

export const solvePeers: Suite = async (size, measure) => {
  const {all, hasOrTools} = await peers();
  if (!hasOrTools && size === 'full') {
    process.stderr.write(`bench: or-tools-wasm is left out; it takes part after: ${OR_TOOLS_INSTALL}\n`);
  }
  for (const shape of SHAPES[size]) {
    const {problem} = instanceOf(SEED, shape);
    const input = `${labelOf(shape)}, seed ${SEED}`;
    const ours = (): number => solve(problem, {budget: 1e12}).totalMs;
    const least = ours();
    const rivals = all.flatMap((peer): Measured[] => {
      const ready = peer(problem);
      if (!ready) return [];
      const run = async (): Promise<number> => {
        const cost = await ready.run();
        if (cost !== least) throw new Error(`${ready.name} finds ${cost}, ours is ${least}: ${input}`);
        return cost;
      };
      return [{name: `peer, ${ready.name}`, input, run}];
    });
    await measure([{name: 'peer, ours', input, run: ours}, ...rivals]);
  }
};
