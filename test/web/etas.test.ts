// The page of promised times in a real browser, over the deliveries of a day; of a picture's they are many.
import type {AddressInfo} from 'node:net';
import type {FastifyInstance} from 'fastify';
import type {Browser, Page} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openTokens} from '../../src/api/access/tokens.ts';
import {placesOn} from '../../src/cli/demo-roads.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {randomStream} from '../../src/domain/random.ts';
import {makeToken} from '../api/access/tokens.ts';
import {fakeDispatch, fakeServer} from '../api/world.ts';
import {carryOut} from '../db/deliveries.ts';
import {at, HOUR_MS, type Market, MINUTE_MS, NOW_MS, newId, openMarket} from '../db/market.ts';
import {gothenburgGraph} from '../support/city.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {plainRoads} from '../support/plain-roads.ts';
import {installedProgram} from '../support/program.ts';
import {barriersOf, keepScreenshot, launch, type Watched, watchedPage} from './browser.ts';

const program = installedProgram('chromium', 'the page of promised times in a browser');
const SEED = 7;
const DELIVERIES = process.env.CLOUDRUN_SCREENSHOTS ? 900 : 80;
const SPAN_MS = 20 * HOUR_MS;
/** Few enough that each has deliveries to be compared. */
const STORES = 3;
/** Of Chicago, when the promises of this day are kept worst. */
const RUSH = 17;
const MORNING = 9;

let database: TestDatabase;
let market: Market;
const servers: FastifyInstance[] = [];
let browser: Browser;
let watched: Watched;
let page: Page;
let url: string;

beforeAll(async () => {
  if (program === undefined) return;
  database = await createDatabase();
  const {db} = database;
  market = await openMarket(db, {drivers: 60, tasks: 0});
  const graph = await gothenburgGraph();
  const roads = plainRoads(graph);
  const random = randomStream(SEED, 'deliveries');
  const place = placesOn(graph);
  const stores = Array.from({length: STORES}, () => ({...market.store, id: newId(), ...place(random)}));
  await upsertStores(db, stores);
  for (let i = 0; i < DELIVERIES; i++) await deliver(i, stores[i % STORES]!.id, place(random), random);
  await at(db, NOW_MS);
  const empty = await openMarket(db, {drivers: 0, tasks: 0});
  const dispatch = fakeDispatch({regions: [market.regionId, empty.regionId]});
  url = await serve({dispatch, routing: () => (use) => use(roads)});
  browser = await launch(program);
  watched = await watchedPage(browser, url, {viewport: {width: 1_280, height: 1_500}});
  page = watched.page;
  await page.goto(`${url}etas?days=1`);
  await page.locator('body.live').waitFor();
});
afterAll(async () => {
  await browser?.close();
  for (const server of servers) await server.close();
  await database?.drop();
});

async function serve(overrides: Parameters<typeof fakeServer>[1]): Promise<string> {
  const server = fakeServer(database.db, overrides);
  servers.push(server);
  await server.listen({host: '127.0.0.1', port: 0});
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/`;
}

/** A few at any hour, many in the rush and in the morning: enough to be compared. */
function offeredAt(i: number): number {
  const part = i / DELIVERIES;
  if (i % 4 === 0) return Math.round(NOW_MS - SPAN_MS + part * (SPAN_MS - HOUR_MS));
  const hoursAgo = i % 4 === 1 ? 13 + 24 - RUSH : 13 - MORNING;
  return Math.round(NOW_MS - (hoursAgo - part) * HOUR_MS);
}

/** Late in the rush, and of a third the promise was learned in part. */
async function deliver(i: number, storeId: string, to: {latE7: number; lonE7: number}, random: () => number) {
  const offeredAtMs = offeredAt(i);
  const hour = (new Date(offeredAtMs).getUTCHours() + 19) % 24;
  const slow = 1.5 * Math.max(0, 4 - Math.abs(hour - RUSH));
  const error = () => slow + 4 * (random() + random() - 0.7);
  const [promisedPickup, promisedDrop] = [3 + 12 * random(), 12 + 20 * random()];
  const minutes = (count: number) => offeredAtMs + Math.round(count * MINUTE_MS);
  const actualPickup = Math.max(1, promisedPickup + error() / 2);
  await carryOut(market, {
    driverId: market.drivers[i % market.drivers.length]!,
    offeredAtMs,
    pickupAtMs: [minutes(promisedPickup), minutes(actualPickup)],
    dropAtMs: [minutes(promisedDrop), minutes(Math.max(actualPickup + 1, promisedDrop + error()))],
    dropCorrectionMs: i % 3 === 0 ? MINUTE_MS : 0,
    pickupMs: Math.round((promisedPickup - 1) * MINUTE_MS),
    task: {storeId, dropLatE7: to.latE7, dropLonE7: to.lonE7, category: i % 4 === 0 ? 'tobacco' : 'vape'},
  });
}

const text = (selector: string) => page.textContent(selector);
const figureIds = (of = page) => of.locator('.plots figure:visible').evaluateAll((all) => all.map(({id}) => id));

describe.skipIf(program === undefined)('promised times', () => {
  test('are said in words, drawn in figures and told in tables, and nobody else is asked', async () => {
    expect(await text('#finding')).toMatch(/^Drops come \d\.\d min later than promised; worst at 1[678]:00$/);
    expect(await text('#figures')).toMatch(new RegExp(`^deliveries${DELIVERIES}median.*at most a minute late\\d+ %$`));
    expect(await text('#about')).toMatch(
      /roads and distances of \d+; hours of America\/Chicago; 3\d % of the promises/,
    );
    const drawn = ['by-hour', 'by-promise', 'by-road', 'by-distance', 'by-trip', 'by-category', 'points'];
    expect(await figureIds()).toEqual(drawn);
    await expect.poll(() => page.locator('#points svg circle').count()).toBe(Math.min(800, DELIVERIES));
    expect(await text('#by-hour h2')).toMatch(/^Worst at 1[678]:00: \d\.\d min late$/);
    expect(await page.locator('.plots style').count()).toBe(0);
    expect(await barriersOf(page)).toEqual([]);
    await keepScreenshot(page, 'etas');
    await page.getByText('Table').first().click();
    const rows = page.locator('#by-hour tbody tr');
    expect(await rows.count()).toBeGreaterThan(15);
    expect(await rows.first().textContent()).toMatch(/^\d\d:00\d+-?\d+\.\d/);
    expect(await barriersOf(page)).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });

  test('are chosen by keys, and the choice stands in the address', async () => {
    await page.locator('input[name=leg]:checked').focus();
    await page.keyboard.press('ArrowRight');
    expect(await text('#finding')).toMatch(/^Pickups come/);
    expect(await text('#by-road h2')).toMatch(/from stores on|^Hardly differs/);
    expect(await figureIds()).not.toContain('by-distance');
    expect(new URL(page.url()).search).toBe(`?region=${market.regionId}&days=1&leg=pickup`);
    await page.reload();
    await page.locator('body.live').waitFor();
    expect(await text('#finding')).toMatch(/^Pickups come/);
    expect(await page.getAttribute('#to-map', 'href')).toBe(`/?region=${market.regionId}`);
  });

  test('of a region without deliveries say so', async () => {
    await page.locator('#region').selectOption({index: 1});
    await page.locator('body.nothing').waitFor();
    expect(await text('#finding')).toBe('No delivery reached its door in this time');
    expect(await figureIds()).toEqual([]);
    await page.locator('#region').selectOption({index: 0});
    await page.locator('body.live').waitFor();
  });

  test('are as good by day and on a phone', async () => {
    await page.emulateMedia({colorScheme: 'light'});
    await page.setViewportSize({width: 390, height: 844});
    await expect.poll(() => page.locator('#by-hour svg').first().getAttribute('width')).toMatch(/^3\d\d$/);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await barriersOf(page)).toEqual([]);
  });

  test('are refused in words, and the page says when the daemon is gone and that it wants a token', async () => {
    await page.route('**/internal/etas*', (route) =>
      route.fulfill({status: 403, json: {title: 'The token may not do this', detail: 'It takes the scope ops.'}}),
    );
    await page.click('input[name=days][value="7"] >> xpath=..');
    await page.locator('body.refused').waitFor();
    expect(await text('#banner')).toBe('The token may not do this. It takes the scope ops.');
    await page.unroute('**/internal/etas*');
    await page.route('**/internal/**', (route) => route.abort());
    await page.click('input[name=days][value="28"] >> xpath=..');
    await page.locator('body.lost').waitFor();
    await page.unroute('**/internal/**');
    await page.locator('body.live').waitFor();

    const {text: token} = await makeToken(database.db, ['read']);
    const tokens = openTokens(database.db, systemClock, true);
    const guardedUrl = await serve({dispatch: fakeDispatch({regions: [market.regionId]}), tokens});
    const guarded = await watchedPage(browser, guardedUrl);
    await guarded.page.goto(`${guardedUrl}etas`);
    await guarded.page.locator('body.signed-out').waitFor();
    await guarded.page.fill('#token', token);
    await guarded.page.keyboard.press('Enter');
    await guarded.page.locator('body.live').waitFor();
  });
});
