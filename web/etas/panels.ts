// The figures of a report, one leg at a time.

import {number} from '../dom.ts';
import {figure, type Shown} from './figure.ts';
import {byGroup, hourOf, inMinutes, kept, percent, spread} from './findings.ts';
import {calibration, hours, ranges, scatter} from './plots.ts';
import type {Group, LegName, LegReport} from './report.ts';

const COLUMNS = [
  'deliveries',
  'median, min',
  '10 %, min',
  '90 %, min',
  'mean, min',
  '≤ 1 min late',
  'median unlearned, min',
];

const minutes = (ms: number): string => inMinutes(ms).toFixed(1);

const cellsOf = ({deliveries, p50Ms, p10Ms, p90Ms, meanMs, onTime, uncorrected}: Group): string[] => [
  number.format(deliveries),
  minutes(p50Ms),
  minutes(p10Ms),
  minutes(p90Ms),
  minutes(meanMs),
  percent(onTime, deliveries),
  uncorrected ? minutes(uncorrected.p50Ms) : '–',
];

/** How to read a plot; of what was learned only where something was. */
const noteOf = (how: string, without: string, {all}: LegReport): string =>
  all.uncorrected ? `${how}; ${without}: median without what was learned.` : `${how}.`;

type Panel = {
  readonly id: string;
  readonly title: string;
  readonly of: (report: LegReport, leg: LegName) => Shown | undefined;
};

/** By some property: nothing where nothing is known of it. */
const byProperty = (
  report: LegReport,
  groups: readonly Group[],
  column: string,
  where: (name: string) => string,
): Shown | undefined =>
  groups.length === 0
    ? undefined
    : {
        finding: byGroup(groups, where),
        note: noteOf('Minutes; late is right of zero. Dot: median; bar: eight of ten', 'ring', report),
        draw: (width) => ranges(groups, width),
        columns: [column, ...COLUMNS],
        rows: groups.map((group) => [group.name, ...cellsOf(group)]),
      };

const PANELS: readonly Panel[] = [
  {
    id: 'by-hour',
    title: 'By hour of the offer',
    of: (report) => ({
      finding: byGroup(report.byHour, (name) => `at ${hourOf(name)}`),
      note: noteOf('Minutes; late is above zero. Line: median; bar: eight of ten', 'dashed', report),
      draw: (width) => hours(report, width),
      columns: ['hour', ...COLUMNS],
      rows: report.byHour.map((group) => [hourOf(group.name), ...cellsOf(group)]),
    }),
  },
  {
    id: 'by-promise',
    title: 'By what was promised',
    of: (report) => ({
      finding: kept(report),
      note: 'Minutes from the offer on. Line: median; area: eight of ten; dashed: as promised.',
      draw: (width) => calibration(report, width),
      columns: ['promised', ...COLUMNS],
      rows: report.byPromise.map((group) => [group.name, ...cellsOf(group)]),
    }),
  },
  {
    id: 'by-road',
    title: 'By kind of road',
    of: (report, leg) =>
      byProperty(report, report.byRoad, 'road', (name) => `${leg === 'drop' ? 'on' : 'from stores on'} ${name} roads`),
  },
  {
    id: 'by-distance',
    title: 'By distance from the store by road',
    of: (report) => byProperty(report, report.byDistance, 'distance', (name) => `over ${name}`),
  },
  {
    id: 'by-trip',
    title: 'By road time of the leg',
    of: (report) => byProperty(report, report.byTrip, 'road time', (name) => `for legs of ${name}`),
  },
  {
    id: 'by-category',
    title: 'By category of goods',
    of: (report) => byProperty(report, report.byCategory, 'category', (name) => `for ${name}`),
  },
  {
    id: 'points',
    title: 'Single deliveries',
    of: (report) => ({
      finding: spread(report.all),
      note: 'A dot a delivery, of some that are chosen evenly.',
      draw: (width) => scatter(report, width),
      columns: ['promised, min', 'late, min'],
      rows: report.points.map(([promisedMs, errorMs]) => [minutes(promisedMs), minutes(errorMs)]),
    }),
  },
];

export function startPanels(box: HTMLElement): (report: LegReport, leg: LegName) => void {
  const figures = PANELS.map(({id, title}) => figure(id, title));
  box.append(...figures.map(({element}) => element));
  return (report, leg) => {
    for (const [i, {of}] of PANELS.entries()) {
      figures[i]!.show(report.all.deliveries === 0 ? undefined : of(report, leg));
    }
  };
}
