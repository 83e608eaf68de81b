// Recorded ticks decided again inside the daemon, for whoever asks why or what if. The roads of such a tick, an index
// of its drivers among them, are kept for the next question of the same tick.

import {LRUCache} from 'lru-cache';
import type {ExplainPort} from '../api/world.ts';
import type {Database} from '../db/connect.ts';
import {readTick, readTickPayload} from '../db/ticks.ts';
import type {Decision} from '../dispatch/decision.ts';
import {explainer} from '../dispatch/explain/explain.ts';
import {type Payload, unpackPayload} from '../dispatch/record.ts';
import {decideAgain} from '../dispatch/replay.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {WorkerPool} from '../pool/pool.ts';
import type {Epochs} from '../router/epochs.ts';
import {isAsRecorded, replayWorld} from './recorded-tick.ts';

/** Ticks that stay decided: a drawer asks about one again and again. */
const DECISIONS_LIMIT = 2;

export type ExplainPortOptions = {
  readonly db: Database;
  /** By graph; fills up while the daemon starts. */
  readonly opened: ReadonlyMap<string, {readonly epochs: Epochs}>;
  /** undefined until the threads are there. */
  readonly pool: () => Pick<WorkerPool, 'solve'> | undefined;
};

/** A tick that stays decided, and what it was decided from. */
type Decided = {readonly decision: Decision; readonly premises: Omit<Payload, 'snapshot'>};

export function explainPort({db, opened, pool}: ExplainPortOptions): ExplainPort {
  const decisions = new LRUCache<string, Decided>({max: DECISIONS_LIMIT});

  const ask: ExplainPort['ask'] = async (regionId, tickId, use) => {
    const header = await readTick(db, regionId, tickId);
    if (!header) return {kind: 'tick-not-found', id: tickId};
    const roads = opened.get(header.graph)?.epochs;
    const solvers = pool();
    if (!roads || !solvers) return {kind: 'loading', regionId};
    return roads.hold(async (router) => {
      if (router.epoch !== header.graphEpoch) return {kind: 'epoch-passed', id: tickId};
      const world = replayWorld({router, pool: solvers}, `${regionId} decided again`);
      let decided = decisions.get(tickId);
      if (!decided) {
        const payload = await readTickPayload(db, regionId, tickId);
        if (!payload) return {kind: 'payload-dropped', id: tickId};
        const {snapshot, ...premises} = unpackPayload(payload);
        decided = {decision: await decideAgain({snapshot, ...premises}, world), premises};
        if (!isAsRecorded(decided.decision, header)) return {kind: 'decided-otherwise', id: tickId};
        decisions.set(tickId, decided);
      }
      const {decision, premises} = decided;
      const decideOn = (snapshot: Snapshot) => decideAgain({...premises, snapshot}, world);
      return {kind: 'answered', answer: await use(decision, explainer(decision, world), decideOn)};
    });
  };
  return {ask};
}
