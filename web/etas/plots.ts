// The plots: SVG by Observable Plot, in colours of the page's style sheet, so that they follow dark and light.

import * as Plot from '@observablehq/plot';
import {hourOf, inMinutes, lateness, percent} from './findings.ts';
import type {Group, LegReport} from './report.ts';

const MEDIAN = 'var(--accent)';
const PLAIN = 'var(--warn)';
const FAINT = 'var(--dim)';
/** Half of the bar of an hour. */
const HALF = 0.42;
const NARROW_PX = 480;
const HOURS = Array.from({length: 24}, (_, hour) => hour);
const LATE = 'minutes late';

const told = ({p50Ms, p10Ms, p90Ms, deliveries}: Group): string =>
  `${lateness(p50Ms)}, eight of ten between ${lateness(p10Ms)} and ${lateness(p90Ms)}; ${deliveries} deliveries`;

type Row = {
  readonly name: string;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  /** Without what was learned. */
  readonly plain: number | undefined;
  readonly deliveries: number;
  readonly title: string;
};

const rowOf = (group: Group): Row => ({
  name: group.name,
  low: inMinutes(group.p10Ms),
  middle: inMinutes(group.p50Ms),
  high: inMinutes(group.p90Ms),
  plain: group.uncorrected ? inMinutes(group.uncorrected.p50Ms) : undefined,
  deliveries: group.deliveries,
  title: `${group.name}: ${told(group)}`,
});

/** Plot brings a style element, which the policy would refuse: what of it is wanted stands in etas.css. */
function drawn(options: Plot.PlotOptions): Element {
  const svg = Plot.plot({className: 'plot', marginLeft: 44, marginRight: 12, ...options});
  svg.querySelector('style')?.remove();
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}

const zero = (mark: typeof Plot.ruleX | typeof Plot.ruleY) => mark([0], {stroke: 'currentColor', strokeOpacity: 0.5});

/** Errors by hour over how many deliveries they are of. */
export function hours({byHour}: LegReport, width: number): Element[] {
  const rows = byHour.map((group) => ({
    ...rowOf(group),
    hour: Number(group.name),
    title: `${hourOf(group.name)} ${told(group)}`,
  }));
  const from = ({hour}: {hour: number}) => hour - HALF;
  const to = ({hour}: {hour: number}) => hour + HALF;
  const known = new Map(rows.map((row) => [row.hour, row]));
  // Lines break where nothing was.
  const line = (of: (row: Row) => number | undefined, options: Plot.LineYOptions) =>
    Plot.lineY(HOURS, {
      x: (hour: number) => hour,
      y: (hour: number) => {
        const row = known.get(hour);
        return (row && of(row)) ?? Number.NaN;
      },
      ...options,
    });
  const x = {domain: [-0.5, 23.5], ticks: HOURS.filter((hour) => hour % (width < NARROW_PX ? 6 : 3) === 0)};
  const errors = drawn({
    width,
    height: 230,
    x: {...x, label: null, tickFormat: () => ''},
    y: {grid: true, nice: true, label: LATE},
    marks: [
      Plot.rectY(rows, {
        x1: from,
        x2: to,
        y1: 'low',
        y2: 'high',
        fill: MEDIAN,
        fillOpacity: 0.22,
        rx: 3,
        title: 'title',
      }),
      zero(Plot.ruleY),
      line(({plain}) => plain, {stroke: PLAIN, strokeWidth: 1.5, strokeDasharray: '4 3'}),
      line(({middle}) => middle, {stroke: MEDIAN, strokeWidth: 2}),
      Plot.dot(rows, {x: 'hour', y: 'middle', r: 3, fill: MEDIAN, title: 'title'}),
    ],
  });
  const counts = drawn({
    width,
    height: 84,
    marginTop: 16,
    x: {...x, label: 'hour of the offer', tickFormat: (hour: number) => `${hour}:00`},
    y: {ticks: 2, label: 'deliveries'},
    marks: [
      Plot.rectY(rows, {x1: from, x2: to, y: 'deliveries', fill: FAINT, fillOpacity: 0.6, title: 'title'}),
      Plot.ruleY([0], {stroke: FAINT}),
    ],
  });
  return [errors, counts];
}

/** A bar a group from its tenth to its ninetieth percentile, with its median. */
export function ranges(groups: readonly Group[], width: number): Element[] {
  const rows = groups.map(rowOf);
  const longest = Math.max(0, ...rows.map(({name}) => name.length));
  return [
    drawn({
      width,
      height: 52 + 30 * rows.length,
      marginTop: 8,
      marginLeft: Math.min(width / 3, 16 + 7 * longest),
      marginRight: 52,
      x: {grid: true, nice: true, label: LATE},
      y: {domain: rows.map(({name}) => name), label: null, tickSize: 0},
      marks: [
        Plot.barX(rows, {
          x1: 'low',
          x2: 'high',
          y: 'name',
          insetTop: 5,
          insetBottom: 5,
          rx: 3,
          fill: MEDIAN,
          fillOpacity: 0.22,
          title: 'title',
        }),
        zero(Plot.ruleX),
        Plot.dot(
          rows.filter(({plain}) => plain !== undefined),
          {x: 'plain', y: 'name', r: 4.5, stroke: PLAIN, strokeWidth: 1.5},
        ),
        Plot.dot(rows, {x: 'middle', y: 'name', r: 4.5, fill: MEDIAN, title: 'title'}),
        Plot.text(rows, {y: 'name', text: 'deliveries', frameAnchor: 'right', dx: 46, textAnchor: 'end', fill: FAINT}),
      ],
    }),
  ];
}

/** Single deliveries. */
export function scatter({points}: LegReport, width: number): Element[] {
  return [
    drawn({
      width,
      height: 260,
      x: {grid: true, nice: true, label: 'minutes promised'},
      y: {grid: true, nice: true, label: LATE},
      marks: [
        zero(Plot.ruleY),
        Plot.dot(points, {
          x: ([promisedMs]: readonly [number, number]) => inMinutes(promisedMs),
          y: ([, errorMs]: readonly [number, number]) => inMinutes(errorMs),
          r: 2.2,
          fill: MEDIAN,
          fillOpacity: 0.45,
        }),
      ],
    }),
  ];
}

/** What it took by what was promised, over how many were at most a minute late. */
export function calibration({byPromise}: LegReport, width: number): Element[] {
  const rows = byPromise.map((group) => {
    const {low, middle, high, title} = rowOf(group);
    const promised = inMinutes(group.promisedMs);
    const came = (100 * group.onTime) / group.deliveries;
    const share = percent(group.onTime, group.deliveries);
    const kept = `promised in ${group.name}: ${share} of ${group.deliveries} at most a minute late`;
    return {promised, low: promised + low, middle: promised + middle, high: promised + high, came, kept, title};
  });
  const most = Math.max(5, ...rows.map(({promised}) => promised)) * 1.05;
  const x = {domain: [0, most]};
  const took = drawn({
    width,
    height: 230,
    x: {...x, label: null, tickFormat: () => ''},
    y: {grid: true, nice: true, zero: true, label: 'minutes it took'},
    marks: [
      Plot.line(
        [
          [0, 0],
          [most, most],
        ],
        {stroke: FAINT, strokeDasharray: '4 3'},
      ),
      Plot.areaY(rows, {x: 'promised', y1: 'low', y2: 'high', fill: MEDIAN, fillOpacity: 0.22}),
      Plot.lineY(rows, {x: 'promised', y: 'middle', stroke: MEDIAN, strokeWidth: 2}),
      Plot.dot(rows, {x: 'promised', y: 'middle', r: 3, fill: MEDIAN, title: 'title'}),
    ],
  });
  const came = drawn({
    width,
    height: 100,
    marginTop: 24,
    x: {...x, label: 'minutes promised'},
    y: {domain: [0, 100], ticks: [0, 50, 100], label: '% at most a minute late'},
    marks: [
      Plot.ruleX(rows, {
        x: 'promised',
        y1: 0,
        y2: 'came',
        stroke: FAINT,
        strokeWidth: 14,
        strokeOpacity: 0.6,
        title: 'kept',
      }),
      Plot.ruleY([0], {stroke: FAINT}),
    ],
  });
  return [took, came];
}
