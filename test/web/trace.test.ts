// The trace of a delivery in a real browser, and the ways between it and the live map.
import type {AddressInfo} from 'node:net';
import type {FastifyInstance} from 'fastify';
import type {Browser} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {fakeDispatch, fakeServer} from '../api/world.ts';
import {type Market, openMarket} from '../db/market.ts';
import {type Story, TTL_S, troubledDelivery} from '../db/story.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {installedProgram} from '../support/program.ts';
import {barriersOf, keepScreenshot, launch, type Watched, watchedPage} from './browser.ts';

const program = installedProgram('chromium', 'the trace of a delivery in a browser');
let database: TestDatabase;
let market: Market;
let story: Story;
let app: FastifyInstance;
let browser: Browser;
let url: string;
let watched: Watched;

beforeAll(async () => {
  if (program === undefined) return;
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 3, tasks: 2, settings: {offerTtlS: TTL_S}});
  const [taskId, otherId] = market.tasks;
  story = await troubledDelivery(market, taskId, otherId, market.drivers);
  const leases = () => [{regionId: market.regionId, owner: 'here/1', fence: 1, here: true}];
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId], leases})});
  await app.listen({host: '127.0.0.1', port: 0});
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`;
  browser = await launch(program);
  watched = await watchedPage(browser, url, {viewport: {width: 1_000, height: 1_400}});
});
afterAll(async () => {
  await browser?.close();
  app?.server.closeAllConnections();
  await app?.close();
  await database?.drop();
});

describe.skipIf(program === undefined)('the trace of a delivery', () => {
  test('tells it on one page that keeps nobody out, by night, by day and on a phone', async () => {
    const {page, complaints} = watched;
    await page.goto(`${url}v1/tasks/${story.taskId}/trace.html`);
    expect(await page.locator('.phase').count()).toBe(8);
    const [promised, happened] = ['.promise', '.phase'].map((kind) => page.locator(`${kind}.p-carrying`));
    const widthOf = async (part = promised!) => (await part.boundingBox())!.width;
    // A minute late at the store and 40 s early at the door.
    expect(await widthOf(happened)).toBeLessThan(await widthOf());
    expect(await barriersOf(page)).toEqual([]);
    await keepScreenshot(page, 'trace');
    await page.emulateMedia({colorScheme: 'light'});
    await page.setViewportSize({width: 390, height: 844});
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await barriersOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('leads to its task on the live map, whose drawer leads back', async () => {
    const {page} = watched;
    await page.goto(`${url}v1/tasks/${story.taskId}/trace.html`);
    await page.getByRole('link', {name: 'Live map'}).click();
    await page.locator('#drawer[data-kind=task][data-state=shown]').waitFor();
    expect(await page.getAttribute('#drawer-title', 'title')).toBe(story.taskId);
    const [opened] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', {name: 'Trace'}).click(),
    ]);
    await opened.waitForLoadState();
    expect(await opened.title()).toBe(`Trace of task ${story.taskId}`);
  });
});
