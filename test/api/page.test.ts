import {readdirSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {databaseGone, fakeServer} from './world.ts';

const app = fakeServer(databaseGone);

/** Everything a page asks for, from its attributes, imports and style sheets. */
function references(source: string): string[] {
  const found = source.matchAll(/(?:src|href)="([^"]+)"|from '([^']+)'|url\(([^)]+)\)/g);
  return [...found].map((groups) => groups.slice(1).find((group) => group !== undefined)!);
}

const PAGES = ['/', '/what-if', '/etas', '/docs'];

test.each(PAGES)('%s is served with a policy that lets nothing in from outside or inline', async (url) => {
  const {statusCode, headers, body} = await app.inject(url);
  expect(statusCode).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
});

/**
 * By path: what a page asks for, and what that asks for. Texts only; all else is there. What is bundled is not read: it
 * names in words what it never asks for (test/web/ watches it).
 */
async function everything(url: string): Promise<Map<string, string>> {
  const waiting = [url];
  const seen = new Set<string>();
  const texts = new Map<string, string>();
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const {statusCode, headers, body} = await app.inject(at);
    expect([at, statusCode]).toEqual([at, 200]);
    if (at.endsWith('.mjs') || /^\/assets\/.*\.js$/.test(at)) continue;
    if (!/html|css|javascript/.test(String(headers['content-type']))) continue;
    texts.set(at, body);
    for (const reference of references(body)) waiting.push(new URL(reference, `http://localhost${at}`).pathname);
  }
  return texts;
}

test('everything that the pages ask for is served here with its media type, and they ask for every file', async () => {
  const pages = await Promise.all(PAGES.map(everything));
  const texts = new Map(pages.flatMap((each) => [...each]));
  const folder = new URL('../../src/api/page/', import.meta.url);
  const names = readdirSync(folder);
  const files = names.filter((name) => /\.(js|css)$/.test(name));
  // Pages that are made of these need a database: the tests of each ask for what it refers to.
  const templates = names.filter((name) => name.endsWith('.eta'));
  const inTemplates = templates.flatMap((name) => [...references(readFileSync(new URL(name, folder), 'utf8'))]);
  const asked = [...texts.keys(), ...inTemplates];
  for (const file of files) expect(asked).toContain(`/page/${file}`);
});

test.each(PAGES)('no file of %s names another host', async (url) => {
  for (const [path, text] of await everything(url)) {
    expect([path, text.match(/(https?:)?\/\/[a-z0-9-]+\.[a-z]+/g) ?? []]).toEqual([path, []]);
  }
});

test('the page knows every stage of a tick', async () => {
  const sources = ['tick', 'decision'].map((name) => new URL(`../../src/dispatch/${name}.ts`, import.meta.url));
  const tick = sources.map((source) => readFileSync(source, 'utf8')).join('');
  const stages = Array.from(tick.matchAll(/\blap\('(\w+)'/g), ([, stage]) => `'${stage}',`);
  expect(stages.length).toBeGreaterThan(5);
  const script = readFileSync(new URL('../../web/panels/timeline.ts', import.meta.url), 'utf8');
  for (const stage of stages) expect(script).toContain(stage);
});

test('assets are named by what they hold and kept for ever, and the page itself is asked for again', async () => {
  const {body, headers} = await app.inject('/');
  expect(headers['cache-control']).toBe('no-cache');
  const [script] = references(body).filter((path) => path.endsWith('.js'));
  const answer = await app.inject({url: script!, headers: {'accept-encoding': 'gzip, br'}});
  expect(answer.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'gzip',
    'content-type': 'text/javascript; charset=utf-8',
  });
  const unknown = await app.inject('/assets/index.js');
  expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'ROUTE_NOT_FOUND']);
  expect(unknown.headers['cache-control']).toBeUndefined();
});
