// Explanations on the wire, and as `cloudrun explain --json` writes them: one flat shape, whose `kind` says which of
// its members are there.

import {type Static, Type} from 'typebox';
import {TERM_NAMES} from '../dispatch/costs.ts';
import type {Decision} from '../dispatch/decision.ts';
import type {Explainer, PairExplanation, PairFacts, TaskExplanation} from '../dispatch/explain/explain.ts';
import type {Reason} from '../dispatch/explain/reasons.ts';
import type {Regret} from '../dispatch/explain/regret.ts';
import {sentencesOfPair, sentencesOfTask} from '../dispatch/explain/sentences.ts';
import type {ProposalFate} from '../domain/offer.ts';
import * as wire from './wire.ts';

const ms = Type.Integer();
const driverId = wire.nullable(wire.uuid);
const count = Type.Integer({minimum: 0});

const reasonShape = Type.Object({
  code: Type.String(),
  sentence: Type.String(),
  source: Type.String({description: "Of the rule; 'dispatch' where none asks for it."}),
  ruleSince: Type.Optional({...wire.instant, description: 'Since when the rule is in force.'}),
  since: Type.Optional({...wire.instant, description: 'Since when it stood in the way, where the record tells.'}),
});

const terms = Type.Record(Type.String(), ms, {description: `Milliseconds by term: ${TERM_NAMES.join(', ')}.`});

const pairFacts = wire.named(
  'PairFacts',
  Type.Object({
    pickupMs: ms,
    dropMs: ms,
    returnMs: ms,
    pickupAt: {...wire.instant, description: 'The promise: when the goods would be picked up.'},
    dropAt: {...wire.instant, description: 'And when they would be handed over.'},
    pickupCorrectionMs: Type.Integer({description: 'How much of the promise was learned (docs/ETAS.md).'}),
    dropCorrectionMs: ms,
    acceptance: Type.Number({description: 'How likely the driver accepts.'}),
    costMs: ms,
    termMs: terms,
    rank: Type.Integer({description: "Among the task's candidates by cost, from 0."}),
    candidates: count,
  }),
);

const regret = wire.named(
  'Regret',
  Type.Object({
    kind: Type.Enum(['exact', 'infeasible', 'unproven']),
    ms: Type.Optional(Type.Integer({description: 'By how much the optimum would be worse.'})),
    termMs: Type.Optional(
      Type.Record(Type.String(), ms, {description: 'The same by term; what leaving tasks unassigned adds is one.'}),
    ),
    moves: Type.Optional(
      Type.Array(Type.Object({taskId: wire.uuid, fromDriverId: driverId, toDriverId: driverId, changeMs: ms}), {
        description: 'Who would serve what instead; null is nobody.',
      }),
    ),
  }),
);

const fateShape = Type.Object(
  {
    driverId: wire.uuid,
    offerId: wire.nullable(wire.uuid),
    refusal: wire.nullable(Type.String()),
    at: wire.instant,
    lastEvent: wire.nullable(Type.Object({kind: Type.String(), actor: Type.String(), at: wire.instant})),
  },
  {description: 'What the commit made of the proposal.'},
);

const explanation = wire.named(
  'Explanation',
  Type.Object({
    tickId: wire.uuid,
    regionId: wire.regionId,
    at: wire.instant,
    taskId: wire.uuid,
    driverId: Type.Optional(wire.uuid),
    kind: Type.Enum(['no-part', 'ineligible', 'out-of-reach', 'no-candidate', 'not-chosen', 'chosen', 'decided']),
    sentences: Type.Array(Type.String(), {description: 'The same for a reader.'}),
    reasons: Type.Optional(Type.Array(reasonShape)),
    reach: Type.Optional(
      Type.Object({leg: Type.Enum(['pickup', 'drop', 'return']), limitMs: ms, ms: wire.nullable(ms)}),
    ),
    place: Type.Optional(
      Type.Object(
        {pickupMs: ms, rank: count, wanted: count, farthestMs: wire.nullable(ms)},
        {description: 'Who is nearer to the store by road, and how many are considered.'},
      ),
    ),
    pair: Type.Optional(pairFacts.ref),
    instead: Type.Optional({...driverId, description: 'Whom the task went to, or would go to; null is nobody.'}),
    regret: Type.Optional({...regret.ref, description: 'Of forcing the pair, or of forbidding it if it was chosen.'}),
    fate: Type.Optional(fateShape),
    chosenDriverId: Type.Optional(driverId),
    unassigned: Type.Optional({...regret.ref, description: 'Of leaving the task to nobody.'}),
    candidates: Type.Optional(count),
    drivers: Type.Optional(count),
    alternatives: Type.Optional(
      Type.Array(Type.Object({driverId: wire.uuid, pair: pairFacts.ref, regretMs: wire.nullable(ms)})),
    ),
    ineligible: Type.Optional(Type.Array(Type.Object({code: Type.String(), sentence: Type.String(), drivers: count}))),
  }),
);

export const explanationShapes = [pairFacts.shape, regret.shape, explanation.shape];
export const explanationRef = explanation.ref;

type Explanation = Static<typeof explanation.shape>;

/** What is asked, and what the explainer and the records answer. */
export type Question = {
  readonly tickId: string;
  readonly taskId: string;
  /** Left out: of the task alone. */
  readonly driverId?: string | undefined;
  readonly limit: number;
};

/** `fate`: of the task's proposal. */
export async function explain(
  {tickId, taskId, driverId, limit}: Question,
  decision: Decision,
  explainer: Explainer,
  fate: ProposalFate | undefined,
): Promise<Explanation> {
  const {regionId, atMs} = decision.snapshot;
  const head = {tickId, regionId, at: wire.toIso(atMs), taskId};
  if (driverId === undefined) {
    const told = explainer.task(taskId, limit);
    return {...head, kind: told.kind, sentences: sentencesOfTask(told, decision, fate), ...membersOfTask(told, fate)};
  }
  const told = await explainer.pair(taskId, driverId);
  const sentences = sentencesOfPair(told, decision, fate);
  return {...head, driverId, kind: told.kind, sentences, ...membersOfPair(told, fate)};
}

function membersOfPair(told: PairExplanation, fate: ProposalFate | undefined): Partial<Explanation> {
  switch (told.kind) {
    case 'no-part':
      return {};
    case 'ineligible':
      return {reasons: told.reasons.map(reasonToWire)};
    case 'out-of-reach':
      return {reach: {leg: told.leg, limitMs: told.limitMs, ms: told.ms}};
    case 'no-candidate':
      return {
        place: {pickupMs: told.pickupMs, rank: told.rank, wanted: told.wanted, farthestMs: told.farthestMs},
      };
    case 'not-chosen':
      return {pair: factsToWire(told.facts), instead: told.instead, regret: regretToWire(told.regret)};
    case 'chosen':
      return {
        pair: factsToWire(told.facts),
        instead: told.instead,
        regret: regretToWire(told.regret),
        ...(fate && {fate: fateToWire(fate)}),
      };
    default:
      return told satisfies never;
  }
}

function membersOfTask(told: TaskExplanation, fate: ProposalFate | undefined): Partial<Explanation> {
  if (told.kind !== 'decided')
    return membersOfPair(told.kind === 'no-part' ? {...told, task: false, driver: true} : told, fate);
  return {
    chosenDriverId: told.driverId,
    unassigned: regretToWire(told.unassigned),
    candidates: told.candidates,
    drivers: told.drivers,
    alternatives: told.alternatives.map(({driverId, facts, regretMs}) => ({
      driverId,
      pair: factsToWire(facts),
      regretMs,
    })),
    ineligible: [...told.ineligible],
    ...(fate && {fate: fateToWire(fate)}),
  };
}

const factsToWire = ({pickupAtMs, dropAtMs, termMs, ...facts}: PairFacts): Static<typeof pairFacts.shape> => ({
  ...facts,
  pickupAt: wire.toIso(pickupAtMs),
  dropAt: wire.toIso(dropAtMs),
  termMs: {...termMs},
});

const regretToWire = (told: Regret): Static<typeof regret.shape> =>
  told.kind === 'exact' ? {...told, termMs: {...told.termMs}, moves: [...told.moves]} : {kind: told.kind};

const reasonToWire = ({code, sentence, source, ruleSinceMs, sinceMs}: Reason): Static<typeof reasonShape> => ({
  code,
  sentence,
  source,
  ...(ruleSinceMs !== null && {ruleSince: wire.toIso(ruleSinceMs)}),
  ...(sinceMs !== null && {since: wire.toIso(sinceMs)}),
});

const fateToWire = ({atMs, lastEvent, ...fate}: ProposalFate): Static<typeof fateShape> => ({
  ...fate,
  at: wire.toIso(atMs),
  lastEvent: lastEvent && {kind: lastEvent.kind, actor: lastEvent.actor, at: wire.toIso(lastEvent.atMs)},
});
