// The live map before a daemon as production starts it, which is killed and started again under the open page.
import type {Browser, Page} from 'playwright-core';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {placesOn} from '../../src/cli/demo-roads.ts';
import {seedCity} from '../../src/cli/demo-world.ts';
import {putRegion} from '../../src/db/regions.ts';
import {listStores} from '../../src/db/stores.ts';
import {createTasks} from '../../src/db/tasks.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import {taskOf} from '../db/market.ts';
import {gothenburgFile, gothenburgGraph} from '../support/city.ts';
import {start} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {installedProgram} from '../support/program.ts';
import {keepScreenshot, launch, watchedPage} from './browser.ts';

const program = installedProgram('chromium', 'the live map through a restart');
const REGION = 'gothenburg';
const DRIVERS = 60;
const HOUR_MS = 3_600_000;
let database: TestDatabase;
let browser: Browser;

beforeAll(async () => {
  if (program === undefined) return;
  database = await createDatabase();
  const {db} = database;
  const graph = await gothenburgGraph();
  const market = {id: REGION, name: 'Göteborg', timeZone: 'Europe/Stockholm', graph: REGION};
  await putRegion(db, {...market, settings: STARTING_SETTINGS, weights: STARTING_WEIGHTS});
  const nowMs = Date.now();
  await seedCity({db, regionId: REGION, seed: 7, drivers: DRIVERS, place: placesOn(graph)}, nowMs, nowMs);
  browser = await launch(program);
});
afterAll(async () => {
  await browser?.close();
  await database?.drop();
});

async function serve(port: string) {
  const environment = {DATABASE_URL: database.url, CLOUDRUN_GRAPHS: `${REGION}=${gothenburgFile()}`};
  const daemon = start(['serve'], {...environment, CLOUDRUN_PORT: port, CLOUDRUN_THREADS: '1'});
  const [, address] = await daemon.printed(/"address":"(http:[^"]+)".*"msg":"dispatching"/);
  return {...daemon, url: `${address!}/`};
}

/** A task whose purchaser's age was never checked: it is offered to nobody. */
async function order(): Promise<string> {
  const {db} = database;
  const [store] = await listStores(db, REGION, {limit: 1});
  const {latE7, lonE7} = store!;
  const nowMs = Date.now();
  const times = {readyAtMs: nowMs, dueAtMs: nowMs + HOUR_MS, latestAtMs: nowMs + 2 * HOUR_MS};
  const market = {db, regionId: REGION, store: store!, fence: 0, drivers: [], tasks: []};
  const task = taskOf(market, {dropLatE7: latE7 + 9_000, dropLonE7: lonE7, ...times, ageCheckUntilMs: null});
  await createTasks(db, REGION, [task]);
  return task.id;
}

/** How often the feed tells that a task was created. */
const createdOf = (page: Page, taskId: string) => page.locator(`#feed .row[data-key^="${taskId} created "]`).count();

const placesInPage = (page: Page) =>
  page.waitForResponse('**/internal/map/live*').then(async (response) => {
    const {drivers} = (await response.json()) as {drivers: [string, number, number][]};
    return new Map(drivers.map(([id, lon, lat]) => [id, [lon, lat] as const]));
  });

test.skipIf(program === undefined)(
  'a page stays live through kill -9 and a new start, each event coming once, and begins anew where a cursor is ahead',
  async () => {
    const first = await serve('0');
    const {page} = await watchedPage(browser, first.url);
    await page.goto(first.url);
    await page.locator('body.live').waitFor();
    await page.locator('#map[data-roads=drawn][data-drivers="60"]').waitFor();
    await expect.poll(() => page.textContent('#feed-state')).toBe('live');
    await page.evaluate('globalThis.sameDocument = true');
    const before = await order();
    await expect.poll(() => createdOf(page, before), {timeout: 15_000}).toBe(1);
    await page.locator('#queue .row').waitFor();

    first.child.kill('SIGKILL');
    await first.ended;
    await page.locator('body.lost').waitFor();
    expect(await page.textContent('#pill')).toBe('Disconnected');
    expect(await page.getAttribute('#map', 'data-drivers')).toBe('60');
    expect(await page.locator('#queue .row').count()).toBe(1);
    await keepScreenshot(page, 'disconnected');
    // While no daemon lives.
    const between = await order();

    const second = await serve(new URL(first.url).port);
    expect(second.url).toBe(first.url);
    await page.locator('body.live').waitFor({timeout: 30_000});
    await expect.poll(() => createdOf(page, between), {timeout: 15_000}).toBe(1);
    const after = await order();
    await expect.poll(() => createdOf(page, after), {timeout: 15_000}).toBe(1);
    const keys: string[] = await page.locator('#feed .row').evaluateAll((rows) => rows.map((row) => row.dataset.key));
    expect(new Set(keys).size).toBe(keys.length);
    expect([await createdOf(page, before), await createdOf(page, between)]).toEqual([1, 1]);

    const [driverId, [lon, lat]] = [...(await placesInPage(page))][0]!;
    const moved = {driverId, lon: lon + 0.001, lat, recordedAt: new Date().toISOString()};
    const {status} = await fetch(`${second.url}v1/drivers/positions`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({positions: [moved]}),
    });
    expect(status).toBe(200);
    await expect
      .poll(async () => (await placesInPage(page)).get(driverId)![0], {timeout: 15_000})
      .toBeCloseTo(lon + 0.001, 6);
    expect(await page.evaluate('globalThis.sameDocument')).toBe(true);

    // As before a database that was restored: the stream and the look at its cursor are refused.
    let refusals = 2;
    await page.route('**/v1/events*after=*', (route) =>
      refusals-- > 0 ? route.fulfill({status: 422, json: {code: 'CURSOR_AHEAD'}}) : route.continue(),
    );
    await page.reload();
    const anew = 'live, begun anew: another database';
    await expect.poll(() => page.textContent('#feed-state'), {timeout: 15_000}).toBe(anew);
    const last = await order();
    await expect.poll(() => createdOf(page, last), {timeout: 15_000}).toBe(1);
    second.child.kill('SIGTERM');
    await second.ended;
  },
);
