// Promised against actual times of a region's deliveries: how far off, when and on which trips, and whether what is
// learned from them helps.

import {readDispatchClock} from '../db/clock.ts';
import type {Database} from '../db/connect.ts';
import {newestEtaTruths} from '../db/eta-truths.ts';
import {requireMigrated} from '../db/migrate.ts';
import {
  type ErrorSummary,
  LEGS,
  type Leg,
  type LegError,
  legErrors,
  summaryOf,
  TRIP_BANDS,
  type TripBand,
} from '../domain/eta-error.ts';
import {LEARNED_DELIVERIES_LIMIT} from '../domain/eta-learning.ts';
import {type EtaTrial, tryLearning} from '../domain/eta-trial.ts';
import type {EtaTruth} from '../domain/eta-truth.ts';
import {learnEtas} from '../loops/eta-learning.ts';
import {type DatabaseOptions, theRegion, withDatabase} from './database.ts';
import {terminal} from './terminal.ts';

export type EtasOptions = DatabaseOptions & {
  readonly region?: string;
  readonly days: number;
  readonly learn?: boolean;
  readonly json?: boolean;
};

type LegReport = {
  readonly all: ErrorSummary;
  readonly byHour: readonly ({readonly hour: number} & ErrorSummary)[];
  readonly byTrip: readonly ({readonly trip: TripBand} & ErrorSummary)[];
};

const DAY_MS = 86_400_000;

export async function etas(options: EtasOptions): Promise<void> {
  await withDatabase(options, async (db) => {
    await requireMigrated(db);
    const {id: region, settings} = await theRegion(db, options.region);
    const {nowMs} = await readDispatchClock(db);
    const truths = await latestTruths(db, region, nowMs - options.days * DAY_MS, nowMs + 1);
    const errors = truths.flatMap(legErrors);
    const legs = Object.fromEntries(LEGS.map((leg) => [leg, reportOf(errors, leg)])) as Record<Leg, LegReport>;
    const trial = tryLearning(truths, settings.h3Resolution);
    const learned = options.learn ? await learnEtas(db, region, nowMs + 1) : undefined;
    const {etaCorrection} = settings;
    const answer = {
      region,
      deliveries: truths.length,
      etaCorrection,
      ...legs,
      trial,
      ...(learned && {learned: {deliveries: learned.deliveries, cells: learned.cells, fit: learned.fit}}),
    };
    const lines = [
      `region ${region}: ${truths.length} deliveries of ${options.days} days; etaCorrection is ${etaCorrection}`,
      ...LEGS.flatMap((leg) => ['', ...table(leg, legs[leg])]),
      '',
      ...trialLines(trial),
      ...(learned ? ['', `learned from ${learned.deliveries} deliveries, in ${learned.cells} cells and hours`] : []),
    ];
    terminal(options.json ?? false).answer(answer, lines.join('\n'));
  });
}

/** Ascending by hand-over; of more than the limit the latest. */
async function latestTruths(db: Database, regionId: string, sinceMs: number, untilMs: number): Promise<EtaTruth[]> {
  const spans: (readonly EtaTruth[])[] = [];
  const newest = {db, regionId, sinceMs, untilMs, limit: LEARNED_DELIVERIES_LIMIT};
  for await (const {truths} of newestEtaTruths(newest)) spans.push(truths);
  return spans.reverse().flat();
}

function reportOf(errors: readonly LegError[], leg: Leg): LegReport {
  const own = errors.filter((error) => error.leg === leg);
  const summary = (of: readonly LegError[]) => summaryOf(of.map(({errorMs}) => errorMs));
  const byHour = Map.groupBy(own, ({hour}) => hour);
  const byTrip = Map.groupBy(own, ({trip}) => trip);
  return {
    all: summary(own),
    byHour: [...byHour.keys()].sort((a, b) => a - b).map((hour) => ({hour, ...summary(byHour.get(hour) ?? [])})),
    byTrip: TRIP_BANDS.flatMap(({name: trip}) => {
      const of = byTrip.get(trip);
      return of ? [{trip, ...summary(of)}] : [];
    }),
  };
}

const WIDTH = 9;
const cells = (...values: readonly string[]) => values.map((value) => value.padStart(WIDTH)).join('');
/** Never as -0.00. */
const minutes = (ms: number): string => (Math.round(ms / 600) / 100 + 0).toFixed(2);
const row = (name: string, {deliveries, meanMs, meanAbsMs, p10Ms, p50Ms, p90Ms}: ErrorSummary): string =>
  `${name.padEnd(16)}${cells(`${deliveries}`, ...[meanMs, meanAbsMs, p10Ms, p50Ms, p90Ms].map(minutes))}`;

const table = (leg: Leg, {all, byHour, byTrip}: LegReport): string[] => [
  `${`${leg}, min late`.padEnd(16)}${cells('n', 'mean', 'size', 'p10', 'p50', 'p90')}`,
  row('all', all),
  ...byHour.map((of) => row(`${String(of.hour).padStart(2, '0')}:00`, of)),
  ...byTrip.map((of) => row(of.trip, of)),
];

function trialLines({learnedFrom, triedOn, ...legs}: EtaTrial): string[] {
  if (learnedFrom === 0 || triedOn === 0) return ['too few deliveries to try what can be learned from them'];
  return [
    `learned from the older ${learnedFrom}, tried on the newest ${triedOn}, min: by road → with what was learned`,
    ...LEGS.map((leg) => {
      const {without, with: corrected} = legs[leg];
      const change = (name: 'meanAbsMs' | 'meanLateMs') => `${minutes(without[name])} → ${minutes(corrected[name])}`;
      return `${leg.padEnd(16)}size ${change('meanAbsMs')}, late ${change('meanLateMs')}`;
    }),
  ];
}
