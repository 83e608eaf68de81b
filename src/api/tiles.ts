// /tiles/{z}/{x}/{y}.mvt: the road network of a region as vector tiles. They are drawn on threads of their own and kept
// packed; a tile depends on the graph alone, so that its tag holds through epochs and restarts.

import {createHash} from 'node:crypto';
import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {LRUCache} from 'lru-cache';
import {Type} from 'typebox';
import {TILE_ZOOM_LIMIT} from '../../native-graph/tiles/road-tile.ts';
import {type Failure, refuse} from './failures.ts';
import {TILE_CACHE_BYTES} from './limits.ts';
import type {WithRoads} from './osrm/roads.ts';
import {problems} from './problems.ts';
import * as wire from './wire.ts';

const MEDIA_TYPE = 'application/vnd.mapbox-vector-tile';

type Tile = {readonly plain: Buffer; readonly gzipped: Buffer; readonly etag: string};
type Asked = {readonly withRoads: WithRoads; readonly z: number; readonly x: number; readonly y: number};

async function draw({withRoads, z, x, y}: Asked): Promise<Tile> {
  const {plain, gzipped} = await withRoads((roads) => roads.tile(z, x, y));
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return {plain: Buffer.from(plain), gzipped: Buffer.from(gzipped), etag};
}

const column = Type.Integer({minimum: 0, maximum: 2 ** TILE_ZOOM_LIMIT - 1});

export const tiles =
  (roadsOf: (regionId: string | undefined) => WithRoads | Failure): FastifyPluginAsyncTypebox =>
  async (app) => {
    // Whoever asks while a tile is drawn waits for that drawing.
    const drawn = new LRUCache<string, Tile, Asked>({
      maxSize: TILE_CACHE_BYTES,
      sizeCalculation: ({plain, gzipped}) => plain.length + gzipped.length + 1,
      fetchMethod: (_key, _stale, {context}) => draw(context),
      ignoreFetchAbort: true,
    });

    app.get(
      '/tiles/:z/:x/:y.mvt',
      {
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags: ['map'],
          operationId: 'roadTile',
          summary: 'The road network as a vector tile',
          description:
            `Mapbox Vector Tile 2.1 of the Web Mercator square, up to zoom ${TILE_ZOOM_LIMIT}. Layer \`roads\`: ` +
            'lines with `kind`; layer `names`, from zoom 12: lines with `kind` and `name`. Empty where no road is.',
          params: wire.record({z: Type.Integer({minimum: 0, maximum: TILE_ZOOM_LIMIT}), x: column, y: column}),
          querystring: wire.inRegion,
          response: {
            200: {description: 'The tile.', content: {[MEDIA_TYPE]: {schema: Type.Unknown()}}},
            304: Type.Null({description: 'It is the tile whose ETag was given in If-None-Match.'}),
            ...problems(404),
          },
        },
      },
      async (request, reply) => {
        const {z, x, y} = request.params;
        const beyond = (['x', 'y'] as const).filter((axis) => request.params[axis] >= 2 ** z);
        if (beyond.length > 0) {
          const message = `must be below ${2 ** z} at zoom ${z}`;
          return refuse(reply, {kind: 'invalid', errors: beyond.map((axis) => ({field: `params.${axis}`, message}))});
        }
        const withRoads = roadsOf(request.query.regionId);
        if (typeof withRoads !== 'function') return refuse(reply, withRoads);
        const key = `${request.query.regionId ?? ''}/${z}/${x}/${y}`;
        const {plain, gzipped, etag} = await drawn.forceFetch(key, {context: {withRoads, z, x, y}});
        reply.header('etag', etag).header('cache-control', 'no-cache').header('vary', 'accept-encoding');
        if (request.headers['if-none-match'] === etag) return reply.code(304).send(null);
        const packed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
        if (packed) reply.header('content-encoding', 'gzip');
        // Bytes that are ready; the schema above documents them.
        return reply.type(MEDIA_TYPE).send((packed ? gzipped : plain) as never);
      },
    );
  };
