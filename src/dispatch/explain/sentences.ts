// An explanation in plain sentences. Ids stand for people: names stay out of it.

import type {ProposalFate} from '../../domain/offer.ts';
import {BASE_MS} from '../costs.ts';
import type {Decision} from '../decision.ts';
import type {OutOfReach, PairExplanation, PairFacts, TaskExplanation} from './explain.ts';
import type {Reason} from './reasons.ts';
import type {Regret, TermChanges} from './regret.ts';

/** By code; of a rule's code its own sentence says why. */
export const REFUSED: Readonly<Record<string, string>> = {
  DUPLICATE_TASK: 'the task had been proposed twice',
  TASK_UNAVAILABLE: 'the task did not wait any more, or was just being changed',
  TASK_LATE: 'its latest time had passed',
  DRIVER_UNAVAILABLE: 'the driver had gone off shift or held another offer',
  DRIVER_FULL: 'the driver had no room left',
};

const TERMS: Readonly<Record<keyof TermChanges, string>> = {
  pickup: 'waiting for the driver',
  drive: 'driving',
  wait: 'drivers waiting for goods',
  late: 'lateness',
  fair: 'fairness between drivers',
  decline: 'expected declines',
  return: 'expected returns',
  unassigned: 'waiting unassigned',
};

export function sentencesOfPair(told: PairExplanation, decision: Decision, fate?: ProposalFate): string[] {
  switch (told.kind) {
    case 'no-part':
      return [
        ...(told.task ? [] : ['The task did not wait for a driver at the instant of the tick.']),
        ...(told.driver ? [] : ['The driver was not on shift at the instant of the tick.']),
      ];
    case 'ineligible':
      return told.reasons.map(sentenceOfReason);
    case 'out-of-reach':
      return [sentenceOfReach(told)];
    case 'no-candidate': {
      const {pickupMs, rank, wanted, farthestMs} = told;
      const place = `${rank} who might have been asked were nearer to the store than ${minutes(pickupMs)}`;
      const kept = farthestMs === null ? 'none was kept' : `the farthest of those kept was ${minutes(farthestMs)} away`;
      return [`${place}; the nearest ${wanted} are considered, and ${kept}.`];
    }
    case 'not-chosen': {
      const to = told.instead === null ? 'went to nobody' : `went to driver ${told.instead}`;
      return [
        `The task ${to}. ${sentenceOfForcing(told.regret)}`,
        sentenceOfPromise(told.facts, decision),
        ...sentencesOfMoves(told.regret),
      ];
    }
    case 'chosen': {
      const {regret, instead} = told;
      const otherwise = instead === null ? 'nobody' : `driver ${instead}`;
      const worth =
        regret.kind === 'exact'
          ? `Without this driver it would go to ${otherwise}, and the optimum would be ${worse(regret)}.`
          : 'The answer of the tick was not proven, so no exact comparison can be made.';
      return [
        `The driver was chosen for the task. ${worth}`,
        sentenceOfPromise(told.facts, decision),
        ...sentencesOfFate(fate, decision.eligible.checks),
      ];
    }
    default:
      return told satisfies never;
  }
}

export function sentencesOfTask(told: TaskExplanation, decision: Decision, fate?: ProposalFate): string[] {
  switch (told.kind) {
    case 'no-part':
      return ['The task did not wait for a driver at the instant of the tick.'];
    case 'ineligible':
      return told.reasons.map(sentenceOfReason);
    case 'out-of-reach':
      return [sentenceOfReach(told)];
    case 'decided': {
      const {candidates, drivers, ineligible, driverId, unassigned} = told;
      const found = `Of ${drivers} drivers on shift ${candidates} were candidates.`;
      const out = ineligible.map(({code, sentence, drivers: count}) => `${count} took no part: ${sentence} (${code})`);
      if (driverId !== null) {
        return [`Driver ${driverId} was chosen. ${found}`, ...sentencesOfFate(fate, decision.eligible.checks), ...out];
      }
      if (candidates === 0) return [`Nobody could be asked. ${found}`, ...out];
      const best = told.alternatives[0]?.regretMs ?? null;
      const forced =
        best === null || unassigned.kind !== 'exact'
          ? 'The answer of the tick was not proven.'
          : `Giving it to the best of them would make the optimum worse by ${minutes(best)}.`;
      return [`It was left waiting: its candidates were worth more elsewhere. ${forced} ${found}`, ...out];
    }
    default:
      return told satisfies never;
  }
}

function sentenceOfReason({code, sentence, sinceMs, source}: Reason): string {
  const since = sinceMs === null ? '' : ` Since ${new Date(sinceMs).toISOString()}.`;
  return `${sentence}${since} (${code}${source === 'dispatch' ? '' : `: ${source}`})`;
}

function sentenceOfReach({leg, limitMs, ms}: OutOfReach): string {
  const way = {
    pickup: 'from the driver to the store',
    drop: 'from the store to the customer',
    return: 'from the customer back to the store',
  }[leg];
  const takes = ms === null ? `No road leads ${way} within two hours` : `It takes ${minutes(ms)} ${way}`;
  return `${takes}; at most ${minutes(limitMs)} are allowed.`;
}

/** When the pair would have picked up and handed over, and what of it the tick had learned from earlier promises. */
function sentenceOfPromise(facts: PairFacts, {snapshot: {atMs}}: Decision): string {
  const learned = (ms: number) => {
    if (ms === 0) return '';
    return ms > 0 ? ` (${minutes(ms)} of it learned)` : ` (${minutes(-ms)} less than by road, as was learned)`;
  };
  const pickup = `${minutes(facts.pickupAtMs - atMs)}${learned(facts.pickupCorrectionMs)}`;
  const drop = `${minutes(facts.dropAtMs - atMs)}${learned(facts.dropCorrectionMs)}`;
  return `The promise of this pair: picked up after ${pickup}, handed over after ${drop}.`;
}

function sentenceOfForcing(regret: Regret): string {
  switch (regret.kind) {
    case 'exact':
      if (regret.ms === 0) return 'Forcing this driver would have been just as good: it was a tie.';
      return `Forcing this driver would have made the optimum ${worse(regret)}.`;
    case 'infeasible':
      return 'The driver had no place.';
    case 'unproven':
      return 'The answer of the tick was not proven, so no exact comparison can be made.';
    default:
      return regret satisfies never;
  }
}

/** Of a regret: how much, and by which terms. Tasks more left unassigned are told as such, not as minutes. */
function worse({ms, termMs}: Extract<Regret, {kind: 'exact'}>): string {
  const left = Math.round(termMs.unassigned / BASE_MS);
  const terms = {...termMs, unassigned: termMs.unassigned - left * BASE_MS};
  const parts = Object.entries(terms)
    .filter(([, change]) => change !== 0)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(
      ([name, change]) => `${TERMS[name as keyof TermChanges]} ${change > 0 ? '+' : '−'}${minutes(Math.abs(change))}`,
    );
  const more = left === 0 ? '' : `${left} task${left === 1 ? '' : 's'} more would be left waiting, and it would be `;
  return `${more}worse by ${minutes(ms - left * BASE_MS)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

/** Who else would have had to change: the first move is the pair itself. */
function sentencesOfMoves(regret: Regret): string[] {
  if (regret.kind !== 'exact') return [];
  const name = (driverId: string | null) => (driverId === null ? 'nobody' : `driver ${driverId}`);
  return regret.moves.slice(1).map(({taskId, fromDriverId, toDriverId, changeMs}) => {
    const cost =
      Math.abs(changeMs) >= BASE_MS / 2 ? '' : ` (${changeMs < 0 ? '−' : '+'}${minutes(Math.abs(changeMs))})`;
    return `Task ${taskId} would then go to ${name(toDriverId)} instead of ${name(fromDriverId)}${cost}.`;
  });
}

function sentencesOfFate(fate: ProposalFate | undefined, checks: Decision['eligible']['checks']): string[] {
  if (fate === undefined) return ['Nothing was committed for it.'];
  if (fate.refusal === null) return [`It was offered: offer ${fate.offerId}.`];
  const rule = checks.find(({code}) => code === fate.refusal)?.sentence;
  const why = REFUSED[fate.refusal] ?? rule ?? 'a rule had come between';
  const last = fate.lastEvent;
  const before =
    last === null
      ? ''
      : ` Before it the task was '${last.kind}' by ${last.actor} at ${new Date(last.atMs).toISOString()}.`;
  return [`The commit refused it (${fate.refusal}): ${why.replace(/\.$/, '')}.${before}`];
}

const minutes = (ms: number): string =>
  ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
