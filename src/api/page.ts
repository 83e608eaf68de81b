// The pages and their files, held in memory, nothing from outside: those of web/ as the install built them, and beside
// them plain files that need no build.

import {readdirSync, readFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import type {FastifyPluginAsync, FastifyReply, FastifyRequest} from 'fastify';
import {refuse} from './failures.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};
const BUILT = new URL('../../web/built/', import.meta.url);

/** Path → page of web/, as it was built. */
const BUILT_PAGES = [
  ['/', 'index.html'],
  ['/what-if', 'what-if/index.html'],
  ['/etas', 'etas/index.html'],
] as const;

/** Path → file under src/api/page. */
const PLAIN = [
  ['/docs', 'docs.html'],
  ['/page/page.css', 'page.css'],
  ['/page/docs.css', 'docs.css'],
  ['/page/dossier.css', 'dossier.css'],
  ['/page/trace.css', 'trace.css'],
  ['/page/docs.js', 'docs.js'],
  ['/page/icon.svg', 'icon.svg'],
] as const;

type File = {readonly bytes: Buffer; readonly mediaType: string; gzipped?: Buffer};

const fileAt = (url: URL): File => {
  const mediaType = MEDIA_TYPES[url.pathname.replace(/.*\./, '')];
  if (mediaType === undefined) throw new Error(`${url.pathname} is of no type that is served`);
  return {bytes: readFileSync(url), mediaType};
};

/** Packed when it is first asked for so. */
function sendFile(request: FastifyRequest, reply: FastifyReply, file: File, caching: string): FastifyReply {
  reply.header('content-type', file.mediaType).header('cache-control', caching).header('vary', 'accept-encoding');
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.bytes);
  file.gzipped ??= gzipSync(file.bytes);
  return reply.header('content-encoding', 'gzip').send(file.gzipped);
}

export const page: FastifyPluginAsync = async (app) => {
  const open = {config: {scopes: 'open'}, schema: {hide: true}} as const;
  const assets = new Map(
    readdirSync(new URL('assets/', BUILT)).map((name) => [name, fileAt(new URL(`assets/${name}`, BUILT))]),
  );

  for (const [path, name] of BUILT_PAGES) {
    const file = fileAt(new URL(name, BUILT));
    app.get(path, open, async (request, reply) => sendFile(request, reply, file, 'no-cache'));
  }
  // Their names hold hashes of what they hold.
  app.get<{Params: {name: string}}>('/assets/:name', open, async (request, reply) => {
    const file = assets.get(request.params.name);
    if (!file) return reply.send(refuse(reply, {kind: 'no-route', method: 'GET', path: request.url.split('?', 1)[0]!}));
    return sendFile(request, reply, file, 'public, max-age=31536000, immutable');
  });
  for (const [path, name] of PLAIN) {
    const file = fileAt(new URL(`./page/${name}`, import.meta.url));
    app.get(path, open, async (request, reply) => sendFile(request, reply, file, 'no-cache'));
  }
};
