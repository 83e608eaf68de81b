// /v1/session: a page exchanges a token for a cookie, asks who it is, and signs out.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {v7 as uuidv7} from 'uuid';
import {closeSession, openSession} from '../../db/tokens.ts';
import {readSecret, SECRET_BYTES, secretHashOf, secretText} from '../../domain/access.ts';
import {refuse} from '../failures.ts';
import {SESSION_LIFETIME_S, SESSIONS_PER_TOKEN} from '../limits.ts';
import {problems} from '../problems.ts';
import * as wire from '../wire.ts';
import type {World} from '../world.ts';
import type {RouteScope} from './caller.ts';
import {csrfTokenOf, dropSession, keepSession, sessionIn} from './cookies.ts';
import type {Rates} from './rates.ts';

const session = wire.named(
  'Session',
  Type.Object({
    caller: Type.String({description: "The token's name; 'loopback' where no token is wanted."}),
    scopes: Type.Array(Type.String()),
    csrfToken: wire.nullable(
      Type.String({description: 'Goes into the header x-csrf-token of every write; null where there is no cookie.'}),
    ),
  }),
);

export const sessionShapes = [session.shape];

const ANY_SCOPE: readonly RouteScope[] = ['ops', 'services', 'read', 'metrics'];

export const sessions =
  ({db, tokens, random}: World, rates: Rates): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['session'];
    app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

    app.post(
      '/v1/session',
      {
        // What it answers is a secret, and must not be kept.
        config: {scopes: 'open', keyless: true},
        schema: {
          tags,
          operationId: 'signIn',
          summary: 'Exchange a token for a cookie',
          body: wire.record({token: Type.String({maxLength: 200, description: 'As `cloudrun token create` told it.'})}),
          response: {200: session.ref, ...problems(401, 429)},
        },
      },
      async (request, reply) => {
        const tooMany = await rates.tooManyFailures(request);
        if (tooMany) return refuse(reply, tooMany);
        const presented = readSecret(request.body.token.trim());
        const known = presented?.kind === 'token' ? await tokens.find(presented) : undefined;
        const [id, secret] = [uuidv7(), random(SECRET_BYTES)];
        const endsAtMs =
          known &&
          (await openSession(db, {
            id,
            tokenId: known.id,
            tokenHash: presented!.secretHash,
            secretHash: secretHashOf(secret),
            lifetimeS: SESSION_LIFETIME_S,
            most: SESSIONS_PER_TOKEN,
          }));
        if (endsAtMs === undefined) {
          await rates.countFailure(request);
          return refuse(reply, {kind: 'token-refused'});
        }
        const text = secretText('session', id, secret);
        keepSession(request, reply, text, SESSION_LIFETIME_S);
        return {caller: known!.name, scopes: [...known!.scopes], csrfToken: csrfTokenOf(text)};
      },
    );

    app.get(
      '/v1/session',
      {
        config: {scopes: ANY_SCOPE},
        schema: {tags, operationId: 'whoAmI', summary: 'Who asks', response: {200: session.ref, ...problems()}},
      },
      async (request) => {
        const {caller} = request;
        if (caller.kind !== 'token') return {caller: caller.id, scopes: ['ops'], csrfToken: null};
        const text = caller.presented.kind === 'session' ? sessionIn(request) : undefined;
        return {caller: caller.name, scopes: [...caller.scopes], csrfToken: text ? csrfTokenOf(text) : null};
      },
    );

    app.delete(
      '/v1/session',
      {
        config: {scopes: ANY_SCOPE, keyless: true},
        schema: {
          tags,
          operationId: 'signOut',
          summary: 'End the session of the cookie',
          response: {200: Type.Object({signedOut: Type.Boolean()}), ...problems()},
        },
      },
      async (request, reply) => {
        const {caller} = request;
        const ended = caller.kind === 'token' && caller.presented.kind === 'session' ? caller.presented : undefined;
        if (ended) {
          await closeSession(db, ended.id);
          tokens.forget(ended);
        }
        dropSession(request, reply);
        return {signedOut: ended !== undefined};
      },
    );
  };
