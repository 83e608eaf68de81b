// Why a driver was or was not asked for a task: the exact answer, from a tick that is decided again out of its record.
// In the order of the tick: no part in it, ineligible, out of reach, no candidate, beaten at the solve by just so much,
// or chosen. What the commit then made of it is its own record.

import {UNREACHABLE_MS} from '../../domain/units.ts';
import type {Sensitivity} from '../../flow/sensitivity/hub.ts';
import {forbid, force, regretsOfTask, unassign} from '../../flow/sensitivity/regrets.ts';
import {TERM_NAMES, type TermName} from '../costs.ts';
import type {Decision} from '../decision.ts';
import {DROP_LIMIT_MS, pairTimes} from '../etas.ts';
import type {DecidingWorld} from '../world.ts';
import {type Reason, reasonsOfDriver, reasonsOfPair, reasonsOfTask} from './reasons.ts';
import {pairOf, type Regret, regretOf, sensitivityOfDecision} from './regret.ts';

/** What the tick knew of a candidate pair. */
export type PairFacts = {
  readonly pickupMs: number;
  readonly dropMs: number;
  readonly returnMs: number;
  /** The promise, and how much of it was learned. */
  readonly pickupAtMs: number;
  readonly dropAtMs: number;
  readonly pickupCorrectionMs: number;
  readonly dropCorrectionMs: number;
  readonly acceptance: number;
  readonly costMs: number;
  readonly termMs: Readonly<Record<TermName, number>>;
  /** Among the task's candidates by cost, from 0; ties share a rank. */
  readonly rank: number;
  readonly candidates: number;
};

export type OutOfReach = {readonly kind: 'out-of-reach'; readonly leg: 'pickup' | 'drop' | 'return'} & {
  readonly limitMs: number;
  /** How long it takes; null where there is no way, or none within two hours. */
  readonly ms: number | null;
};

export type PairExplanation =
  /** The task did not wait, or the driver was not on shift, at the instant of the tick. */
  | {readonly kind: 'no-part'; readonly task: boolean; readonly driver: boolean}
  | {readonly kind: 'ineligible'; readonly reasons: readonly Reason[]}
  | OutOfReach
  /** `rank`: so many drivers who may be asked for the task are nearer to its store. `wanted` of them are kept. */
  | {
      readonly kind: 'no-candidate';
      readonly pickupMs: number;
      readonly rank: number;
      readonly wanted: number;
      /** Of the farthest driver who was kept; null when none was. */
      readonly farthestMs: number | null;
    }
  /** `instead`: whom the task went to, null for nobody. The regret is that of forcing the pair. */
  | {
      readonly kind: 'not-chosen';
      readonly facts: PairFacts;
      readonly instead: string | null;
      readonly regret: Regret;
    }
  /** `instead`: whom the task would go to without this driver. The regret is that of forbidding the pair. */
  | {
      readonly kind: 'chosen';
      readonly facts: PairFacts;
      readonly instead: string | null;
      readonly regret: Regret;
    };

export type Alternative = {
  readonly driverId: string;
  readonly facts: PairFacts;
  /** How much worse the optimum becomes by forcing the pair; 0 if it was chosen, null where nothing was proven. */
  readonly regretMs: number | null;
};

export type TaskExplanation =
  | {readonly kind: 'no-part'}
  | {readonly kind: 'ineligible'; readonly reasons: readonly Reason[]}
  | OutOfReach
  | {
      readonly kind: 'decided';
      readonly driverId: string | null;
      readonly unassignedMs: number;
      /** Of leaving the task to nobody. */
      readonly unassigned: Regret;
      /** Candidates, least regret first. */
      readonly alternatives: readonly Alternative[];
      readonly candidates: number;
      /** Drivers of the region who take no part, by what stands in their way. */
      readonly ineligible: readonly {readonly code: string; readonly sentence: string; readonly drivers: number}[];
      readonly drivers: number;
    };

export type Explainer = {
  /** Asks the world for road times of drivers who were not looked at. */
  pair(taskId: string, driverId: string): Promise<PairExplanation>;
  /** At most `limit` alternatives. O(pairs of the task), and one search. */
  task(taskId: string, limit: number): TaskExplanation;
};

export function explainer(decision: Decision, world: Pick<DecidingWorld, 'timeLegs'>): Explainer {
  const {snapshot, assigned} = decision;
  const sensitivity = sensitivityOfDecision(decision);
  const driverIdOf = (driver: number) => (driver < 0 ? null : snapshot.drivers.id[assigned.drivers[driver]]);

  return {
    async pair(taskId, driverId) {
      const task = snapshot.tasks.id.indexOf(taskId);
      const driver = snapshot.drivers.id.indexOf(driverId);
      if (task < 0 || driver < 0) return {kind: 'no-part', task: task >= 0, driver: driver >= 0};
      const reasons = [...reasonsOfTask(decision, task), ...reasonsOfDriver(decision, driver)];
      if (reasons.length > 0) return {kind: 'ineligible', reasons};
      const t = assigned.tasks.indexOf(task);
      const d = assigned.drivers.indexOf(driver);
      const pair = d < 0 ? -1 : pairOf(assigned.problem, t, d);
      if (pair < 0) return unpaired(decision, world, task, driver);
      const facts = factsOf(decision, t, pair);
      if (decision.solution.driverOf[t] !== d) {
        const regret = regretOf(decision, sensitivity && force(sensitivity, t, d));
        return {kind: 'not-chosen', facts, instead: driverIdOf(decision.solution.driverOf[t]), regret};
      }
      const without = sensitivity && forbid(sensitivity, t);
      const regret = regretOf(decision, without?.change);
      return {kind: 'chosen', facts, instead: driverIdOf(without?.driver ?? -1), regret};
    },
    task(taskId, limit) {
      const task = snapshot.tasks.id.indexOf(taskId);
      if (task < 0) return {kind: 'no-part'};
      const reasons = reasonsOfTask(decision, task);
      if (reasons.length > 0) return {kind: 'ineligible', reasons};
      const far = dropOutOfReach(decision, task);
      if (far) return far;
      const t = assigned.tasks.indexOf(task);
      const {firstPair, unassignedMs} = assigned.problem;
      const driverId = driverIdOf(decision.solution.driverOf[t]);
      return {
        kind: 'decided',
        driverId,
        unassignedMs: unassignedMs[t],
        unassigned: regretOf(decision, sensitivity && unassign(sensitivity, t)),
        alternatives: alternativesOf(decision, sensitivity, t).slice(0, limit),
        candidates: firstPair[t + 1] - firstPair[t],
        ineligible: ineligibleDrivers(decision),
        drivers: snapshot.drivers.id.length,
      };
    },
  };
}

/** Why two who may both be dispatched are no candidate pair. */
async function unpaired(
  decision: Decision,
  world: Pick<DecidingWorld, 'timeLegs'>,
  task: number,
  driver: number,
): Promise<PairExplanation> {
  const {snapshot, eligible, near, pairs} = decision;
  const far = dropOutOfReach(decision, task);
  if (far) return far;
  const limitMs = snapshot.settings.pickupLimitS * 1_000;
  const store = snapshot.tasks.store[task];
  const toStore = (from: Int32Array, within: number) =>
    world.timeLegs({
      origins: snapshot.drivers,
      destinations: snapshot.stores,
      from,
      to: new Int32Array(from.length).fill(store),
      limitMs: within,
    });
  const times = await toStore(eligible.drivers, limitMs);
  const pickupMs = times[eligible.drivers.indexOf(driver)];
  if (pickupMs === UNREACHABLE_MS) {
    const [ms] = await toStore(Int32Array.of(driver), Math.max(limitMs, DROP_LIMIT_MS));
    return {kind: 'out-of-reach', leg: 'pickup', limitMs, ms: ms === UNREACHABLE_MS ? null : ms};
  }
  const reasons = reasonsOfPair(decision, task, driver, pickupMs);
  if (reasons.length > 0) return {kind: 'ineligible', reasons};
  let rank = 0;
  eligible.drivers.forEach((other, i) => {
    const isNearer = times[i] < pickupMs || (times[i] === pickupMs && other < driver);
    if (isNearer && reasonsOfPair(decision, task, other, times[i]).length === 0) rank++;
  });
  const kept = pairs.pickupMs.filter((_, pair) => pairs.task[pair] === task);
  const wanted = near.keep[near.stores.indexOf(store)];
  return {kind: 'no-candidate', pickupMs, rank, wanted, farthestMs: kept.length === 0 ? null : Math.max(...kept)};
}

function dropOutOfReach({legs}: Decision, task: number): OutOfReach | undefined {
  const isFar = (ms: number) => ms === UNREACHABLE_MS;
  const leg = isFar(legs.dropMs[task]) ? 'drop' : isFar(legs.returnMs[task]) ? 'return' : undefined;
  return leg && {kind: 'out-of-reach', leg, limitMs: DROP_LIMIT_MS, ms: null};
}

function factsOf({snapshot, assigned, pairs, p, cost}: Decision, task: number, pair: number): PairFacts {
  const {firstPair} = assigned.problem;
  const row = cost.costMs.subarray(firstPair[task], firstPair[task + 1]);
  const terms = TERM_NAMES.map((name, k) => [name, cost.termMs[pair * TERM_NAMES.length + k]]);
  const [pickupMs, dropMs, returnMs] = [pairs.pickupMs[pair], pairs.dropMs[pair], pairs.returnMs[pair]];
  const {backAtMs, ...promise} = pairTimes(snapshot, pairs.task[pair], pickupMs, dropMs, returnMs);
  return {
    pickupMs,
    dropMs,
    returnMs,
    ...promise,
    acceptance: p[pair],
    costMs: cost.costMs[pair],
    termMs: Object.fromEntries(terms) as Record<TermName, number>,
    rank: row.reduce((cheaper, ms) => cheaper + (ms < cost.costMs[pair] ? 1 : 0), 0),
    candidates: row.length,
  };
}

/** Least regret first, then least cost; of equals in the order of drivers. */
function alternativesOf(decision: Decision, sensitivity: Sensitivity | undefined, task: number): Alternative[] {
  const {snapshot, assigned, cost} = decision;
  const first = assigned.problem.firstPair[task];
  const pairs = Array.from({length: assigned.problem.firstPair[task + 1] - first}, (_, i) => first + i);
  const regrets = sensitivity && regretsOfTask(sensitivity, task);
  if (regrets && regrets.kind !== 'exact') throw new Error('a search with enough work was cut short');
  const regretMs = (pair: number) => regrets?.atMostMs[pair - first] ?? null;
  return pairs
    .sort((a, b) => (regretMs(a) ?? 0) - (regretMs(b) ?? 0) || cost.costMs[a] - cost.costMs[b] || a - b)
    .map((pair) => ({
      driverId: snapshot.drivers.id[decision.pairs.driver[pair]],
      facts: factsOf(decision, task, pair),
      regretMs: regretMs(pair),
    }));
}

function ineligibleDrivers(decision: Decision) {
  const counts = new Map<string, {code: string; sentence: string; drivers: number}>();
  for (let driver = 0; driver < decision.snapshot.drivers.id.length; driver++) {
    for (const {code, sentence} of reasonsOfDriver(decision, driver)) {
      const counted = counts.get(code) ?? {code, sentence, drivers: 0};
      counted.drivers++;
      counts.set(code, counted);
    }
  }
  return [...counts.values()].sort((a, b) => b.drivers - a.drivers || (a.code < b.code ? -1 : 1));
}
