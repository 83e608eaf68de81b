// /internal/dispatch/explain: why a driver was or was not asked; and below, what if.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {readProposalFate} from '../db/ticks.ts';
import type {RouteScope} from './access/caller.ts';
import {explain, explanationRef} from './explanation.ts';
import {refuse} from './failures.ts';
import {EXPLAINED_DEFAULT, EXPLAINED_LIMIT} from './limits.ts';
import {problems} from './problems.ts';
import {questionsInTurn} from './questions.ts';
import {whatIf} from './what-if.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

/** Who may know what a tick thought of a driver, and what each choice would have cost. */
export const EXPLAIN_SCOPES: readonly RouteScope[] = ['ops', 'read'];

export const explaining =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const ask = questionsInTurn(world);
    app.register(whatIf(ask));
    app.get(
      '/internal/dispatch/explain',
      {
        config: {scopes: EXPLAIN_SCOPES},
        schema: {
          tags: ['dispatch'],
          operationId: 'explain',
          summary: 'Why a driver was or was not asked for a task at a recorded tick',
          description:
            'Without a driver: the best alternatives of the task. Regrets are exact: with the pair forced, ' +
            'the optimum is worse by just so much.',
          querystring: wire.record({
            regionId: Type.Optional(wire.regionId),
            tick: wire.uuid,
            task: wire.uuid,
            driver: Type.Optional(wire.uuid),
            alternatives: Type.Optional(
              Type.Integer({minimum: 0, maximum: EXPLAINED_LIMIT, default: EXPLAINED_DEFAULT}),
            ),
          }),
          response: {200: explanationRef, ...problems(404, 409, 410)},
        },
      },
      async (request, reply) => {
        const {regionId: asked, tick, task, driver, alternatives = EXPLAINED_DEFAULT} = request.query;
        const [tickId, taskId, driverId] = [tick.toLowerCase(), task.toLowerCase(), driver?.toLowerCase()];
        const told = await ask(reply, asked, tickId, async (regionId, decision, explainer) => {
          const fate = await readProposalFate(world.db, regionId, tickId, taskId);
          return explain({tickId, taskId, driverId, limit: alternatives}, decision, explainer, fate);
        });
        return told.kind === 'answered' ? told.answer : refuse(reply, told);
      },
    );
  };
