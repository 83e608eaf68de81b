// What the map costs a browser while thousands of drivers move: told, not judged. There is no graphics processor here:
// frames are those of a software one, script and draw calls are those of any. In the soak alone.
import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {encodePolyline} from '../../src/api/osrm/polyline.ts';
import {DRIVER_STATUSES, TASK_STATES} from '../../src/domain/state.ts';
import {type Picture, pictureOf} from '../../web/map/live-picture.ts';
import {startWays} from '../../web/map/ways.ts';
import type {LiveMap} from '../../web/wire.ts';
import {databaseGone, fakeServer, header, REGION} from '../api/world.ts';
import {installedProgram} from '../support/program.ts';
import {launch, watchedPage} from './browser.ts';

const program = process.env.CLOUDRUN_SOAK ? installedProgram('chromium', 'frames of the live map') : undefined;
const WINDOWS = 8;
const WINDOW_MS = 2_000;
const SPAN = {lon: 0.3, lat: 0.15};
const WAY_PLACES = 150;
const DROP_AWAY = 0.03;
const READINGS = 120;

/** A way that goes straight from one end of the pair to the other. */
function wayOf(pair: string): string {
  const [fromLon, fromLat, toLon, toLat] = pair.split(',').map(Number) as [number, number, number, number];
  const along = (from: number, to: number) =>
    Array.from({length: WAY_PLACES}, (_, i) => Math.round((from + ((to - from) * i) / (WAY_PLACES - 1)) * 1e6));
  return encodePolyline(along(fromLat, toLat), along(fromLon, toLon), 6);
}

/**
 * Drivers of a region that move by some metres from reading to reading; of two fifths of them, tasks: a half of those
 * is on its way, straight to the drop.
 */
function cityOf(count: number) {
  let turns = 0;
  const base = (i: number) =>
    [11.8 + SPAN.lon * ((i * 0.618_034) % 1), 57.62 + SPAN.lat * ((i * 0.754_878) % 1)] as const;
  const place = (i: number): [number, number] => {
    const [lon, lat] = base(i);
    return [lon + turns * 1e-4 * Math.sin(i), lat + turns * 1e-4 * Math.cos(i)];
  };
  const id = (i: number) => `019a8f6e-7c1a-7b52-9f3e-${i.toString(16).padStart(12, '0')}`;
  return (): LiveMap => {
    turns++;
    return {
      at: new Date(header.atMs).toISOString(),
      limit: 20_000,
      statuses: DRIVER_STATUSES,
      states: TASK_STATES,
      drivers: Array.from({length: count}, (_, i) => [id(i), ...place(i), 1 + (i % 4)]),
      stores: Array.from({length: 50}, (_, i) => [`Store ${i}`, ...place(i * 31 + 7)]),
      tasks: Array.from({length: (count * 2) / 5}, (_, i) => {
        const state = ['PICKED_UP', 'PICKED_UP', 'PENDING', 'OFFERED'][i % 4]!;
        const offer = state === 'OFFERED' ? ([40, 60] as const) : ([-1, -1] as const);
        const driver = state === 'PENDING' ? -1 : i;
        const [lon, lat] = base(i);
        const drop = [lon + DROP_AWAY * Math.sin(i), lat + DROP_AWAY * Math.cos(i)] as const;
        return [id(100_000 + i), ...drop, TASK_STATES.indexOf(state as never), i % 50, driver, i, ...offer];
      }),
    };
  };
}

/** Of some readings: the least, for other work on the machine makes all of them longer. */
test.skipIf(!process.env.CLOUDRUN_SOAK).each([1_500, 10_000])('a reading of %i drivers', async (count) => {
  const ways = startWays(
    {view: () => () => true, live: {legsShown: true}},
    async (_, pairs) => pairs.map(wayOf),
    () => 0,
  );
  const next = cityOf(count);
  let last: Picture | undefined;
  let [leastMs, drawn] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < READINGS; i++) {
    const live = next();
    const fromMs = performance.now();
    ({drawn} = ways.expect(live));
    const before = last;
    last = pictureOf(live, 1, before, (index) => before!.drivers[index]!, ways.wayOf);
    leastMs = i < READINGS / 4 ? leastMs : Math.min(leastMs, performance.now() - fromMs);
    await new Promise((later) => setImmediate(later));
  }
  const told = `${leastMs.toFixed(1)} ms a reading, ${drawn} ways of ${WAY_PLACES} places`;
  process.stdout.write(`${count} drivers: ${told}, ${last!.legCount} stretches of legs\n`);
  expect(drawn).toBe(count === 1_500 ? 300 : 0);
});

describe.skipIf(program === undefined)('the live map while everybody moves', () => {
  let app: FastifyInstance;
  let url = '';
  beforeAll(async () => {
    app = fakeServer(databaseGone);
    url = `${await app.listen({host: '127.0.0.1', port: 0})}/`;
  });
  afterAll(() => app.close());

  test.each([1_500, 10_000])('with %i drivers', async (count) => {
    const browser = await launch(program!);
    const {page} = await watchedPage(browser, url, {reducedMotion: 'no-preference'});
    const next = cityOf(count);
    const counts = Object.fromEntries([...DRIVER_STATUSES, ...TASK_STATES].map((name) => [name, 0]));
    const status = {
      ...{regionId: REGION, regions: [REGION], leases: [{regionId: REGION, owner: 'a/1', fence: 1, here: true}]},
      ...{attribution: null, codeVersion: '', at: new Date(header.atMs).toISOString(), timeScale: 1, paused: false},
      ...{failing: [], tasks: counts, drivers: counts, openOffers: 0, overdueOffers: 0, offers: {}, ticks: []},
    };
    await page.route('**/internal/status*', (route) => route.fulfill({json: status}));
    await page.route('**/internal/map/live*', (route) => route.fulfill({json: next()}));
    await page.route('**/internal/map/ways*', (route) => {
      const pairs = new URL(route.request().url()).searchParams.get('pairs')!.split(';');
      return route.fulfill({json: {ways: pairs.map(wayOf)}});
    });
    await page.route('**/v1/**', (route) => route.fulfill({status: 404, json: {}}));
    await page.route('**/tiles/**', (route) => route.fulfill({status: 200, body: ''}));
    await page.addInitScript(() => {
      const g = globalThis as unknown as Record<string, number> & {
        WebGL2RenderingContext: {prototype: Record<string, (...of: unknown[]) => void>};
        requestAnimationFrame(run: () => void): void;
      };
      g.draws = g.frames = 0;
      for (const name of ['drawArrays', 'drawArraysInstanced', 'drawElements']) {
        const draw = g.WebGL2RenderingContext.prototype[name]!;
        g.WebGL2RenderingContext.prototype[name] = function (...of) {
          g.draws!++;
          draw.apply(this, of);
        };
      }
      const frame = () => {
        g.frames!++;
        g.requestAnimationFrame(frame);
      };
      frame();
    });
    await page.goto(url);
    await page.locator(`#map[data-drivers="${count}"]`).waitFor();
    if (count === 1_500) await page.locator('#map[data-ways="300 of 300"]').waitFor();
    const devtools = await page.context().newCDPSession(page);
    // Time of the processor, not of the clock: other work on the machine does not count.
    await devtools.send('Performance.enable', {timeDomain: 'threadTicks'});
    const read = async () => {
      const {metrics} = await devtools.send('Performance.getMetrics');
      const of = (name: string) => metrics.find((metric) => metric.name === name)!.value * 1_000;
      const [draws, frames] = (await page.evaluate('[draws, frames]')) as [number, number];
      return {scriptMs: of('ScriptDuration'), draws, frames, atMs: of('Timestamp')};
    };
    // The best of some windows: other work on the machine makes all of them worse.
    let best = {frames: 0, scriptMs: Number.POSITIVE_INFINITY, draws: 0};
    for (let window = 0; window < WINDOWS; window++) {
      const before = await read();
      await page.waitForTimeout(WINDOW_MS);
      const after = await read();
      const frames = after.frames - before.frames;
      best = {
        frames: Math.max(best.frames, frames / ((after.atMs - before.atMs) / 1_000)),
        scriptMs: Math.min(best.scriptMs, (after.scriptMs - before.scriptMs) / frames),
        draws: Math.max(best.draws, (after.draws - before.draws) / frames),
      };
    }
    const {frames, scriptMs, draws} = best;
    const told = `${frames.toFixed(1)} frames a second, ${scriptMs.toFixed(2)} ms of script a frame, readings included`;
    process.stdout.write(`${count} drivers: ${told}, ${draws.toFixed(0)} draw calls\n`);
    expect(frames).toBeGreaterThan(0);
    await browser.close();
  });
});
