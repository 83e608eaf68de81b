// One tick of one region, on one screen: what was decided (decision.ts) is committed whole in one round trip, then
// recorded.

import type {Committed, CommittedOffer, Proposal, Refusal} from '../domain/offer.ts';
import type {TickHeader} from '../domain/tick-record.ts';
import type {Flaw} from '../flow/certificate.ts';
import {decide} from './decision.ts';
import {type LastAnswer, lastAnswer, seedRecord} from './last-answer.ts';
import {decisionHash, packPayload, snapshotHash} from './record.ts';
import {stopwatch} from './stopwatch.ts';
import type {World} from './world.ts';

export type TickRequest = {
  readonly id: string;
  readonly trigger: TickHeader['trigger'];
  /** Decides, but commits and records nothing. */
  readonly dryRun: boolean;
  /** What the solve starts from; left out, from nothing. */
  readonly last?: LastAnswer | undefined;
};

export type Ticked = {
  readonly kind: 'ticked';
  readonly header: TickHeader;
  readonly proposals: readonly Proposal[];
  readonly landed: readonly CommittedOffer[];
  readonly refused: readonly {readonly taskId: string; readonly driverId: string; readonly reason: Refusal}[];
  /** Set when the answer could not be certified; then nothing was offered. */
  readonly flaw: Flaw | undefined;
  /** For the next tick to start from; undefined with a flaw. */
  readonly answer: LastAnswer | undefined;
  /** False for a dry run, and when the lease passed on between the commit and the record. */
  readonly recorded: boolean;
};

/** 'fenced': the lease passed to another daemon, so nothing was decided. */
export type TickOutcome = Ticked | {readonly kind: 'fenced'};

export async function tick(world: World, request: TickRequest): Promise<TickOutcome> {
  const watch = stopwatch(world.monotonicMs);
  const {snapshot, eligible, pairs, assigned, seed, solution, flaw, proposals} = await decide(
    world,
    request.last,
    watch,
  );
  const committed = await watch.lap('offers', async (): Promise<Committed> => {
    if (!request.dryRun) return world.openOffers(request.id, proposals);
    return {kind: 'committed', repeated: false, atMs: snapshot.atMs, landed: [], refused: []};
  });
  if (committed.kind === 'fenced') return committed;

  const {landed, refused} = committed;
  const header: TickHeader = {
    id: request.id,
    regionId: snapshot.regionId,
    atMs: snapshot.atMs,
    trigger: request.trigger,
    fence: world.fence,
    snapshotHash: snapshotHash(snapshot),
    decisionHash: decisionHash(proposals, solution),
    graph: snapshot.graph,
    graphEpoch: world.graphEpoch,
    weightsVersion: snapshot.weights.version,
    codeVersion: world.codeVersion,
    counts: {
      drivers: snapshot.drivers.id.length,
      eligibleDrivers: eligible.drivers.length,
      tasks: snapshot.tasks.id.length,
      eligibleTasks: eligible.tasks.length,
      pairs: pairs.task.length,
      proposed: proposals.length,
      landed: landed.length,
      refused: refused.length,
    },
    stageMs: watch.stageMs,
    solve: {
      kind: solution.kind,
      certified: flaw === undefined,
      totalMs: solution.totalMs,
      boundMs: solution.boundMs,
      work: solution.work,
      augmentations: solution.augmentations,
      ...(seed && {saved: solution.saved}),
    },
  };
  const recorded = await watch.lap('record', async () => {
    if (request.dryRun) return false;
    const nearestByRoad = world.nearestDrivers !== undefined;
    const payload = packPayload({nearestByRoad, snapshot, seed: seed && seedRecord(assigned, seed)});
    return (await world.saveRecord({...header, payload})).kind === 'saved';
  });
  const answer = flaw ? undefined : lastAnswer(snapshot, assigned, solution);
  return {kind: 'ticked', header, proposals, landed, refused, flaw, answer, recorded};
}
