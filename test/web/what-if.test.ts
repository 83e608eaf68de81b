// The page of what-if in a real browser, over ticks that were recorded on another day and are decided again.
import type {AddressInfo} from 'node:net';
import type {FastifyInstance} from 'fastify';
import type {Browser, Page} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {readMeta} from '../../native-graph/layout.ts';
import {openTokens} from '../../src/api/access/tokens.ts';
import type {World} from '../../src/api/world.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {makeToken} from '../api/access/tokens.ts';
import {fakeDispatch, fakeServer} from '../api/world.ts';
import {plainRoads} from '../support/plain-roads.ts';
import {installedProgram} from '../support/program.ts';
import {openRecordedCity, type RecordedCity} from '../support/recorded-city.ts';
import {barriersOf, keepScreenshot, launch, type Watched, watchedPage} from './browser.ts';

const program = installedProgram('chromium', 'the page of what-if in a browser');
/** Maps are drawn without a graphics processor, and other tests run beside. */
const SOON = {timeout: 30_000};
let city: RecordedCity;
const apps: FastifyInstance[] = [];
let url: string;
let browser: Browser;
let watched: Watched;
let page: Page;

async function serve(overrides: Partial<World> = {}): Promise<string> {
  const roads = plainRoads(city.graph);
  const app = fakeServer(city.db, {
    dispatch: fakeDispatch({regions: [city.regionId]}),
    explaining: city.explaining,
    attribution: () => readMeta(city.graph).source.attribution,
    routing: () => (use) => use(roads),
    ...overrides,
  });
  apps.push(app);
  await app.listen({host: '127.0.0.1', port: 0});
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`;
}

beforeAll(async () => {
  if (program === undefined) return;
  city = await openRecordedCity();
  url = await serve();
  browser = await launch(program);
  watched = await watchedPage(browser, url);
  page = watched.page;
  await page.goto(`${url}what-if?tick=${city.headers[0]!.id}`);
  await page.locator('body.live').waitFor();
});
afterAll(async () => {
  await browser?.close();
  for (const app of apps) {
    app.server.closeAllConnections();
    await app.close();
  }
  await city?.close();
});

const pill = (of = page) => of.textContent('#pill');
/** By label: as it was, what if, difference. */
const figures = async (label: string) =>
  (await page.locator('#figure-rows tr', {hasText: label}).locator('td').allTextContents()).join(' ');

/** The middle of a map, clear of what lies on it, as bytes. */
async function middleOf(side: 'before' | 'after'): Promise<Buffer> {
  const box = (await page.locator(`#map-${side}`).boundingBox())!;
  // Whole pixels: the edges of the maps are not.
  const [x, y] = [Math.round(box.x + box.width / 2 - 110), Math.round(box.y + 90)];
  return page.screenshot({clip: {x, y, width: 220, height: 260}});
}

describe.skipIf(program === undefined)('the page of what-if', () => {
  test('without a change both maps show the recorded decision, and move under one camera', async () => {
    await page.locator('#maps[data-roads=drawn]').waitFor();
    expect(await pill()).toBe('As it was');
    expect(await figures('left waiting')).toBe('66 66 =');
    const first = await middleOf('before');
    await page.locator('#map-before canvas').focus();
    await page.keyboard.press('+');
    const isFollowed = async () => {
      const [before, after] = [await middleOf('before'), await middleOf('after')];
      return !before.equals(first) && before.equals(after);
    };
    await expect.poll(isFollowed, SOON).toBe(true);
    await page.click('#zoom-fit');
    expect(watched.complaints).toEqual([]);
  });

  test('a click on the right map adds a driver, one on the left none; the address says so', async () => {
    await page.locator('#map-before').click({position: {x: 30, y: 250}});
    expect(new URL(page.url()).search).not.toContain('add-driver');
    // Two clicks in a row are one driver.
    await page.locator('#map-after').dblclick({position: {x: 30, y: 250}});
    await page.locator('#chips button').waitFor();
    expect(await page.textContent('#chips')).toMatch(/^driver at 11\.\d{4},57\.\d{4} ×$/);
    expect(page.url()).toMatch(/&add-driver=11\.\d+,57\.\d+$/);
    expect(await page.textContent('#command')).toMatch(/^npx cloudrun what-if \S+ --add-driver 11\.\d+,57\.\d+$/);
    await page.locator('#chips button').click();
    await expect.poll(() => page.url(), SOON).not.toContain('add-driver');
    await expect.poll(() => page.evaluate('document.activeElement.id'), SOON).toBe('add-driver');
  });

  test('by keys alone: a driver is added and a weight changed; a task that moves is shown on both maps', async () => {
    await page.fill('#add-driver', '11.97;57.70');
    await page.keyboard.press('Enter');
    expect(await page.textContent('#form-note')).toMatch(/^A place is LON,LAT in degrees/);
    await page.fill('#add-driver', '11.97,57.70');
    await page.keyboard.press('Enter');
    await page.fill('#set-w_dec', '3');
    await page.keyboard.press('Tab');
    await expect.poll(() => pill(), SOON).toBe('42 tasks move');
    expect(page.url()).toMatch(/&set=w_dec:3&add-driver=11.97,57.7$/);
    expect([await figures('proposed'), await figures('left waiting')]).toEqual(['98 99 +1', '66 65 −1']);

    const rows = page.locator('#moved .row');
    expect(await rows.count()).toBe(42);
    const calm = await middleOf('after');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(async () => (await middleOf('after')).equals(calm), SOON).toBe(false);
    const task = await rows.nth(1).getAttribute('data-key');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('picked-title');
    expect(await page.textContent('#picked')).toMatch(/as it was.*driver \w{6}, .* min to the store.*what if/s);
    await keepScreenshot(page, 'what-if');
    expect(await barriersOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.dataset.key')).toBe(task);
  });

  test('drivers, tasks and rules are left out and put back; all is undone at once', async () => {
    await page.locator('#moved .row').first().click();
    await page.getByRole('button', {name: 'Leave the task out'}).click();
    await expect.poll(() => figures('tasks waiting'), SOON).toBe('164 163 −1');
    expect(await page.textContent('#picked')).toContain('left out');
    await page.getByRole('button', {name: 'Put the task back'}).click();
    await expect.poll(() => figures('tasks waiting'), SOON).toBe('164 164 =');
    await page.getByRole('button', {name: 'Add a driver at its store'}).click();
    await expect.poll(() => figures('proposed'), SOON).toBe('98 100 +2');
    await page.fill('#leave-out', 'zzzz');
    await page.keyboard.press('Enter');
    expect(await page.textContent('#form-note')).toMatch(/knew no driver who takes part and no waiting task/);
    const [, driver] = /driver (\w{6})/.exec((await page.textContent('#picked-facts'))!)!;
    await page.fill('#leave-out', driver!);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.textContent('#chips'), SOON).toContain(`without driver ${driver}`);
    await page.locator('#rules input').first().uncheck();
    await expect.poll(() => page.url(), SOON).toMatch(/&without-driver=[0-9a-f-]{36}&without-rule=CATEGORY_KILLED$/);
    await page.getByRole('button', {name: 'Undo all'}).click();
    await expect.poll(() => pill(), SOON).toBe('As it was');
    expect(new URL(page.url()).searchParams.size).toBe(2);
  });

  test('a change that is refused is said, and what stood last stays; a daemon that is gone, too', async () => {
    await page.fill('#set-candidatesPerTask', '65');
    await page.keyboard.press('Tab');
    await page.locator('body.refused').waitFor();
    expect(await pill()).toBe('The change is out of bounds');
    expect(await page.textContent('#form-note')).toBe('candidatesPerTask is 65; allowed: 1 to 64');
    expect(await figures('left waiting')).toBe('66 66 =');
    const url = '**/internal/dispatch/what-if';
    await page.getByRole('button', {name: 'Undo all'}).click();
    await page.locator('body.live').waitFor();
    await page.route(url, (route) => route.abort());
    await page.fill('#add-driver', '11.97,57.70');
    await page.keyboard.press('Enter');
    await page.locator('body.lost').waitFor();
    expect(await page.textContent('#banner')).toBe('The daemon does not answer.Ask again');
    expect(await page.textContent('#chips')).toBe('driver at 11.9700,57.7000 ×');
    expect(await page.getByRole('button', {name: 'Undo all'}).isEnabled()).toBe(true);
    await page.unroute(url);
    const body = JSON.stringify({title: 'Busy', detail: 'Others wait.'});
    await page.route(url, (route) => route.fulfill({status: 503, contentType: 'application/problem+json', body}));
    await page.getByRole('button', {name: 'Ask again'}).press('Enter');
    await expect.poll(() => page.textContent('#banner'), SOON).toBe('Others wait.Ask again');
    await page.unroute(url);
    await page.getByRole('button', {name: 'Ask again'}).press('Enter');
    await page.locator('body.live').waitFor();
    expect(await figures('proposed')).toBe('98 99 +1');
    expect(await page.evaluate('document.activeElement.id')).toBe('title');
  });

  test('who is added and taken away is picked no more, and nobody of the same number is', async () => {
    await page.fill('#add-driver', '11.98,57.71');
    await page.keyboard.press('Enter');
    const row = page.locator('#moved .row', {hasText: 'added 1'}).first();
    await expect.poll(() => page.textContent('#chips'), SOON).toMatch(/11\.9700.*11\.9800/);
    await page.locator('body.live').waitFor();
    await row.press('Enter');
    await page.getByRole('button', {name: 'driver added 1'}).press('Enter');
    await page.getByRole('button', {name: 'Take the driver away'}).press('Enter');
    await expect.poll(() => page.textContent('#chips'), SOON).toBe('driver at 11.9800,57.7100 ×');
    await page.locator('body.live').waitFor();
    expect(await page.locator('#picked').isVisible()).toBe(false);
    // It came from a row, which may be there no more: another has it.
    expect(await page.evaluate('document.activeElement.closest("#moved") !== null')).toBe(true);
  });

  test('a daemon that does not answer at first is asked again', async () => {
    const late = await watchedPage(browser, url);
    await late.page.route('**/internal/status*', (route) => route.abort());
    await late.page.goto(`${url}what-if?tick=${city.headers[0]!.id}`);
    await late.page.locator('body.lost').waitFor();
    await late.page.unroute('**/internal/status*');
    await late.page.getByRole('button', {name: 'Ask again'}).click();
    await late.page.locator('body.live').waitFor();
    await late.page.context().close();
  });

  test('without a tick, and of one that is not there, it lists those that are; on a phone, by day', async () => {
    const options = {viewport: {width: 390, height: 844}, colorScheme: 'light'} as const;
    const small = await watchedPage(browser, url, options);
    await small.page.goto(`${url}what-if?tick=019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10`);
    await small.page.locator('body.choosing').waitFor();
    expect(await small.page.textContent('#banner')).toMatch(/^There is no tick 019a8f6e/);
    small.complaints.length = 0;
    await small.page.goto(`${url}what-if`);
    await small.page.locator('#ticks a').nth(2).waitFor();
    expect(await barriersOf(small.page)).toEqual([]);
    expect(await small.page.locator('#ticks a').last().textContent()).toMatch(/164 tasks, 119 drivers, 98 asked/);
    await small.page.locator('#ticks a').first().click();
    await small.page.locator('body.live').waitFor();
    await small.page.locator('#maps[data-roads=drawn]').waitFor();
    expect(await small.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await barriersOf(small.page)).toEqual([]);
    expect(small.complaints).toEqual([]);
    await small.page.context().close();
  });

  test('wants a token where the daemon does; without WebGL the figures and the form work', async () => {
    const {text} = await makeToken(city.db, ['read']);
    const locked = await serve({tokens: openTokens(city.db, systemClock, true)});
    const blind = await watchedPage(browser, locked);
    await blind.page.addInitScript('HTMLCanvasElement.prototype.getContext = () => null');
    await blind.page.goto(`${locked}what-if?tick=${city.headers[1]!.id}&set=w_agee:1`);
    await blind.page.locator('body.signed-out').waitFor();
    await blind.page.fill('#token', text);
    await blind.page.keyboard.press('Enter');
    await blind.page.locator('body.live').waitFor();
    expect(await blind.page.textContent('#map-note')).toMatch(/no WebGL 2/);
    await expect.poll(() => blind.page.textContent('#form-note'), SOON).toMatch(/^there is no w_agee; there are w_age/);
    expect(await pill(blind.page)).toBe('As it was');
    await blind.page.locator('#rule-STORE_CLOSED').uncheck();
    await expect.poll(() => pill(blind.page), SOON).toBe('Decided the same');
  });
});
