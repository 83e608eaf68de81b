// The pages and their files, held in memory: no template, no build, nothing from outside.

import {readFileSync} from 'node:fs';
import type {FastifyPluginAsync} from 'fastify';

const HTML = 'text/html; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Path → file under src/api/page and its media type. */
const FILES = [
  ['/', 'index.html', HTML],
  ['/docs', 'docs.html', HTML],
  ['/page/page.css', 'page.css', STYLE],
  ['/page/status.js', 'status.js', SCRIPT],
  ['/page/map.js', 'map.js', SCRIPT],
  ['/page/mercator.js', 'mercator.js', SCRIPT],
  ['/page/reach.js', 'reach.js', SCRIPT],
  ['/page/reach.css', 'reach.css', STYLE],
  ['/page/sign-in.js', 'sign-in.js', SCRIPT],
  ['/page/sign-in.css', 'sign-in.css', STYLE],
  ['/page/status.css', 'status.css', STYLE],
  ['/page/map.css', 'map.css', STYLE],
  ['/page/docs.css', 'docs.css', STYLE],
  ['/page/dossier.css', 'dossier.css', STYLE],
  ['/page/map-gestures.js', 'map-gestures.js', SCRIPT],
  ['/page/docs.js', 'docs.js', SCRIPT],
  ['/page/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const;

export const page: FastifyPluginAsync = async (app) => {
  for (const [path, name, mediaType] of FILES) {
    const bytes = readFileSync(new URL(`./page/${name}`, import.meta.url));
    app.get(path, {config: {scopes: 'open'}, schema: {hide: true}}, async (_request, reply) => {
      return reply.header('content-type', mediaType).header('cache-control', 'no-cache').send(bytes);
    });
  }
};
