// Solves a min-cost flow from a file and proves the answer, for a person to read and for a script to compare with
// another solver.

import {answerFlaw} from '../flow/network/certificate.ts';
import type {Answer} from '../flow/network/network.ts';
import {solveNetwork} from '../flow/network/solve.ts';
import {sentence, sizeOf} from './network-answer.ts';
import {readNetwork} from './network-file.ts';
import {withSolveThreads} from './solve-threads.ts';
import {terminal} from './terminal.ts';
import {type Timing, timed} from './timed.ts';

/** `solveMs` is that of a daemon, which solves all day; nobody should wait long for it. */
const TIMING: Timing = {longRunMs: 1_000, warmUpMs: 1_000};

export type SolveCommandOptions = {
  readonly json?: boolean;
  /** Arcs and nodes that may be visited. */
  readonly budget: number;
  readonly threads?: number;
};

/** Exit code 1 where nothing is proven: the budget was spent, or the answer fails its check. */
export async function solveCommand(file: string, {json, budget, threads = 1}: SolveCommandOptions): Promise<void> {
  const network = await readNetwork(file);
  const {result, computeMs: solveMs} = await withSolveThreads(threads, (workspace) =>
    timed(() => solveNetwork(network, {budget, workspace}), TIMING),
  );
  const {answer, by} = result;
  const flaw = answerFlaw(network, answer);
  const certified = flaw === undefined && answer.kind !== 'budget';
  if (!certified) process.exitCode = 1;
  const status = answer.kind === 'crossed-bounds' ? 'infeasible' : answer.kind;
  const lines = [
    sentence(network, answer),
    `${sizeOf(network)}; by ${by}, in ${solveMs} ms, ${answer.work} arcs and nodes visited`,
    certified ? 'proven' : `not proven${flaw ? `: ${flaw.kind}` : ''}`,
  ];
  terminal(json ?? false).answer({status, cost: jsonOf(costOf(answer)), certified, solveMs}, lines.join('\n'));
}

function costOf(answer: Answer): bigint | undefined {
  if (answer.kind === 'optimal') return answer.cost;
  return answer.kind === 'budget' ? answer.found?.cost : undefined;
}

/** A JSON number with all its digits, which a float64 may not hold. */
function jsonOf(cost: bigint | undefined): unknown {
  if (cost === undefined) return null;
  return (JSON as unknown as {rawJSON(text: string): unknown}).rawJSON(cost.toString());
}
