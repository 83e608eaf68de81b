// /internal/graph/speeds: live speeds of a road graph, each post of them an epoch.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import type {FastifyReply} from 'fastify';
import {type Static, Type} from 'typebox';
import {type Failure, refuse} from './failures.ts';
import {SPEEDS_BODY_LIMIT_BYTES, SPEEDS_PER_CALL, SPEEDS_TIMEOUT_MS} from './limits.ts';
import {problems} from './problems.ts';
import * as wire from './wire.ts';
import type {PostedSpeeds, SpeedsAnswer, World} from './world.ts';

const count = Type.Integer({minimum: 0});

const graphName = Type.String({
  pattern: '^[a-z0-9-]{1,40}$',
  maxLength: 40,
  title: 'the name of a graph: up to 40 lower-case letters, digits and hyphens',
  examples: ['gothenburg'],
});

/** Neither is needed where the daemon has one graph. */
const which = {graph: Type.Optional(graphName), regionId: Type.Optional(wire.regionId)};
const how = {
  mode: Type.Optional(
    Type.Enum(['replace', 'merge'], {
      default: 'replace',
      description: 'replace: these are all live speeds there are. merge: they come on top of those that stand.',
    }),
  ),
  source: Type.Optional(wire.text(100)),
};

const posted = wire.record({
  ...which,
  ...how,
  speeds: Type.Array(
    wire.record({
      from: Type.Integer({description: 'OSM node id.'}),
      to: Type.Integer({description: 'OSM node id of its neighbour on the road, in the direction of driving.'}),
      kmh: Type.Number({description: '0 closes the road in this direction.'}),
    }),
    {minItems: 1, maxItems: SPEEDS_PER_CALL, SPEEDS_TIMEOUT_MS},
  ),
});

/** Read as bytes, so there is nothing for a schema to check. */
const csv = Type.Unsafe<Buffer>({
  description: 'from,to,km/h a line, as in the segment-speed files of OSRM. The other fields stand in the query.',
  examples: ['1234,1235,32\n1235,1234,0\n'],
});

const applied = wire.named(
  'SpeedsApplied',
  Type.Object({
    graph: graphName,
    epoch: Type.Integer({minimum: 0, description: 'What stands now.'}),
    repeated: Type.Boolean({description: 'The standing epoch had just these speeds; no other was made.'}),
    segmentsChanged: Type.Integer({minimum: 0, description: 'Drivable directions timed otherwise than by the file.'}),
    segmentsClosed: count,
    rowsApplied: count,
    rowsUnknown: Type.Integer({minimum: 0, description: 'Their pair of nodes is not driven in this graph.'}),
    rowsRepeated: Type.Integer({minimum: 0, description: 'A later row has the same pair.'}),
    rowsBad: count,
    problems: Type.Array(Type.Object({row: Type.Integer(), code: Type.String(), detail: Type.String()}), {
      description: 'The first hundred bad rows.',
    }),
  }),
);

const epochList = wire.named(
  'EpochList',
  Type.Object({
    graphs: Type.Array(
      Type.Object({
        graph: graphName,
        epoch: Type.Union([Type.Integer({minimum: 0}), Type.Null()], {
          description: '0: the times of the file. null: the graph is loading.',
        }),
        at: wire.nullable(wire.instant),
        source: wire.nullable(Type.String()),
        rowsInUse: count,
        segmentsChanged: count,
      }),
    ),
  }),
);

export const speedsShapes = [applied.shape, epochList.shape];

type Graph = {readonly kind: 'graph'; readonly name: string};
type NoGraph = Extract<Failure, {kind: 'graph-required' | 'graph-unknown' | 'region-unknown'}>;

/** The graph that is named, the one of the region that is named, or the daemon's only one. */
function graphOf({speeds}: World, {graph, regionId}: {graph?: string; regionId?: string}): Graph | NoGraph {
  const {graphs} = speeds;
  if (graph !== undefined)
    return graphs.includes(graph) ? {kind: 'graph', name: graph} : {kind: 'graph-unknown', graph};
  if (regionId !== undefined) {
    const name = speeds.graphOf(regionId);
    return name === undefined ? {kind: 'region-unknown', regionId} : {kind: 'graph', name};
  }
  return graphs.length === 1 ? {kind: 'graph', name: graphs[0]!} : {kind: 'graph-required', graphs};
}

function answered(reply: FastifyReply, graph: string, answer: SpeedsAnswer | {readonly kind: 'graph-loading'}) {
  switch (answer.kind) {
    case 'graph-loading':
      return refuse(reply, {...answer, graph});
    case 'nothing-applies': {
      const {rowsUnknown, rowsBad, problems: bad} = answer.report;
      const errors = bad.slice(0, ERRORS_TOLD).map(({row, detail}) => ({field: `row ${row}`, message: detail}));
      return refuse(reply, {kind: 'speeds-refused', graph, rowsUnknown, rowsBad, errors});
    }
    case 'stands': {
      const {epoch, repeated, report} = answer;
      return {graph, epoch, repeated, ...report, problems: [...report.problems]};
    }
    default:
      return answer satisfies never;
  }
}

const ERRORS_TOLD = 8;

const rowsOf = ({speeds}: Static<typeof posted>): Uint8Array =>
  Buffer.from(speeds.map(({from, to, kmh}) => `${from},${to},${kmh}`).join('\n'));

export const speeds =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const url = '/internal/graph/speeds';
    const tags = ['graph'];
    app.addContentTypeParser(
      'text/csv',
      {parseAs: 'buffer', bodyLimit: SPEEDS_BODY_LIMIT_BYTES},
      (_request, body, done) => done(null, body),
    );

    app.post(
      url,
      {
        handlerTimeout: SPEEDS_TIMEOUT_MS,
        config: {scopes: ['ops', 'services'], keyless: true},
        schema: {
          tags,
          operationId: 'putSpeeds',
          summary: 'Make an epoch of live speeds',
          description:
            'Bad rows are told and skipped; where none is left nothing changes (SPEEDS_REFUSED). Ticks under way ' +
            'keep the epoch they began with. Posting the standing speeds again makes no other epoch.',
          querystring: wire.record({...which, ...how}),
          body: {content: {'application/json': {schema: posted}, 'text/csv': {schema: csv}}},
          response: {200: applied.ref, ...problems(404, 422)},
        },
      },
      async (request, reply) => {
        const body = request.body as Buffer | Static<typeof posted> | undefined;
        const isCsv = Buffer.isBuffer(body);
        if (!isCsv && body?.speeds === undefined) {
          return refuse(reply, {kind: 'invalid', errors: [{field: 'speeds', message: 'is required'}]});
        }
        const asked = {...request.query, ...(isCsv ? {} : body)};
        const graph = graphOf(world, asked);
        if (graph.kind !== 'graph') return refuse(reply, graph);
        const {mode = 'replace', source = 'http'} = asked;
        const rows: PostedSpeeds = {csv: isCsv ? body : rowsOf(body!), mode, source};
        return answered(reply, graph.name, await world.speeds.put(graph.name, rows));
      },
    );

    app.delete(
      url,
      {
        config: {scopes: ['ops', 'services'], keyless: true},
        schema: {
          tags,
          operationId: 'clearSpeeds',
          summary: 'Go back to the times of the graph file, as an epoch without rows',
          querystring: wire.record({...which, source: how.source}),
          response: {200: applied.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const graph = graphOf(world, request.query);
        if (graph.kind !== 'graph') return refuse(reply, graph);
        return answered(reply, graph.name, await world.speeds.clear(graph.name, request.query.source ?? 'http'));
      },
    );

    app.get(
      url,
      {
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags,
          operationId: 'listEpochs',
          summary: 'The standing epoch of every graph of this daemon',
          response: {200: epochList.ref, ...problems()},
        },
      },
      async () => ({
        graphs: world.speeds.graphs.map((graph) => {
          const standing = world.speeds.standing(graph);
          const record = standing?.record;
          return {
            graph,
            epoch: standing?.epoch ?? null,
            at: record ? wire.toIso(record.atMs) : null,
            source: record?.source ?? null,
            rowsInUse: record?.rowsInUse ?? 0,
            segmentsChanged: record?.segmentsChanged ?? 0,
          };
        }),
      }),
    );
  };
