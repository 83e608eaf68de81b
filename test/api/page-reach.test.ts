// The isochrones of the map, in a browser: drawn where one clicks, told on the card, cleared by button and key. The
// database is gone, so that the map has no roads of its own and its middle is at 0, 0, where the town lies.
// CLOUDRUN_SCREENSHOT=FILE keeps what the page looks like.
import type {AddressInfo} from 'node:net';
import {type Browser, chromium, type Page} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {plainRoads} from '../support/plain-roads.ts';
import {installedProgram} from '../support/program.ts';
import {town} from '../support/town.ts';
import {databaseGone, fakeServer, REGION} from './world.ts';

const program = installedProgram('chromium', 'isochrones on the map of the page');
const roads = plainRoads(
  town(`
    a-b-c-d-e
    | | | | |
    f-g-h-i-j
    | | | | |
    k-l-m-n-o
  `).graph,
);
const app = fakeServer(databaseGone, {routing: () => (use) => use(roads)});
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (program === undefined) return;
  await app.listen({host: '127.0.0.1', port: 0});
  browser = await chromium.launch({executablePath: program, args: ['--no-sandbox']});
  page = await browser.newPage({viewport: {width: 1_000, height: 800}, colorScheme: 'dark'});
  await page.goto(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/?region=${REGION}`);
});
afterAll(async () => {
  await browser?.close();
  await app.close();
});

/** Clicks so far from the middle of the map. */
async function click(right = 0, down = 0): Promise<void> {
  const {x, y, width, height} = (await page.locator('#map').boundingBox())!;
  await page.mouse.click(x + width / 2 + right, y + height / 2 + down);
}

const stateIs = (state: string) => page.locator(`#reach[data-state=${state}]`).waitFor();

/** How many pixels of the canvas are of another colour than its corner. */
const colouredPixels = (): Promise<number> =>
  page.locator('#map').evaluate((element) => {
    const canvas = element as unknown as {width: number; height: number; getContext(kind: '2d'): Pen};
    type Pen = {getImageData(x: number, y: number, width: number, height: number): {data: Uint8Array}};
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) count++;
    return count;
  });

describe.skipIf(program === undefined)('the map of the page', () => {
  test('draws isochrones where one clicks, says how large they are, and takes them away by Escape', async () => {
    for (let i = 0; i < 22; i++) await page.click('#zoom-in');
    const empty = await colouredPixels();
    await click();
    await stateIs('drawn');
    expect(await page.textContent('#reach-title')).toBe('From this point');
    expect(await page.textContent('#reach-areas')).toMatch(/5 min about [\d.]+ km².*10 min about.*15 min about/s);
    expect(await page.textContent('#reach-told')).toMatch(/^From this point: 5 minutes about [\d.]+ km², 10 minutes/);
    await expect.poll(colouredPixels).toBeGreaterThan(empty + 10_000);
    if (process.env.CLOUDRUN_SCREENSHOT) await page.screenshot({path: process.env.CLOUDRUN_SCREENSHOT});
    await page.keyboard.press('Escape');
    expect(await page.locator('#reach').isHidden()).toBe(true);
    await expect.poll(colouredPixels).toBe(empty);
  });

  test('turns them round, and gives the focus back when they are cleared by the button', async () => {
    await click();
    await stateIs('drawn');
    await page.click('#reach-to');
    await stateIs('drawn');
    expect(await page.textContent('#reach-title')).toBe('To this point');
    expect(await page.getAttribute('#reach-to', 'aria-pressed')).toBe('true');
    await page.click('#reach-clear');
    expect(await page.locator('#reach').isHidden()).toBe(true);
    expect(await page.evaluate('document.activeElement.id')).toBe('map');
  });

  test('draws those of its middle by Enter, and none where one drags', async () => {
    await page.focus('#map');
    await page.keyboard.press('Enter');
    await stateIs('drawn');
    await page.keyboard.press('Escape');
    const {x, y} = (await page.locator('#map').boundingBox())!;
    await page.mouse.move(x + 200, y + 300);
    await page.mouse.down();
    await page.mouse.move(x + 230, y + 300);
    await page.mouse.up();
    expect(await page.locator('#reach').isHidden()).toBe(true);
  });

  test('says where there is no road, and that the daemon does not answer', async () => {
    for (let i = 0; i < 22; i++) await page.click('#zoom-out');
    await click(200, 100);
    await stateIs('failed');
    expect(await page.textContent('#reach-note')).toBe('No road lies within 1000 m of this point.');
    await page.route('**/v1/isochrones*', (route) => route.abort());
    await click(210, 100);
    await stateIs('failed');
    expect(await page.textContent('#reach-note')).toBe('The daemon does not answer. Click the map to try again.');
    await page.unroute('**/v1/isochrones*');
    await page.route('**/v1/isochrones*', (route) => route.fulfill({status: 502, body: '<h1>Bad gateway</h1>'}));
    await click(200, 110);
    await stateIs('failed');
    expect(await page.textContent('#reach-note')).toBe('The daemon does not answer. Click the map to try again.');
    await page.unroute('**/v1/isochrones*');
    await page.keyboard.press('Escape');
    expect(await page.locator('#reach').isHidden()).toBe(true);
  });

  test('tells what the card says in a line that is there without it', async () => {
    const told = page.getByRole('status').and(page.locator('#reach-told'));
    expect([await told.count(), await told.textContent()]).toEqual([1, '']);
    await click(200, 100);
    await stateIs('failed');
    expect(await told.textContent()).toBe('No road lies within 1000 m of this point.');
    await page.keyboard.press('Escape');
    expect(await told.textContent()).toBe('');
    const map = page.getByRole('application', {name: 'Map of drivers, stores and tasks'});
    expect(await map.getAttribute('aria-roledescription')).toBe('map');
    expect(await map.getAttribute('aria-describedby')).toBe('map-keys');
  });

  test('asks once, however long Enter is held', async () => {
    let asked = 0;
    await page.route('**/v1/isochrones*', (route) => {
      asked++;
      return route.continue();
    });
    await page.focus('#map');
    await page.keyboard.down('Enter');
    await page.keyboard.down('Enter');
    await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await page.locator('#reach:not([data-state=searching])').waitFor();
    await page.unroute('**/v1/isochrones*');
    await page.keyboard.press('Escape');
    expect(asked).toBe(1);
  });

  test('asks for longitudes of the globe, wherever the map was moved', async () => {
    const asked = page.waitForRequest('**/v1/isochrones*');
    // A world is 256 pixels wide at least, and the map 700 or so.
    await click(-300);
    const lon = Number(new URL((await asked).url()).searchParams.get('lon'));
    expect(Math.abs(lon)).toBeLessThanOrEqual(180);
    await stateIs('failed');
    expect(await page.textContent('#reach-note')).toBe('No road lies within 1000 m of this point.');
    await page.keyboard.press('Escape');
  });
});
