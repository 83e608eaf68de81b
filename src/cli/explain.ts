// Why a driver was or was not asked for a task at a recorded tick, which is decided again here.

import {explain, type Question} from '../api/explanation.ts';
import {readProposalFate} from '../db/ticks.ts';
import {explainer} from '../dispatch/explain/explain.ts';
import {InputFailure} from '../domain/failure.ts';
import {type DatabaseOptions, withDatabase} from './database.ts';
import type {GraphOptions} from './engine.ts';
import {decideAsRecorded, readRecorded, UUID, withReplayWorld} from './recorded-tick.ts';
import {terminal} from './terminal.ts';

export type ExplainOptions = DatabaseOptions &
  GraphOptions & {
    readonly task: string;
    readonly driver?: string;
    readonly alternatives: number;
    readonly json?: boolean;
  };

export async function explainCommand(tickId: string, options: ExplainOptions): Promise<void> {
  for (const id of [options.task, options.driver ?? options.task]) {
    if (!UUID.test(id)) throw new InputFailure('ID_MALFORMED', `${id.slice(0, 60)} is not the id of a task or driver`);
  }
  const question: Question = {
    tickId,
    taskId: options.task.toLowerCase(),
    driverId: options.driver?.toLowerCase(),
    limit: options.alternatives,
  };
  const {recorded, fate} = await withDatabase(options, async (db) => {
    const recorded = await readRecorded(db, tickId);
    return {recorded, fate: await readProposalFate(db, recorded.header.regionId, tickId, question.taskId)};
  });
  const told = await withReplayWorld(recorded, options, async (world) => {
    const decision = await decideAsRecorded(recorded, world);
    return explain(question, decision, explainer(decision, world), fate);
  });
  const best = (told.alternatives ?? []).map(({driverId, pair, regretMs}) => {
    const regret = regretMs === null ? 'unproven' : `+${(regretMs / 1_000).toFixed(1)} s`;
    return `  ${driverId}  ${(pair.pickupMs / 60_000).toFixed(1).padStart(5)} min away  ${regret}`;
  });
  terminal(options.json ?? false).answer(told, [...told.sentences, ...best].join('\n'));
}
