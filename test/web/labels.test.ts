// What the live map writes beside tasks and in regions, without a browser.
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {startAges} from '../../web/map/ages.ts';
import {startAreas} from '../../web/map/areas.ts';
import type {LiveMap} from '../../web/wire.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const reading = (...tasks: {readonly waitedS: number; readonly state?: number; readonly lon?: number}[]): LiveMap => ({
  ...{at: '', limit: 1_000, statuses: [], states: ['PENDING', 'ASSIGNED'], drivers: [], stores: []},
  tasks: tasks.map(({waitedS, state = 0, lon = 1}, i) => [`t${i}`, lon, 0, state, -1, -1, waitedS, -1, -1]),
});

/** Ages near the meridian 1, from this zoom. */
function aged(zoom: number) {
  const drawn: string[][] = [];
  const ages = startAges({
    view: () => (lon) => Math.abs(lon - 1) < 1,
    zoom: () => zoom,
    draw: (_, {features}) => {
      drawn.push(features.map(({properties: {told, waits}}) => (waits ? told : `(${told})`)));
    },
  });
  return {ages, drawn};
}

test('from close by a task in view tells for how many whole minutes it has been ready, or in how many it will', () => {
  const {ages, drawn} = aged(14);
  const spans = [-3_601, -61, -60, -1, 0, 59, 60, 119, 3_599, 3_600, 7_380].map((waitedS) => ({waitedS}));
  expect(ages.refresh(reading(...spans, {waitedS: 60, state: 1}, {waitedS: 60, lon: 9}))).toBe(12);
  expect(drawn).toEqual([
    [
      ...['in 1 h 1 min', 'in 2 min', 'in 1 min', 'in 1 min', '< 1 min', '< 1 min', '1 min', '1 min', '59 min'],
      ...['1 h 0 min', '2 h 3 min', '(1 min)'],
    ],
  ]);
  ages.refresh(reading({waitedS: 60}));
  ages.refresh(reading({waitedS: 119}));
  expect(drawn).toHaveLength(2);
});

test('from further away no task has its age beside it, and of more than 300 the first have', () => {
  expect(aged(13.9).ages.refresh(reading({waitedS: 60}))).toBe(0);
  const {ages, drawn} = aged(14);
  const many = Array.from({length: 310}, (_, i) => ({waitedS: i * 60, lon: i < 5 ? 9 : 1}));
  expect(ages.refresh(reading(...many))).toBe(300);
  expect([drawn[0]!.at(0), drawn[0]!.at(-1)]).toEqual(['5 min', '5 h 4 min']);
});

const area = {type: 'Polygon', coordinates: [[[0, 0]]]};
const lease = (regionId: string, owner: string | null, here = false) => ({regionId, owner, fence: 1, here});

/** Regions as `/v1/regions` tells them; undefined: nobody answers. */
function outlined(read: () => readonly string[] | undefined) {
  const drawn: string[][] = [];
  let asked = 0;
  vi.stubGlobal('fetch', async () => {
    asked++;
    const ids = read();
    if (!ids) throw new Error('gone');
    return Response.json({regions: ids.map((id) => ({id, name: `City ${id}`, area: id === 'bare' ? null : area}))});
  });
  const areas = startAreas({
    draw: (_, {features}) => {
      drawn.push(features.map(({properties: {told, isShown}}) => (isShown ? `[${told}]` : told)));
    },
  });
  return {
    drawn,
    asked: () => asked,
    async show(regions: string[], leases: ReturnType<typeof lease>[] = [], afterMs = 0) {
      await vi.advanceTimersByTimeAsync(afterMs);
      areas.show({regions, regionId: 'a', leases});
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test('an outline tells its name and who dispatches', async () => {
  const {show, drawn} = outlined(() => ['a', 'b', 'c', 'bare']);
  const leases = [lease('a', 'me/1', true), lease('b', 'there/2'), lease('c', null)];
  await show(['a', 'b', 'c', 'bare'], leases);
  await show(['a', 'b', 'c', 'bare'], leases);
  await show(['a', 'b', 'c', 'bare'], leases);
  expect(drawn).toEqual([['[City a · this daemon]', 'City b · there/2', 'City c · nobody']]);
  await show(['a', 'b', 'c', 'bare'], [lease('a', 'there/2')]);
  expect(drawn[1]).toEqual(['[City a · there/2]', 'City b · nobody', 'City c · nobody']);
});

test('outlines are read again where nobody answered or regions came, but not more often than each 10 s', async () => {
  let ids: string[] | undefined;
  const {show, drawn, asked} = outlined(() => ids);
  await show(['a']);
  await show(['a'], [], 9_999);
  expect(asked()).toBe(1);
  ids = ['a'];
  await show(['a'], [], 1);
  await show(['a'], [], 60_000);
  expect([asked(), drawn]).toEqual([2, [['[City a · nobody]']]]);
  // A region comes, and the reading of it fails; what is known stays.
  ids = undefined;
  await show(['a', 'b']);
  ids = ['a', 'b'];
  await show(['a', 'b'], [lease('a', 'me/1', true)], 9_999);
  expect([asked(), drawn.at(-1)]).toEqual([3, ['[City a · this daemon]']]);
  await show(['a', 'b'], [], 1);
  await show(['a', 'b']);
  expect([asked(), drawn.at(-1)]).toEqual([4, ['[City a · nobody]', 'City b · nobody']]);
  await show(['a'], []);
  expect(asked()).toBe(4);
});
