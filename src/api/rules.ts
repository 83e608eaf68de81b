// /v1/rules and /v1/regions/:id/kill-switches: what must hold before an offer is made, and what stops offers at once.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {endRule, listKillSwitches, listRules, putRule, setKillSwitch} from '../db/rules.ts';
import {WHOLE_REGION} from '../domain/kill-switch.ts';
import {callerOf} from './access/caller.ts';
import {refuse} from './failures.ts';
import {neverShed} from './health.ts';
import {KILL_SWITCHES_LIMIT} from './limits.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import {
  ACTOR_DEFAULT,
  actor,
  category,
  code,
  killSwitchList,
  killSwitchToWire,
  predicateFromWire,
  ruleIn,
  ruleList,
  ruleToWire,
} from './rule-shapes.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const byCode = wire.record({code});
const bySwitch = wire.record({
  id: wire.regionId,
  category: Type.Union([category, Type.Literal(WHOLE_REGION)], {title: "a category, or '*'"}),
});

export const rules =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db} = world;
    const tags = ['compliance'];
    const rulesOf = async (regionId: string, past = false) => ({
      regionId,
      rules: (await listRules(db, regionId, {past})).map(ruleToWire),
    });
    const switchesOf = async (regionId: string) => ({
      regionId,
      killSwitches: (await listKillSwitches(db, regionId, KILL_SWITCHES_LIMIT)).map(killSwitchToWire),
    });

    app.get(
      '/v1/rules',
      {
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags,
          operationId: 'listRules',
          summary: 'The compliance rules of a region, by code',
          description: 'Those in force and those planned; with past=true every version there was.',
          querystring: wire.record({regionId: Type.Optional(wire.regionId), past: Type.Optional(Type.Boolean())}),
          response: {200: ruleList.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const {regionId, past = false} = request.query;
        const region = await regionOf(world, regionId);
        return region.kind === 'region' ? rulesOf(region.id, past) : refuse(reply, region);
      },
    );

    app.put(
      '/v1/rules/:code',
      {
        config: {scopes: ['ops']},
        schema: {
          tags,
          operationId: 'putRule',
          summary: 'Put a version of a rule; the one that stands ends as it starts',
          description: 'In force from validFrom, by default at once: at the next tick and in every commit.',
          params: byCode,
          body: ruleIn,
          response: {200: ruleList.ref, ...problems(404, 422)},
        },
      },
      async (request, reply) => {
        const {regionId, predicate, validFrom, actor: by = ACTOR_DEFAULT, ...told} = request.body;
        const region = await regionOf(world, regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const validFromMs = validFrom === undefined ? null : wire.toMs(validFrom);
        const given = {...told, code: request.params.code, predicate: predicateFromWire(predicate), validFromMs};
        await putRule(db, region.id, given, by);
        return rulesOf(region.id);
      },
    );

    app.delete(
      '/v1/rules/:code',
      {
        config: {scopes: ['ops']},
        schema: {
          tags,
          operationId: 'endRule',
          summary: 'End a rule; its versions stay on record',
          params: byCode,
          querystring: wire.record({
            regionId: Type.Optional(wire.regionId),
            at: Type.Optional({...wire.instant, description: 'By default at once.'}),
            actor,
          }),
          response: {200: ruleList.ref, ...problems(404, 422)},
        },
      },
      async (request, reply) => {
        const {regionId, at, actor: by = ACTOR_DEFAULT} = request.query;
        const region = await regionOf(world, regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        await endRule(db, region.id, request.params.code, at === undefined ? null : wire.toMs(at), by);
        return rulesOf(region.id);
      },
    );

    app.get(
      '/v1/regions/:id/kill-switches',
      {
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags,
          operationId: 'listKillSwitches',
          summary: `The kill switches of a region: those that stand, then the last of ${KILL_SWITCHES_LIMIT} in all`,
          params: wire.record({id: wire.regionId}),
          response: {200: killSwitchList.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.params.id);
        return region.kind === 'region' ? switchesOf(region.id) : refuse(reply, region);
      },
    );

    const reason = wire.text(300);
    for (const [method, on, operationId, summary] of [
      ['PUT', true, 'setKillSwitch', 'Switch a category, or * for the whole region, off'],
      ['DELETE', false, 'clearKillSwitch', 'Switch it on again'],
    ] as const) {
      app.route({
        method,
        url: '/v1/regions/:id/kill-switches/:category',
        config: {...neverShed, scopes: ['ops']},
        schema: {
          tags,
          operationId,
          summary,
          description: 'Effective in every commit from now on, and at the next tick. Asking twice changes nothing.',
          params: bySwitch,
          ...(on ? {body: wire.record({reason, actor})} : {querystring: wire.record({reason, actor})}),
          response: {200: killSwitchList.ref, ...problems(404)},
        },
        async handler(request, reply) {
          const {id, category: asked} = request.params;
          const region = await regionOf(world, id);
          if (region.kind !== 'region') return refuse(reply, region);
          const given = (on ? request.body : request.query) as {reason: string; actor?: string};
          request.log.info({caller: callerOf(request), regionId: region.id, category: asked, on}, 'kill switch');
          await setKillSwitch(db, region.id, asked, on, given.reason, given.actor ?? ACTOR_DEFAULT);
          return switchesOf(region.id);
        },
      });
    }
  };
