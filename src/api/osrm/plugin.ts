// The services of OSRM over HTTP: /route, /table and /nearest, version 1.
//
// The text of a query is parsed here, from the URL as it came: Fastify's own reading of it would split an encoded
// polyline at a question mark and know nothing of OSRM's codes.

import {Readable} from 'node:stream';
import type {FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest} from 'fastify';
import type {OsrmLimits} from '../limits.ts';
import {documentOf} from './documents.ts';
import {malformedUrl, parseQuery, type Query, type Service} from './query.ts';
import {isRefusal, MEDIA_TYPE, type Refusal, refusal, refuse} from './refusal.ts';
import type {Roads, WithRoads} from './roads.ts';
import {answerNearest, answerRoute, type Served, serve} from './services.ts';
import {answerTable, type Body} from './table.ts';

/** The roads that a query is about, by the region that it names. */
export type RoadsOf = (region: string | undefined) => WithRoads | Refusal;

/** What OSRM's clients call the only profile there is. */
const PROFILES = ['driving', 'car'];

const ANSWERS: {[S in Service]: (served: Served, query: Query<S>) => Promise<object | Body> | object} = {
  route: answerRoute,
  table: answerTable,
  nearest: answerNearest,
};

export const osrm =
  (roadsOf: RoadsOf, limits: OsrmLimits): FastifyPluginAsync =>
  async (app) => {
    const known = new WeakMap<Roads, Served>();
    const servedBy = (roads: Roads): Served => {
      const served = known.get(roads) ?? serve(roads, limits);
      known.set(roads, served);
      return served;
    };

    async function answer<S extends Service>(service: S, url: string): Promise<object | Body> {
      const read = readUrl(url);
      if (isRefusal(read)) return read;
      if (!PROFILES.includes(read.profile)) {
        return refusal('InvalidUrl', `Profile ${read.profile} is not served here: ${PROFILES.join(' or ')}`);
      }
      const query = parseQuery(service, read.text, read.prefixLength);
      if (isRefusal(query)) return query;
      const withRoads = roadsOf(query.options.region);
      return isRefusal(withRoads) ? withRoads : withRoads(async (roads) => ANSWERS[service](servedBy(roads), query));
    }

    app.setErrorHandler((error: FastifyError, request, reply) => send(reply, refusalFor(error, request)));
    for (const service of Object.keys(ANSWERS) as Service[]) {
      app.get(
        `/${service}/v1/:profile/:coordinates`,
        {
          config: {scopes: ['ops', 'services', 'read']},
          schema: documentOf(service),
          validatorCompiler: () => () => true,
        },
        async (request, reply) => send(reply, await answer(service, request.originalUrl)),
      );
    }
  };

/** The decoded text after /{service}/v1/{profile}/, and how much comes before it. */
function readUrl(url: string): {profile: string; text: string; prefixLength: number} | Refusal {
  const [, service, version, profile] = url.split('/', 4);
  const prefixLength = service.length + version.length + profile.length + 4;
  try {
    return {profile, text: decodeURIComponent(url.slice(prefixLength)), prefixLength};
  } catch {
    return malformedUrl(url, url.indexOf('%', prefixLength));
  }
}

function send(reply: FastifyReply, answer: object | Body): FastifyReply {
  if (isRefusal(answer)) return reply.send(refuse(reply, answer));
  reply.header('content-type', MEDIA_TYPE);
  if (!isBody(answer)) return reply.send(JSON.stringify(answer));
  return reply.header('content-length', answer.bytes).send(Readable.from(answer.chunks, {objectMode: false}));
}

const isBody = (answer: object | Body): answer is Body => 'kind' in answer && answer.kind === 'body';

function refusalFor(error: FastifyError, request: FastifyRequest): Refusal {
  // Of the worker threads, which this side does not know: no room, closed, or a search beyond its limit.
  const isBusy = /^POOL_|^FST_UNDER_PRESSURE$|^FST_ERR_HANDLER_TIMEOUT$/.test(error.code ?? '');
  if (isBusy) return refusal('Unavailable', 'The server is too busy; repeat the request.');
  request.log.error({err: error, route: request.routeOptions.url}, 'defect');
  return refusal('InternalError', `Logged under request ${request.id}.`);
}
