// Why a driver or a task takes no part in a tick: the checks of src/dispatch on a snapshot with that one alone.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, Type} from 'typebox';
import {readDriver} from '../db/drivers.ts';
import {readSnapshot, type Subject} from '../db/snapshot.ts';
import {readTask} from '../db/tasks.ts';
import {brokenChecks, type Check, eligibility as judge} from '../dispatch/eligibility.ts';
import {refuse} from './failures.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const reason = wire.named(
  'Reason',
  Type.Object({
    code: Type.String({description: 'Of a rule of the region, or of dispatch itself.'}),
    sentence: Type.String(),
    source: Type.String({description: "Of the rule; 'dispatch' where none asks for it."}),
    since: Type.Optional({...wire.instant, description: 'Since when the rule is in force.'}),
  }),
);
const verdict = wire.named(
  'Eligibility',
  Type.Object({eligible: Type.Boolean(), at: wire.instant, reasons: Type.Array(reason.ref)}),
);
export const eligibilityShapes = [reason.shape, verdict.shape];

type Reason = Static<typeof reason.shape>;
/** What a tick never sees: who is not on shift, and what does not wait. */
const OFF_SHIFT: Reason = {code: 'DRIVER_OFF_SHIFT', sentence: 'The driver is not on shift.', source: 'dispatch'};
const UNAVAILABLE: Reason = {
  code: 'TASK_UNAVAILABLE',
  sentence: 'The task does not wait for a driver.',
  source: 'dispatch',
};

const toWire = ({code, sentence, source, sinceMs}: Check): Reason => ({
  code,
  sentence,
  source,
  ...(sinceMs !== null && {since: wire.toIso(sinceMs)}),
});

export const eligibility =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db} = world;
    const schema = {
      params: wire.byId,
      querystring: wire.inRegion,
      response: {200: verdict.ref, ...problems(404)},
    };

    /** undefined when the row went away in between. */
    async function verdictOf(regionId: string, only: Subject, foremost: readonly Reason[]) {
      const snapshot = await readSnapshot(db, regionId, only);
      if (!snapshot || snapshot.drivers.id.length + snapshot.tasks.id.length !== 1) return undefined;
      const judged = judge(world.positions.newest(snapshot));
      const mask = 'driverId' in only ? judged.driverMask : judged.taskMask;
      const reasons = [...foremost, ...brokenChecks(judged, mask, 0).map(toWire)];
      return {eligible: reasons.length === 0, at: wire.toIso(snapshot.atMs), reasons};
    }

    app.get(
      '/v1/drivers/:id/eligibility',
      {
        config: {scopes: ['ops', 'services', 'driver'], own: 'driver'},
        schema: {
          ...schema,
          tags: ['drivers'],
          operationId: 'getDriverEligibility',
          summary: 'Whether the driver may be offered anything now, and every reason why not',
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const id = request.params.id.toLowerCase();
        const driver = await readDriver(db, region.id, id);
        const found = driver && (await verdictOf(region.id, {driverId: id}, driver.shiftOn ? [] : [OFF_SHIFT]));
        return found ?? refuse(reply, {kind: 'driver-not-found', id});
      },
    );

    app.get(
      '/v1/tasks/:id/eligibility',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          ...schema,
          tags: ['tasks'],
          operationId: 'getTaskEligibility',
          summary: 'Whether the task may be offered to anyone now, and every reason why not',
          description: 'Of sale hours: whether they leave time between ready and latest, whoever drives.',
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const id = request.params.id.toLowerCase();
        const task = await readTask(db, region.id, id);
        const waits = task?.state === 'PENDING' || task?.state === 'EXPIRED';
        const found = task && (await verdictOf(region.id, {taskId: id}, waits ? [] : [UNAVAILABLE]));
        return found ?? refuse(reply, {kind: 'task-not-found', id});
      },
    );
  };
