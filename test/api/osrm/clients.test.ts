// Clients of OSRM against our server: leaflet-routing-machine draws a route in a browser, on a page of another origin;
// VROOM's way of reading a table finds one. CLOUDRUN_SCREENSHOT=FILE keeps what the page looks like.
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {type AddressInfo, connect} from 'node:net';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import {chromium, type Page} from 'playwright-core';
import {afterAll, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {installedProgram} from '../../support/program.ts';
import {townServer} from './town-server.ts';

const city = fileURLToPath(import.meta.resolve('geojson-path-finder/test/large-network.json'));
const {graph} = assemble(await importNetwork(city));
const {app, ask} = townServer(graph);
await app.listen({host: '127.0.0.1', port: 0});
const portOf = (server: {address(): unknown}): number => (server.address() as AddressInfo).port;
const routes = portOf(app.server);
afterAll(() => app.close());

const browser = installedProgram('chromium', 'a route drawn by leaflet-routing-machine');

const FILES: Readonly<Record<string, string>> = {
  '/leaflet.js': import.meta.resolve('leaflet/dist/leaflet.js'),
  '/leaflet.css': import.meta.resolve('leaflet/dist/leaflet.css'),
  '/machine.js': import.meta.resolve('leaflet-routing-machine/dist/leaflet-routing-machine.js'),
  '/machine.css': import.meta.resolve('leaflet-routing-machine/dist/leaflet-routing-machine.css'),
  '/images/marker-icon.png': import.meta.resolve('leaflet/dist/images/marker-icon.png'),
  '/images/marker-icon-2x.png': import.meta.resolve('leaflet/dist/images/marker-icon-2x.png'),
  '/images/marker-shadow.png': import.meta.resolve('leaflet/dist/images/marker-shadow.png'),
  '/leaflet.routing.icons.png': import.meta.resolve('leaflet-routing-machine/dist/leaflet.routing.icons.png'),
};

const PAGE = `<!doctype html><title>Routes</title>
<link rel="stylesheet" href="/leaflet.css"><link rel="stylesheet" href="/machine.css">
<style>html, body, #map { height: 100%; margin: 0 }</style><div id="map"></div>
<script src="/leaflet.js"></script><script src="/machine.js"></script>
<script>
  const map = L.map('map').setView([57.70, 11.97], 13);
  window.found = [];
  window.control = L.Routing.control({
    serviceUrl: 'http://127.0.0.1:${routes}/route/v1',
    waypoints: [L.latLng(57.7089, 11.9746), L.latLng(57.6969, 11.9865)],
  });
  control.on('routesfound', ({routes}) => found.push(routes[0]));
  control.on('routingerror', ({error}) => found.push({error: error.message}));
  control.addTo(map);
</script>`;

const site = createServer(({url = ''}, response) => {
  const file = FILES[url];
  if (file !== undefined) response.end(readFileSync(fileURLToPath(file)));
  else response.setHeader('content-type', 'text/html').end(PAGE);
});
afterAll(() => void site.close());

type Found = {
  readonly error?: string;
  readonly name: string;
  readonly summary: {readonly totalDistance: number; readonly totalTime: number};
  readonly coordinates: readonly object[];
  readonly instructions: readonly {readonly text: string; readonly index: number}[];
  readonly waypoints: readonly object[];
};

/** What the page has found once it has found `count` routes. */
async function routesOn(page: Page, count: number): Promise<Found[]> {
  await page.waitForFunction(`found.length >= ${count}`);
  return page.evaluate('found');
}

test.skipIf(!browser)('leaflet-routing-machine draws a route and its instructions', async () => {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const started = await chromium.launch({executablePath: browser!, args: ['--no-sandbox']});
  try {
    const page = await started.newPage({viewport: {width: 1_000, height: 700}});
    const complaints: string[] = [];
    page.on('pageerror', ({message}) => void complaints.push(message));
    await page.goto(`http://127.0.0.1:${portOf(site)}/`);
    const [first] = await routesOn(page, 1);
    expect(first.error).toBeUndefined();
    const truth = (await ask('/route/v1/driving/11.9746,57.7089;11.9865,57.6969?steps=true')).routes[0];
    expect(first.summary).toEqual({totalDistance: truth.distance, totalTime: truth.duration});
    expect(first.name).toBe(truth.legs[0].summary);
    expect(first.instructions).toHaveLength(truth.legs[0].steps.length);
    const rows = page.locator('.leaflet-routing-alt:not(.leaflet-routing-alt-minimized) tr');
    await expect.poll(() => rows.count()).toBe(first.instructions.length);
    expect(await rows.first().textContent()).toMatch(/^Head /);
    // A line over the map, beside short ones from the markers to the road.
    const drawn = await page
      .locator('path.leaflet-interactive')
      .evaluateAll((paths) => paths.map((path) => path.outerHTML));
    expect(Math.max(...drawn.map((path) => path.split('L').length))).toBeGreaterThan(8);

    // A via is put in, as dragging the line does: the hints of the first answer come along.
    const asked = page.waitForRequest((request) => request.url().includes('hints='));
    await page.evaluate('control.spliceWaypoints(1, 0, L.latLng(57.7040, 11.9650))');
    expect((await asked).url()).toMatch(/hints=[\w-]+;;[\w-]+/);
    const [, second] = await routesOn(page, 2);
    expect(second.error).toBeUndefined();
    expect(second.waypoints).toHaveLength(3);
    expect(second.summary.totalDistance).toBeGreaterThan(first.summary.totalDistance);

    expect(complaints).toEqual([]);
    if (process.env.CLOUDRUN_SCREENSHOT) await page.screenshot({path: process.env.CLOUDRUN_SCREENSHOT});
  } finally {
    await started.close();
  }
});

/** As VROOM's http_wrapper does: reads to the end of the connection, takes what stands between the outermost braces. */
async function bodyByBraces(path: string): Promise<string> {
  const socket = connect(routes, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nConnection: close\r\n\r\n`);
  const response = await text(socket);
  return response.slice(response.indexOf('{'), response.lastIndexOf('}') + 1);
}

test('a client that reads to the end of the connection finds a table between the braces', async () => {
  const places = Array.from(
    {length: 120},
    (_, i) => `${(11.9 + (i % 12) / 100).toFixed(6)},${(57.68 + i / 2_000).toFixed(6)}`,
  );
  const query = `${places.join(';')}?annotations=duration,distance&radiuses=${places.map(() => 35_000).join(';')}`;
  const {code, durations, distances} = JSON.parse(await bodyByBraces(`/table/v1/car/${query}`));
  expect(code).toBe('Ok');
  expect(durations).toHaveLength(120);
  expect(distances[119]).toHaveLength(120);
  const route = '?alternatives=false&steps=false&overview=full&continue_straight=false';
  const {routes: found} = JSON.parse(await bodyByBraces(`/route/v1/car/${places.slice(0, 2).join(';')}${route}`));
  expect(found[0].legs[0]).toMatchObject({duration: durations[0][1], distance: distances[0][1]});
  expect(found[0].geometry).toEqual(expect.any(String));
});

test('a thousand places fit a URL', async () => {
  const places = Array.from({length: 1_000}, () => '11.974600,57.708900').join(';');
  const options = `?sources=0&radiuses=${Array.from({length: 1_000}, () => 'unlimited').join(';')}`;
  const {code, durations} = JSON.parse(await bodyByBraces(`/table/v1/driving/${places}${options}`));
  expect(code).toBe('Ok');
  expect(durations[0]).toEqual(Array.from({length: 1_000}, () => 0));
  const tooMany = `/table/v1/driving/${Array.from({length: 20_000}, () => '11.974600,57.708900').join(';')}`;
  expect(JSON.parse(await bodyByBraces(tooMany))).toMatchObject({code: 'TooBig'});
});
