import {expect, test} from 'vitest';
import {drivingSideAt} from '../../../native-graph/profile/driving-side.ts';

const LEFT: Record<string, [lat: number, lon: number]> = {
  London: [51.5, -0.12],
  Dublin: [53.35, -6.26],
  Douglas: [54.15, -4.48],
  Tokyo: [35.68, 139.69],
  Sydney: [-33.87, 151.21],
  Delhi: [28.61, 77.21],
  Chandigarh: [30.73, 76.78],
  Dhaka: [23.81, 90.41],
  Kathmandu: [27.71, 85.32],
  Bangkok: [13.75, 100.5],
  'Chiang Mai': [18.79, 98.98],
  Phuket: [7.88, 98.39],
  'Kota Kinabalu': [5.98, 116.07],
  Macau: [22.19, 113.54],
  Lusaka: [-15.39, 28.32],
  Bulawayo: [-20.15, 28.58],
  Nairobi: [-1.29, 36.82],
  Georgetown: [6.8, -58.16],
  Paramaribo: [5.85, -55.2],
  Hamilton: [32.29, -64.78],
  'Charlotte Amalie': [18.34, -64.93],
};
const RIGHT: Record<string, [lat: number, lon: number]> = {
  Austin: [30.27, -97.74],
  Calais: [50.95, 1.86],
  Porto: [41.15, -8.61],
  Gothenburg: [57.71, 11.97],
  Shigatse: [29.27, 88.88],
  Vientiane: [17.97, 102.63],
  Lubumbashi: [-11.66, 27.48],
  'Boa Vista': [2.82, -60.67],
  'Fort-de-France': [14.6, -61.07],
  'San Juan': [18.47, -66.1],
  Seoul: [37.57, 126.98],
  Manila: [14.6, 120.98],
};

const sideAt = ([lat, lon]: [number, number]) => drivingSideAt(Int32Array.of(lat * 1e7), Int32Array.of(lon * 1e7));

test.each(Object.entries(LEFT))('%s drives on the left', (_city, place) => {
  expect(sideAt(place)).toBe('left');
});

test.each(Object.entries(RIGHT))('%s drives on the right', (_city, place) => {
  expect(sideAt(place)).toBe('right');
});

test('most of a map decides for all of it, and nothing at all is right', () => {
  expect(drivingSideAt(Int32Array.of(51.5e7, 51.4e7, 48e7), Int32Array.of(-1e7, 0, 2e7))).toBe('left');
  expect(drivingSideAt(new Int32Array(), new Int32Array())).toBe('right');
});
