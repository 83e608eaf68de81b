// The Chromium of the system, and what a test of the page wants to know of it: every message of its console, every
// request that leaves the daemon, every colour of a part of it, whom it keeps out.

import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import axe from 'axe-core';
import {type Browser, type BrowserContextOptions, chromium, type Locator, type Page} from 'playwright-core';

/** WebGL by software: there is no graphics processor. */
const ARGS = ['--no-sandbox', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];

export const launch = (executablePath: string): Promise<Browser> => chromium.launch({executablePath, args: ARGS});

export type Watched = {readonly page: Page; readonly complaints: string[]};

/** A page whose complaints are kept: errors of its console, and whatever it asks of other hosts. */
export async function watchedPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: {width: 1_280, height: 800},
    colorScheme: 'dark',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('blob:')) complaints.push(request.url());
  });
  return {page, complaints};
}

/** How many different colours a part of the page shows, and how many of its pixels are nearly `colour`, #rrggbb. */
export async function coloursOf(part: Locator, colour: string): Promise<{kinds: number; near: number}> {
  const png = [...(await part.screenshot())];
  return part.page().evaluate(
    async ([bytes, wanted]) => {
      const g = globalThis as unknown as Canvas;
      const image = await g.createImageBitmap(new g.Blob([new Uint8Array(bytes)]));
      const pen = new g.OffscreenCanvas(image.width, image.height).getContext('2d');
      pen.drawImage(image, 0, 0);
      const {data} = pen.getImageData(0, 0, image.width, image.height);
      const aim = [1, 3, 5].map((at) => Number.parseInt(wanted.slice(at, at + 2), 16));
      const kinds = new Set<number>();
      let near = 0;
      for (let i = 0; i < data.length; i += 4) {
        kinds.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
        if (aim.every((tone, c) => Math.abs(data[i + c]! - tone) < 12)) near++;
      }
      return {kinds: kinds.size, near};
    },
    [png, colour] as const,
  );
}

/** What of a browser the function above uses; tests are checked without its types. */
type Canvas = {
  createImageBitmap(blob: unknown): Promise<{width: number; height: number}>;
  Blob: new (parts: unknown[]) => unknown;
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {getContext(kind: '2d'): {drawImage(...of: unknown[]): void; getImageData(...of: number[]): {data: Uint8Array}}};
};

type Finding = {id: string; impact: string; nodes: {html: string}[]};

/** What axe-core finds of a serious or critical kind. The browser gives its script to the page, past the policy. */
export async function barriersOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run(document, {resultTypes: ["violations"]})')) as {violations: Finding[]};
  return found.violations
    .filter(({impact}) => impact === 'serious' || impact === 'critical')
    .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 90)).join(' | ')}`);
}

/** With CLOUDRUN_SCREENSHOTS=FOLDER keeps what the page looks like, as WebP: a quarter of a PNG. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.CLOUDRUN_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, {recursive: true});
  const devtools = await page.context().newCDPSession(page);
  const {data} = await devtools.send('Page.captureScreenshot', {format: 'webp', quality: 82});
  await devtools.detach();
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
}
