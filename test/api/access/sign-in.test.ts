// Signing in at the live map, in a browser, with the real cookie rules. CLOUDRUN_SCREENSHOT=FILE keeps the form.
import type {AddressInfo} from 'node:net';
import {type Browser, chromium, type Page} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openTokens} from '../../../src/api/access/tokens.ts';
import {revokeToken} from '../../../src/db/tokens.ts';
import {openMarket} from '../../db/market.ts';
import {createDatabase, type TestDatabase} from '../../support/database.ts';
import {installedProgram} from '../../support/program.ts';
import {fakeDispatch, fakeServer} from '../world.ts';
import {handClock, type Made, makeToken} from './tokens.ts';

const program = installedProgram('chromium', 'signing in at the page');
const {clock, pass} = handClock();
let database: TestDatabase;
let browser: Browser;
let token: Made;
let address: string;
let close: () => Promise<unknown>;

beforeAll(async () => {
  if (program === undefined) return;
  database = await createDatabase();
  const {regionId} = await openMarket(database.db, {drivers: 1, tasks: 1});
  token = await makeToken(database.db, ['read'], {name: 'wall screen'});
  const tokens = openTokens(database.db, clock, true);
  const app = fakeServer(database.db, {tokens, dispatch: fakeDispatch({regions: [regionId]})});
  await app.listen({host: '127.0.0.1', port: 0});
  address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  close = () => app.close();
  browser = await chromium.launch({executablePath: program, args: ['--no-sandbox']});
});
afterAll(async () => {
  await browser?.close();
  await close?.();
  await database?.drop();
});

const pill = (page: Page, text: string) => page.locator('#pill', {hasText: text}).waitFor();

describe.skipIf(program === undefined)('the live map where tokens are wanted', () => {
  test.each(['dark', 'light'] as const)(
    'asks for a token, takes one that holds, and signs out (%s)',
    async (colorScheme) => {
      const page = await browser.newPage({viewport: {width: 900, height: 700}, colorScheme});
      await page.goto(address);
      await page.locator('#sign-in').waitFor();
      expect(await page.locator('main').isHidden()).toBe(true);
      await pill(page, 'Signed out');

      await page.fill('#token', token.text.replace(/.{6}$/, 'AAAAAA'));
      await page.click('#sign-in-button');
      await page.locator('#sign-in-note', {hasText: 'The token does not hold'}).waitFor();
      if (process.env.CLOUDRUN_SCREENSHOT)
        await page.screenshot({path: `${process.env.CLOUDRUN_SCREENSHOT}-${colorScheme}.png`});
      await page.fill('#token', token.text);
      await page.keyboard.press('Enter');
      await pill(page, 'Live');
      expect(await page.locator('#sign-in').isHidden()).toBe(true);
      // No script of the page can read the cookie.
      expect(await page.evaluate('document.cookie')).toBe('');
      expect(await page.content()).not.toContain(token.text);
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({name: 'cloudrun_session', httpOnly: true, sameSite: 'Strict', path: '/'});

      await page.locator('#sign-out').waitFor();
      expect(await page.getAttribute('#sign-out', 'title')).toBe('Signed in as wall screen');
      await page.click('#sign-out');
      await pill(page, 'Signed out');
      expect(await page.context().cookies()).toEqual([]);
      await page.close();
    },
  );

  test('a session ends with its token', async () => {
    const page = await browser.newPage();
    await page.goto(address);
    await page.fill('#token', token.text);
    await page.click('#sign-in-button');
    await pill(page, 'Live');
    await revokeToken(database.db, token.id);
    pass(6_000);
    await pill(page, 'Signed out');
    await page.close();
  });
});
