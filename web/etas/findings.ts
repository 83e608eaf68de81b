// What a plot shows, in a sentence.

import type {Group, LegName, LegReport} from './report.ts';

const MS_PER_MINUTE = 60_000;
/** Nearer than this a promise was kept. */
const KEPT_MS = 15_000;
/** Medians that differ by less say nothing. */
const ALIKE_MS = 30_000;
/** Of the largest group, and of deliveries: smaller groups are too few to be compared. */
const SCARCE = 0.1;
const FEW = 20;

export const inMinutes = (ms: number): number => ms / MS_PER_MINUTE;
export const minutesOf = (ms: number): string => inMinutes(Math.abs(ms)).toFixed(1);
export const percent = (part: number, whole: number): string =>
  `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;

const NOUNS: Readonly<Record<LegName, string>> = {drop: 'Drops', pickup: 'Pickups'};

/** 2.3 min late. */
export const lateness = (ms: number): string =>
  Math.abs(ms) < KEPT_MS ? 'on time' : `${minutesOf(ms)} min ${ms > 0 ? 'late' : 'early'}`;

const telling = (groups: readonly Group[]): readonly Group[] => {
  const least = Math.max(FEW, SCARCE * Math.max(0, ...groups.map(({deliveries}) => deliveries)));
  return groups.filter(({deliveries}) => deliveries >= least);
};

/** Whose median is furthest off. */
function worstOf(groups: readonly Group[]): Group | undefined {
  const off = ({p50Ms}: Group) => Math.abs(p50Ms);
  return groups.reduce<Group | undefined>(
    (worst, each) => (worst && off(worst) >= off(each) ? worst : each),
    undefined,
  );
}

export const hourOf = (name: string): string => `${name}:00`;

export function overall(leg: LegName, {all, byHour}: LegReport): string {
  if (all.deliveries === 0) return 'No delivery reached its door in this time';
  const {p50Ms} = all;
  const come =
    Math.abs(p50Ms) < KEPT_MS
      ? `Half of ${NOUNS[leg].toLowerCase()} come sooner, half later than promised`
      : `${NOUNS[leg]} come ${minutesOf(p50Ms)} min ${p50Ms > 0 ? 'later' : 'earlier'} than promised`;
  const hours = telling(byHour);
  const worst = hours.length > 1 ? worstOf(hours) : undefined;
  return worst && Math.abs(worst.p50Ms) >= KEPT_MS ? `${come}; worst at ${hourOf(worst.name)}` : come;
}

/** `where` puts a group's name into words. */
export function byGroup(groups: readonly Group[], where: (name: string) => string): string {
  const [only] = groups;
  if (!only) return 'Nothing is known yet';
  if (groups.length === 1) return `All ${where(only.name)}: ${lateness(only.p50Ms)}`;
  const compared = telling(groups);
  const worst = worstOf(compared);
  if (!worst || compared.length === 1) return 'Too few to compare';
  const {p50Ms} = worst;
  const medians = compared.map((group) => group.p50Ms);
  const [least, most] = [Math.min(...medians), Math.max(...medians)];
  if (Math.abs(p50Ms) < KEPT_MS) {
    return compared.length === groups.length ? 'Median on time in every group' : 'Median on time in every larger group';
  }
  if (most - least < ALIKE_MS) return `Hardly differs: ${lateness(least)} to ${lateness(most)}`;
  return `Worst ${where(worst.name)}: ${lateness(p50Ms)}`;
}

export function spread({p10Ms, p90Ms, deliveries}: Group): string {
  if (deliveries === 0) return 'Nothing is known yet';
  const [from, to] = [lateness(p10Ms), lateness(p90Ms)];
  return from === to ? `Eight of ten come ${from}` : `Eight of ten come between ${from} and ${to}`;
}

export function kept({all, byPromise}: LegReport): string {
  if (all.deliveries === 0) return 'Nothing is known yet';
  const told = `${percent(all.onTime, all.deliveries)} come at most a minute late`;
  const share = ({onTime, deliveries}: Group) => onTime / deliveries;
  const [first, ...others] = telling(byPromise);
  if (!first || others.length === 0) return told;
  const least = others.reduce((low, each) => (share(low) <= share(each) ? low : each), first);
  return `${told}; of those promised in ${least.name} ${percent(least.onTime, least.deliveries)}`;
}

/** What the promise would have been worth without what was learned; nothing where nothing was. */
export function learned({all, corrected}: LegReport): string {
  if (!all.uncorrected) return 'nothing learned is in these promises';
  const [now, before] = [minutesOf(all.meanAbsMs), minutesOf(all.uncorrected.meanAbsMs)];
  const share = percent(corrected, all.deliveries);
  return `${share} of the promises were learned in part: off by ${now} min on average, without it by ${before}`;
}
