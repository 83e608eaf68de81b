// The live map in a real browser, over a city that stands still. `npm run screenshots` keeps what each view looks like.
import type {Browser, Page} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {installedProgram} from '../support/program.ts';
import {barriersOf, coloursOf, keepScreenshot, launch, type Watched, watchedPage} from './browser.ts';
import {openCity, type PageCity} from './city.ts';

const program = installedProgram('chromium', 'the live map in a browser');
const AVAILABLE = '#3fb968';
/** Of the region that is shown, over the land. */
const BORDER = '#4a7bc9';
let city: PageCity;
let browser: Browser;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  if (program === undefined) return;
  city = await openCity();
  browser = await launch(program);
  watched = await watchedPage(browser, city.url);
  page = watched.page;
  await page.goto(city.url);
  await page.locator('body.live').waitFor();
  await page.locator('#map[data-roads=drawn][data-drivers]').waitFor();
});
afterAll(async () => {
  await browser?.close();
  await city?.close();
});

const barriers = (of: Page = page): Promise<string[]> => barriersOf(of);
const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent');
const drawerTitle = () => page.textContent('#drawer-title');

describe.skipIf(program === undefined)('the live map', () => {
  test('draws the roads of the graph and everybody on them, and asks nobody else', async () => {
    const canvas = page.getByRole('application', {name: /^Map: 240 drivers on shift, \d+ stores, 44 open tasks$/});
    await canvas.waitFor();
    expect(await canvas.getAttribute('aria-describedby')).toBe('map-keys');
    // Roads are drawn in tones of their own, with edges that are smoothed; drivers are as green as the legend.
    const green = async () => (await coloursOf(page.locator('#map'), AVAILABLE)).near;
    await expect.poll(green, {timeout: 30_000}).toBeGreaterThan(1_500);
    const road = async () => (await coloursOf(page.locator('#map'), '#52657b')).near;
    await expect.poll(road, {timeout: 15_000}).toBeGreaterThan(100);
    expect(await page.textContent('#attribution')).toMatch(/OpenStreetMap/);
    // Every assignment goes along the roads: two thirds of STATES of the city are such.
    await expect.poll(() => page.getAttribute('#map', 'data-ways'), {timeout: 15_000}).toBe('25 of 25');
    expect((await coloursOf(page.locator('#map'), BORDER)).near).toBeGreaterThan(100);
    expect(watched.complaints).toEqual([]);
    await keepScreenshot(page, 'live-dark');
  });

  test('from close by each task has its age beside it; the button takes the routes away', async () => {
    expect(await page.getAttribute('#map', 'data-ages')).toBe('0');
    await page.locator('#queue .row').first().click();
    await page.getByText('Show on the map').click();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getAttribute('#map', 'data-ages'), {timeout: 15_000}).toMatch(/^[1-9]/);
    await keepScreenshot(page, 'near');
    // From afar all assignments are in view, from close by perhaps none.
    await page.click('#zoom-fit');
    await page.click('#layer-legs');
    await expect.poll(() => page.getAttribute('#map', 'data-ways'), {timeout: 15_000}).toBe('0 of 0');
    await page.click('#layer-legs');
    await expect.poll(() => page.getAttribute('#map', 'data-ways'), {timeout: 30_000}).toMatch(/^[1-9]/);
  });

  test('shows the last tick, the ones before by stage, counts and the lease', async () => {
    expect(await page.textContent('#proof')).toBe('optimal, proven');
    expect(await page.locator('.tick-column').count()).toBe(20);
    await page.locator('.tick-column').first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.tick-column[aria-pressed=true]').getAttribute('aria-label')).toMatch(
      /optimal, proven$/,
    );
    expect(await page.textContent('#tick-detail')).toMatch(/snapshot.*ms/);
    const whatIf = await page.getByRole('link', {name: 'What if…'}).getAttribute('href');
    expect(whatIf).toMatch(/^\/what-if\?tick=[0-9a-f-]{36}&region=market-\d+$/);
    expect(await page.textContent('#leases')).toMatch(/dispatched by this daemon.*here\/1 · fence 3/);
  });

  test('nothing of it keeps anybody out', async () => {
    expect(await barriers()).toEqual([]);
  });

  test('opens a waiting task by keys alone, and gives the focus back', async () => {
    const rows = page.locator('#queue .row');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    const second = await rows.nth(1).getAttribute('data-key');
    await page.keyboard.press('Enter');
    await page.locator('#drawer[data-state=shown]').waitFor();
    expect(await drawerTitle()).toBe(`Task ${second!.slice(-6)}`);
    expect(await focused()).toBe('drawer-title');
    expect(await page.textContent('#drawer-body')).toMatch(
      /What happened.*created.*The chain of its dossier verifies/s,
    );
    await page.getByText('Why? Ask the last tick').click();
    await page.locator('.why-told .row').first().waitFor();
    expect(await page.textContent('.why-told')).toMatch(/was chosen|left waiting.*candidates.*min away/s);
    await keepScreenshot(page, 'why');
    // It stays while the drawer is read anew, and so does the focus.
    await page.focus('#drawer .mark a');
    await page.evaluate("document.querySelector('#drawer .facts').dataset.old = 1");
    await page.locator('#drawer .facts[data-old]').waitFor({state: 'detached'});
    expect(await page.textContent('.why-told')).toMatch(/candidates/);
    expect(await focused()).toBe('Dossier');
    expect(await barriers()).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.locator('#drawer').isHidden()).toBe(true);
    expect(await page.evaluate('document.activeElement.dataset.key')).toBe(second);
  });

  test('a task on its way shows its driver, and the driver its eligibility and the way by road', async () => {
    await page.fill('#find-id', city.taskIds[1]!);
    await page.press('#find-id', 'Enter');
    await page.locator('#drawer[data-state=shown]').waitFor();
    expect(await page.textContent('.badge')).toBe('picked up');
    await expect.poll(() => page.textContent('.route-time'), {timeout: 15_000}).toMatch(/min|s$/);
    await keepScreenshot(page, 'task');
    await page.locator('#drawer .link').click();
    await page.locator('#drawer[data-kind=driver][data-state=shown]').waitFor();
    expect(await page.textContent('#drawer-body')).toMatch(/Is offered nothing.*DRIVER_FULL|Is offered nothing/s);
    await keepScreenshot(page, 'driver');
    await page.click('#drawer-close');
  });

  test('isochrones of a driver are drawn, turned round and taken away by Escape', async () => {
    await page.fill('#find-id', city.driverIds[0]!);
    await page.press('#find-id', 'Enter');
    await page.getByText('Reach in 15 min').click();
    await page.locator('#reach[data-state=drawn]').waitFor();
    expect(await page.textContent('#reach-areas')).toMatch(/5 min about [\d.]+ km².*10 min about.*15 min about/s);
    const told = await page.textContent('#reach-told');
    expect(told).toMatch(/^From driver \w{6}: 5 minutes about [\d.]+ km², 10 minutes/);
    await page.click('#reach-to');
    await page.locator('#reach[data-state=drawn]').waitFor();
    expect(await page.textContent('#reach-title')).toMatch(/^To driver/);
    expect(await page.getAttribute('#reach-to', 'aria-pressed')).toBe('true');
    await page.keyboard.press('Escape');
    await keepScreenshot(page, 'isochrones');
    await page.keyboard.press('Escape');
    expect(await page.locator('#reach').isHidden()).toBe(true);
    expect(await page.textContent('#reach-told')).toBe('');
  });

  test('a click beside everything asks for isochrones of the point; where no road is, it says so', async () => {
    await page.route('**/v1/isochrones*', (route) => route.abort());
    await page.locator('.maplibregl-canvas').focus();
    await page.mouse.click(24, 320);
    await page.locator('#reach[data-state=failed]').waitFor();
    expect(await page.textContent('#reach-note')).toBe('The daemon does not answer. Click the map to try again.');
    await page.unroute('**/v1/isochrones*');
    await page.click('#reach-clear');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('CANVAS');
    watched.complaints.length = 0;
  });

  test('waiting demand and shadow prices are shown by hexagon', async () => {
    await page.click('#layer-heat');
    await page.waitForResponse('**/internal/map/demand*');
    expect(await page.textContent('#layer-heat')).toBe('Demand: waiting');
    await keepScreenshot(page, 'demand');
    await page.click('#layer-heat');
    expect(await page.textContent('#layer-heat')).toBe('Demand: prices');
    await keepScreenshot(page, 'prices');
    await page.click('#layer-heat');
    expect(await page.getAttribute('#layer-heat', 'aria-pressed')).toBe('false');
  });

  test('a tick is run once it is confirmed, and not when it is called off', async () => {
    await page.getByRole('button', {name: 'Tick now'}).click();
    await page.click('#confirm-no');
    await page.getByRole('button', {name: 'Tick now'}).click();
    await keepScreenshot(page, 'confirm');
    await page.click('#confirm-yes');
    await expect.poll(() => page.textContent('#action-told'), {timeout: 15_000}).toMatch(/^Tick .* 1 offers\.$/);
    expect(city.asked).toEqual([`tick ${city.regionId}`]);
  });

  test('a region is paused and resumed, and a category switched off and on', async () => {
    await page.getByRole('button', {name: 'Pause region'}).click();
    await page.click('#confirm-yes');
    await page.locator('body.paused').waitFor();
    await keepScreenshot(page, 'paused');
    await page.getByRole('button', {name: 'Resume region'}).click();
    await page.click('#confirm-yes');
    await page.locator('body.live').waitFor();
    await page.getByRole('button', {name: 'Kill switch'}).click();
    await page.fill('#confirm-category', 'vape');
    await page.fill('#confirm-reason', 'a drill');
    await keepScreenshot(page, 'kill-switch');
    await page.keyboard.press('Enter');
    await page.locator('#switches li').waitFor();
    expect(await page.textContent('#switches')).toMatch(/vape.*by loopback: a drill/);
    await page.getByRole('button', {name: 'Switch on'}).click();
    await page.fill('#confirm-reason', 'over');
    await page.click('#confirm-yes');
    await page.locator('#switches li').waitFor({state: 'detached'});
  });

  test('says who dispatches in its place, and which checks fail', async () => {
    city.pretend({leases: () => [{regionId: city.regionId, owner: 'there/2', fence: 4, here: false}]});
    await page.locator('body.standby').waitFor();
    expect(await page.textContent('#banner')).toBe('there/2 dispatches this region.');
    await keepScreenshot(page, 'standby');
    const checks = [{name: 'graph gothenburg', ok: false, detail: 'loading'}];
    city.pretend({readiness: () => ({ready: false, checks})});
    await page.locator('body.unready').waitFor();
    expect(await page.textContent('#banner')).toBe('graph gothenburg: loading');
    await keepScreenshot(page, 'not-ready');
    city.pretend();
    await page.locator('body.live').waitFor();
  });

  test('a region where nobody is says so within its outline, and another daemon has it', async () => {
    await page.selectOption('#region', city.emptyRegionId);
    await page.locator('#map-empty').waitFor();
    await page.locator('body.standby').waitFor();
    expect(await page.textContent('#queue-empty')).toBe('Nothing waits.');
    const border = async () => (await coloursOf(page.locator('#map'), BORDER)).near;
    await expect.poll(border, {timeout: 15_000}).toBeGreaterThan(50);
    expect(await barriers()).toEqual([]);
    await keepScreenshot(page, 'empty-region');
    await page.selectOption('#region', city.regionId);
    await page.locator('body.live').waitFor();
    expect(await page.locator('#map-empty').isHidden()).toBe(true);
    expect(watched.complaints).toEqual([]);
  });

  test('is as good by day and on a phone', async () => {
    const small = await watchedPage(browser, city.url, {colorScheme: 'light'});
    await small.page.goto(city.url);
    await small.page.locator('#map[data-roads=drawn][data-ways="25 of 25"]').waitFor();
    await keepScreenshot(small.page, 'live-light');
    await small.page.setViewportSize({width: 390, height: 844});
    await small.page.click('#zoom-fit');
    expect(await small.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await barriers(small.page)).toEqual([]);
    await keepScreenshot(small.page, 'phone-light');
    expect(small.complaints).toEqual([]);
    await small.page.context().close();
  });

  test('roads that did not come are asked for again', async () => {
    const early = await watchedPage(browser, city.url);
    const answer = Promise.withResolvers<void>();
    await early.page.route('**/internal/status*', (route) => answer.promise.then(() => route.continue()));
    await early.page.route('**/tiles/**', (route) => route.fulfill({status: 503, json: {code: 'LOADING'}}));
    await early.page.goto(city.url);
    await keepScreenshot(early.page, 'connecting');
    expect(await early.page.textContent('#pill')).toBe('Connecting');
    answer.resolve();
    await early.page.locator('#map[data-roads=failed]').waitFor();
    expect(await early.page.textContent('#map-note')).toMatch(/cannot be reached/);
    await keepScreenshot(early.page, 'roads-missing');
    await early.page.unroute('**/tiles/**');
    await early.page.locator('#map[data-roads=drawn]').waitFor();
    expect(await early.page.textContent('#map-note')).toBe('');
    await early.page.context().close();
  });

  test('without WebGL everything but the map works', async () => {
    const blind = await watchedPage(browser, city.url);
    await blind.page.addInitScript('HTMLCanvasElement.prototype.getContext = () => null');
    await blind.page.goto(city.url);
    await blind.page.locator('body.live').waitFor();
    expect(await blind.page.textContent('#map-note')).toMatch(/no WebGL 2/);
    await keepScreenshot(blind.page, 'no-webgl');
    await blind.page.locator('#queue .row').first().click();
    await blind.page.locator('#drawer[data-state=shown]').waitFor();
    expect(blind.complaints).toEqual([]);
    await blind.page.context().close();
  });

  test('wants a token where the daemon does, and shows whoever may only read no button', async () => {
    const {token} = await city.lock(['read']);
    const guarded = await watchedPage(browser, city.url);
    await guarded.page.goto(city.url);
    await guarded.page.locator('body.signed-out').waitFor();
    await keepScreenshot(guarded.page, 'sign-in');
    await guarded.page.fill('#token', 'cr_nothing');
    await guarded.page.keyboard.press('Enter');
    await expect.poll(() => guarded.page.textContent('#sign-in-note'), {timeout: 15_000}).not.toBe('');
    await guarded.page.fill('#token', token);
    await guarded.page.keyboard.press('Enter');
    await guarded.page.locator('body.live').waitFor();
    await guarded.page.locator('#map[data-roads=drawn][data-drivers]').waitFor();
    await guarded.page.locator('#queue .row').first().click();
    await guarded.page.locator('#drawer[data-state=refused]').waitFor();
    expect(await guarded.page.textContent('#drawer-body')).toMatch(/state.*ops or services shows more/);
    expect(await guarded.page.locator('#actions').isHidden()).toBe(true);
    await guarded.page.getByRole('button', {name: 'Sign out'}).click();
    await guarded.page.locator('body.signed-out').waitFor();
  });
});
