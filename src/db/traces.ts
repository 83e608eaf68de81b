// The trace of a task: its dossier, and what the ticks made of it.

import type {OfferFeatures, Refusal} from '../domain/offer.ts';
import {type Phase, phasesOf} from '../domain/phases.ts';
import type {OfferState} from '../domain/state.ts';
import type {TickHeader} from '../domain/tick-record.ts';
import type {Database} from './connect.ts';
import {type Dossier, type ReadDossier, readDossier} from './dossiers.ts';
import {instantText} from './parameter.ts';
import {statement} from './statement.ts';

const READ = statement('read_trace');

/** Offers of a trace, and refused proposals: the latest. A task that is opened again may be offered without end. */
export const TRACE_OFFERS_LIMIT = 200;
/** Ticks that are counted while a task waited, the latest: five hours and a half at one a second. */
const TRACE_TICKS_LIMIT = 20_000;

/** As a log holds them: those of version 1 have no promise. Prices may be withheld. */
type LoggedFeatures = Omit<OfferFeatures, 'version' | Promised | Price> &
  Partial<Pick<OfferFeatures, Promised | Price>>;
type Promised = 'pickupAtMs' | 'dropAtMs' | 'pickupCorrectionMs' | 'dropCorrectionMs';
/** What a tick thought of the driver, and what the pair would cost. */
type Price = 'acceptance' | 'costMs' | 'terms' | 'nextBestCostMs' | 'unassignedMs';

export type TracedOffer = {
  readonly offerId: string;
  readonly driverId: string;
  readonly tickId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly features: LoggedFeatures;
  /** null while it is open. */
  readonly outcome: Exclude<OfferState, 'OPEN'> | null;
  readonly outcomeAtMs: number | null;
  readonly outcomeReason: string | null;
  /** Of its record; null where there is none, as of a daemon that was killed after the commit. */
  readonly tick:
    | (Pick<TickHeader, 'atMs' | 'trigger'> &
        Pick<TickHeader['solve'], 'kind' | 'certified'> & {
          readonly isKept: boolean;
        })
    | null;
};

/** A proposal that the commit of its tick refused. */
export type RefusedProposal = {
  readonly tickId: string;
  readonly driverId: string;
  readonly refusal: Refusal;
  /** Of the commit. */
  readonly atMs: number;
  /** Whether the tick's payload is kept, so that it can be decided again. */
  readonly isKept: boolean;
};

export type TracedPhase = Phase & {
  /** Of a wait: ticks that ran meanwhile and offered it to nobody; null where its instants cannot be read. */
  readonly ticks: number | null;
  /** More ran before these: they are not counted, nor is what they proposed known. */
  readonly isCut: boolean;
  /** What the ticks of a wait proposed in vain. */
  readonly refusals: readonly RefusedProposal[];
};

export type Trace = {
  readonly dossier: Dossier;
  readonly nowMs: number;
  /** In order. */
  readonly phases: readonly TracedPhase[];
  /** Ascending by when they were opened. */
  readonly offers: readonly TracedOffer[];
  /** How many came before those that are told. */
  readonly offersLeftOut: number;
  /** The same, by the ticks that are counted. */
  readonly refusalsLeftOut: number;
};

type StoredTrace = {
  readonly nowMs: number;
  readonly waits: readonly {readonly ticks: number; readonly isCut: boolean}[];
  readonly refusalCount: number;
  readonly refusals: readonly (RefusedProposal & {readonly wait: number})[];
  readonly offerCount: number;
  readonly offers: readonly TracedOffer[];
};

export type ReadTrace =
  | {readonly kind: 'trace'; readonly trace: Trace}
  | Exclude<ReadDossier, {readonly kind: 'dossier'}>;

/**
 * The dossier first, then what ticks made of the waits in it: all that the dossier tells of stands in the second
 * reading, which may be a moment newer.
 */
export async function readTrace(
  db: Database,
  regionId: string,
  taskId: string,
  ticksLimit = TRACE_TICKS_LIMIT,
): Promise<ReadTrace> {
  const found = await readDossier(db, regionId, taskId);
  if (found.kind !== 'dossier') return found;
  const phases = phasesOf(found.dossier.events);
  const waits = phases.filter(
    ({kind, fromMs, untilMs}) => kind === 'waiting' && !Number.isNaN(fromMs) && !Number.isNaN(untilMs),
  );
  const [stored] = await db.query<StoredTrace>(READ, [
    regionId,
    taskId,
    waits.map(({fromMs}) => instantText(fromMs)),
    waits.map(({untilMs}) => (untilMs === null ? null : instantText(untilMs))),
    TRACE_OFFERS_LIMIT,
    ticksLimit,
  ]);
  const {nowMs, refusals, refusalCount, offers, offerCount} = stored;
  const traced = phases.map((phase): TracedPhase => {
    const wait = waits.indexOf(phase);
    if (wait < 0) return {...phase, ticks: null, isCut: false, refusals: []};
    const own = refusals.filter((refused) => refused.wait === wait);
    return {...phase, ...stored.waits[wait], refusals: own.map(({wait: _, ...refused}) => refused)};
  });
  return {
    kind: 'trace',
    trace: {
      dossier: found.dossier,
      nowMs,
      phases: traced,
      offers,
      offersLeftOut: offerCount - offers.length,
      refusalsLeftOut: refusalCount - refusals.length,
    },
  };
}
