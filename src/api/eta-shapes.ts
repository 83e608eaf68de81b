// A report of promised against actual times, as it is answered.

import {Type} from 'typebox';
import type {EtaReport} from './eta-report.ts';
import {ETA_REPORT} from './limits.ts';
import * as wire from './wire.ts';

const ms = Type.Integer();
const count = Type.Integer({minimum: 0});
const summary = {deliveries: count, meanMs: ms, meanAbsMs: ms, p10Ms: ms, p50Ms: ms, p90Ms: ms};

const group = wire.named(
  'EtaGroup',
  Type.Object(
    {
      name: Type.String(),
      ...summary,
      onTime: Type.Integer({minimum: 0, description: 'Deliveries that came at most a minute after the promise.'}),
      promisedMs: Type.Integer({description: 'What was promised, from the offer on, on average.'}),
      uncorrected: Type.Union([Type.Object(summary), Type.Null()], {
        description: 'Errors of the same promises without what was learned; null where nothing was.',
      }),
    },
    {description: 'Errors of promises: actual less promised, so that late is positive.'},
  ),
);

const groups = (description: string) =>
  Type.Array(group.ref, {description: `${description} Groups without deliveries are left out.`});

const leg = wire.named(
  'EtaLeg',
  Type.Object({
    all: group.ref,
    corrected: Type.Integer({minimum: 0, description: 'Deliveries whose promise was in part learned.'}),
    byHour: groups('By hour of the offer, 00 to 23, in the time zone of the region.'),
    byTrip: groups('By road time of the leg, in bands.'),
    byPromise: groups('By what was promised from the offer on, in bands.'),
    byCategory: groups('By category of goods, the most frequent first.'),
    byRoad: groups(
      'By kind of road, as map tiles name it. Of the drop: that on which most of the driving time from the store ' +
        'passes. Of the pickup: that on which the store lies, for where drivers come from is not logged.',
    ),
    byDistance: groups('By length of the way from the store, in bands; none of the pickup.'),
    points: Type.Array(Type.Tuple([ms, ms]), {
      description: 'Single deliveries, chosen evenly: milliseconds promised from the offer on, and the error.',
    }),
  }),
);

const etas = wire.named(
  'Etas',
  Type.Object({
    regionId: wire.regionId,
    timeZone: Type.String(),
    since: Type.String({...wire.instant, description: 'Hand-overs from here on are in it.'}),
    until: Type.String({...wire.instant, description: 'Those from here on are not.'}),
    deliveries: Type.Integer({minimum: 0, description: 'That reached the door, handed over or not.'}),
    cut: Type.Boolean({
      description:
        `More was asked for than ${ETA_REPORT.deliveries} deliveries: the newest are in it, and \`since\` is where ` +
        'they begin.',
    }),
    onRoads: Type.Integer({
      minimum: 0,
      description: `Of so many, ${ETA_REPORT.ways} at most, the roads are known; 0 while the graph loads.`,
    }),
    pickup: leg.ref,
    drop: leg.ref,
  }),
);

export type Etas = Omit<EtaReport, 'sinceMs'> & {
  readonly regionId: string;
  readonly timeZone: string;
  readonly since: string;
  readonly until: string;
};
export const etasRef = Type.Unsafe<Etas>(etas.ref);
export const etaShapes = [group.shape, leg.shape, etas.shape];
