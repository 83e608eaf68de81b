// Bodies are JSON. An empty one is a body without fields whatever its content type, so that `curl -XPOST` works; any
// other media type is refused, which is also what keeps a plain HTML form from posting here.

import type {FastifyInstance} from 'fastify';
import {refuse} from './failures.ts';

export function readJsonBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();

  app.addContentTypeParser<string>('application/json', {parseAs: 'string'}, (request, body, done) => {
    if (body.trim() === '') done(null, undefined);
    else parseJson(request, body, done);
  });

  app.addContentTypeParser<string>('*', {parseAs: 'string'}, (_request, body, done) => {
    done(null, body === '' ? undefined : NOT_JSON);
  });

  app.addHook('preValidation', async (request, reply) => {
    if (request.body === NOT_JSON) return reply.send(refuse(reply, {kind: 'media-type'}));
    if (request.body === undefined && request.routeOptions.schema?.body !== undefined) request.body = {};
  });
}

const NOT_JSON = Symbol('not JSON');
