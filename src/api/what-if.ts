// /internal/dispatch/what-if: a recorded tick under other circumstances, beside what it decided.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, type TSchema, Type} from 'typebox';
import type {Decision} from '../dispatch/decision.ts';
import {decisionHash} from '../dispatch/record.ts';
import {addedId, type Changes, changed, settables} from '../dispatch/what-if/changes.ts';
import {difference} from '../dispatch/what-if/difference.ts';
import {type Scene, type Side, sceneOf} from '../dispatch/what-if/scene.ts';
import {fromE7, toE7} from '../domain/units.ts';
import {refuse} from './failures.ts';
import {WHAT_IF_CHANGES_LIMIT} from './limits.ts';
import {problems} from './problems.ts';
import type {Ask} from './questions.ts';
import * as wire from './wire.ts';

const ms = Type.Integer();
const count = Type.Integer({minimum: 0});
const driverId = wire.nullable(wire.uuid);

const outcome = wire.named(
  'Outcome',
  Type.Object(
    {
      tasks: count,
      proposed: count,
      unassigned: count,
      costMs: Type.Integer({description: 'Of the pairs alone, by the weights and settings that were recorded.'}),
      pickupMs: ms,
      readyToDropMs: ms,
      lateMs: ms,
      lateTasks: count,
      acceptance: Type.Number(),
    },
    {description: 'Sums over the proposals.'},
  ),
);

const side = wire.named(
  'WhatIfSide',
  Type.Object({
    assigned: Type.Array(Type.Tuple([count, count, ms, ms]), {
      description: 'By proposal: indices of task and driver, ms to the store, ms from the tick to the hand-over.',
    }),
    waiting: Type.Array(count, {description: 'Indices of tasks that nobody is asked for.'}),
    idle: Type.Array(count, {description: 'Indices of drivers who might have been asked, and were not.'}),
  }),
);

const answer = wire.named(
  'WhatIf',
  Type.Object({
    tickId: wire.uuid,
    regionId: wire.regionId,
    at: wire.instant,
    same: Type.Boolean({description: 'The decision is the recorded one, bit for bit.'}),
    before: outcome.ref,
    after: outcome.ref,
    moved: Type.Array(
      Type.Object({taskId: wire.uuid, fromDriverId: driverId, toDriverId: driverId}, {description: 'null is nobody.'}),
    ),
    addedDrivers: Type.Array(wire.uuid, {description: 'Their ids, in the order of addDrivers.'}),
    settables: Type.Array(
      Type.Object({name: Type.String(), value: Type.Number(), low: Type.Number(), high: Type.Number()}),
      {description: 'What set may name: what it was, and its bounds.'},
    ),
    rules: Type.Array(Type.Object({code: Type.String(), sentence: Type.String()}), {
      description: 'Those in force at the tick.',
    }),
    map: Type.Object({
      stores: Type.Array(Type.Tuple([wire.uuid, wire.lon, wire.lat]), {description: 'Id, lon, lat.'}),
      drivers: Type.Array(Type.Tuple([wire.uuid, wire.lon, wire.lat]), {description: 'The same of who takes part.'}),
      tasks: Type.Array(Type.Tuple([wire.uuid, wire.lon, wire.lat, count]), {
        description: 'Id, lon and lat of the drop, index of the store.',
      }),
      before: side.ref,
      after: side.ref,
    }),
  }),
);

export const whatIfShapes = [outcome.shape, side.shape, answer.shape];

const some = <S extends TSchema>(one: S) => Type.Optional(Type.Array(one, {maxItems: WHAT_IF_CHANGES_LIMIT}));

const question = wire.record({
  regionId: Type.Optional(wire.regionId),
  tick: wire.uuid,
  set: Type.Optional(
    Type.Record(Type.String(), Type.Number(), {
      maxProperties: WHAT_IF_CHANGES_LIMIT,
      description: 'Weights and settings by name, as w_age or candidatesPerTask; the answer tells which there are.',
    }),
  ),
  addDrivers: some(Type.Tuple([wire.lon, wire.lat], {description: 'Free, and allowed to carry everything.'})),
  withoutDrivers: some(wire.uuid),
  withoutTasks: some(wire.uuid),
  withoutRules: some(wire.text(100)),
});

const lower = (ids: readonly string[] = []): string[] => ids.map((id) => id.toLowerCase());

const changesOf = ({
  set = {},
  addDrivers = [],
  withoutDrivers,
  withoutTasks,
  withoutRules = [],
}: Static<typeof question>): Changes => ({
  set,
  addDrivers: addDrivers.map(([lon, lat]) => ({lonE7: toE7(lon), latE7: toE7(lat)})),
  withoutDrivers: lower(withoutDrivers),
  withoutTasks: lower(withoutTasks),
  withoutRules,
});

export const whatIf =
  (ask: Ask): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/internal/dispatch/what-if',
      {
        config: {scopes: ['ops', 'read'], keyless: true},
        schema: {
          tags: ['dispatch'],
          operationId: 'whatIf',
          summary: 'A recorded tick under other circumstances, beside what it decided',
          description:
            'Nothing is changed by it. Without a change the decision is the recorded one, and the answer tells what ' +
            'may be set. The tick stands alone: what would have followed is not told.',
          body: question,
          response: {200: answer.ref, ...problems(404, 409, 410, 422)},
        },
      },
      async (request, reply) => {
        const {regionId: asked, tick} = request.body;
        const tickId = tick.toLowerCase();
        const changes = changesOf(request.body);
        const told = await ask(reply, asked, tickId, async (regionId, before, _explainer, decideOn) => {
          const after = await decideOn(changed(before.snapshot, changes));
          return {
            tickId,
            regionId,
            at: wire.toIso(before.snapshot.atMs),
            same: hashOf(after) === hashOf(before),
            ...difference(before, after),
            addedDrivers: changes.addDrivers.map((_, i) => addedId(i)),
            settables: settables(before.snapshot),
            rules: before.snapshot.rules.map(({code, sentence}) => ({code, sentence})),
            map: sceneToWire(sceneOf(before, after)),
          };
        });
        return told.kind === 'answered' ? (told.answer as Static<typeof answer.shape>) : refuse(reply, told);
      },
    );
  };

const hashOf = ({proposals, solution}: Decision): string => decisionHash(proposals, solution);

type Map = Static<typeof answer.shape>['map'];

const sceneToWire = ({stores, drivers, tasks, before, after}: Scene): Map => ({
  stores: stores.map(([id, lon, lat]) => [id, fromE7(lon), fromE7(lat)]),
  drivers: drivers.map(([id, lon, lat]) => [id, fromE7(lon), fromE7(lat)]),
  tasks: tasks.map(([id, lon, lat, store]) => [id, fromE7(lon), fromE7(lat), store]),
  before: sideToWire(before),
  after: sideToWire(after),
});

const sideToWire = ({assigned, waiting, idle}: Side): Map['before'] => ({
  assigned: assigned.map(([task, driver, pickupMs, dropInMs]) => [task, driver, pickupMs, dropInMs]),
  waiting: [...waiting],
  idle: [...idle],
});
