import {readdirSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {databaseGone, fakeServer, REGION} from './world.ts';

const app = fakeServer(databaseGone);

/** Everything a page asks for, from its attributes, imports and style sheets. */
function references(source: string): string[] {
  const found = source.matchAll(/(?:src|href)="([^"]+)"|from '([^']+)'|url\(([^)]+)\)/g);
  return [...found].map((groups) => groups.slice(1).find((group) => group !== undefined)!);
}

test.each(['/', '/docs'])('%s is served with a policy that lets nothing in from outside or inline', async (url) => {
  const {statusCode, headers, body} = await app.inject(url);
  expect(statusCode).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
});

/** By path: what a page asks for, and what that asks for. Texts only; all else is there. */
async function everything(url: string): Promise<Map<string, string>> {
  const waiting = [url];
  const seen = new Set<string>();
  const texts = new Map<string, string>();
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const {statusCode, headers, body} = await app.inject(at);
    expect([at, statusCode]).toEqual([at, 200]);
    if (!/html|css|javascript/.test(String(headers['content-type']))) continue;
    texts.set(at, body);
    for (const reference of references(body)) waiting.push(new URL(reference, `http://localhost${at}`).pathname);
  }
  return texts;
}

test('everything that the pages ask for is served here with its media type, and they ask for every file', async () => {
  const texts = new Map([...(await everything('/')), ...(await everything('/docs'))]);
  const files = readdirSync(new URL('../../src/api/page', import.meta.url)).filter((name) => /\.(js|css)$/.test(name));
  // Its page needs a database: dossiers.test.ts asks for what it refers to.
  const dossier = readFileSync(new URL('../../src/api/page/dossier.eta', import.meta.url), 'utf8');
  const asked = [...texts.keys(), ...references(dossier)];
  for (const file of files) expect(asked).toContain(`/page/${file}`);
});

test.each(['/', '/docs'])('no file of %s names another host', async (url) => {
  for (const [path, text] of await everything(url)) {
    expect([path, text.match(/(https?:)?\/\/[a-z0-9-]+\.[a-z]+/g) ?? []]).toEqual([path, []]);
  }
});

test('the page knows every stage of a tick', async () => {
  const source = (name: string) => readFileSync(new URL(`../../src/dispatch/${name}.ts`, import.meta.url), 'utf8');
  const tick = source('decision') + source('tick');
  const stages = Array.from(tick.matchAll(/\blap\('(\w+)'/g), ([, stage]) => `'${stage}',`);
  expect(stages.length).toBeGreaterThan(5);
  const script = (await app.inject('/page/status.js')).body;
  for (const stage of stages) expect(script).toContain(stage);
});

test('the roads of the map come compressed to who asks, and once to who has them', async () => {
  const url = `/internal/map/roads?regionId=${REGION}`;
  const plain = await app.inject(url);
  expect(plain.json()).toMatchObject({perDegree: 1e5, attribution: '© someone'});
  const packed = await app.inject({url, headers: {'accept-encoding': 'gzip, br'}});
  expect(packed.headers['content-encoding']).toBe('gzip');
  const again = await app.inject({url, headers: {'if-none-match': String(plain.headers.etag)}});
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

test('roads that load are 503 with Retry-After', async () => {
  const loading = fakeServer(databaseGone, {roads: () => undefined});
  const answer = await loading.inject('/internal/map/roads');
  expect(answer.json()).toMatchObject({status: 503, code: 'LOADING'});
  expect(answer.headers['retry-after']).toBe('1');
});
