import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createNearby} from '../../src/positions/nearby.ts';
import {PositionStore} from '../../src/positions/store.ts';
import {runs} from '../support/runs.ts';

const EARTH_M = 6_371_008.8;
const radians = (e7: number) => (e7 * Math.PI) / 180e7;
type At = {readonly latE7: number; readonly lonE7: number};

/** The angle between two unit vectors: another formula than that of the code. */
function metres(a: At, b: At): number {
  const vector = ({latE7, lonE7}: At) => {
    const [lat, lon] = [radians(latE7), radians(lonE7)];
    return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)] as const;
  };
  const [[x, y, z], [u, v, w]] = [vector(a), vector(b)];
  return EARTH_M * Math.atan2(Math.hypot(y * w - z * v, z * u - x * w, x * v - y * u), x * u + y * v + z * w);
}

/** All on shift, at these places. */
function storeOf(places: readonly At[]): PositionStore {
  const store = new PositionStore();
  places.forEach((at, i) => {
    store.hear({driverId: `${i}`, ...at, recordedAtMs: 1}, 1);
  });
  const none = places.map(() => 0);
  store.callRoll({id: places.map((_, i) => `${i}`), latE7: none, lonE7: none, recordedAtMs: none});
  return store;
}

test('who is found is who is within the radius, nearest first, at the antimeridian and the poles too', () => {
  const place = fc.oneof(
    ...[
      [577_000_000, 119_700_000],
      [-165_000_000, 1_799_990_000],
      [899_000_000, 0],
    ].map(([lat, lon]) =>
      fc.record({
        latE7: fc.integer({min: -1_000_000, max: 1_000_000}).map((d) => Math.min(900_000_000, lat! + d)),
        lonE7: fc.integer({min: -2_000_000, max: 2_000_000}).map((d) => {
          const moved = lon! + d;
          return moved > 1_800_000_000 ? moved - 3_600_000_000 : moved;
        }),
      }),
    ),
  );
  fc.assert(
    fc.property(fc.array(place, {maxLength: 60}), place, fc.integer({min: 1, max: 30_000}), (places, at, radiusM) => {
      const found = createNearby(storeOf(places), () => 0).within({...at, radiusM}, 1_000);
      const distances = places.map((other) => metres(at, other));
      for (const {id, distanceM} of found) expect(distanceM).toBeCloseTo(distances[Number(id)]!, 2);
      // A millimetre at the rim belongs to either formula.
      const sure = distances.flatMap((m, i) => (m < radiusM - 0.001 ? [`${i}`] : []));
      const possible = new Set(distances.flatMap((m, i) => (m < radiusM + 0.001 ? [`${i}`] : [])));
      const ids = found.map(({id}) => id);
      expect(ids.filter((id) => !possible.has(id))).toEqual([]);
      expect(sure.filter((id) => !ids.includes(id))).toEqual([]);
      const order = found.map(({distanceM}) => distanceM);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
    {numRuns: runs(400)},
  );
});

const GOTHENBURG = {latE7: 577_000_000, lonE7: 119_700_000};
const around = {...GOTHENBURG, radiusM: 500};

test('who moved away or went off shift is not found, and who came is within a second', () => {
  const store = storeOf([GOTHENBURG, GOTHENBURG, {latE7: 0, lonE7: 0}]);
  let nowMs = 0;
  const nearby = createNearby(store, () => nowMs);
  const ids = () => nearby.within(around, 9).map(({id}) => id);
  expect(ids()).toEqual(['0', '1']);
  expect(nearby.within(around, 1)).toEqual([{id: '0', ...GOTHENBURG, recordedAtMs: 1, distanceM: 0}]);
  store.hear({driverId: '0', latE7: 0, lonE7: 0, recordedAtMs: 2}, 9);
  store.hear({driverId: '2', ...GOTHENBURG, recordedAtMs: 2}, 9);
  expect(ids()).toEqual(['1']);
  nowMs = 1_000;
  expect(ids()).toEqual(['1', '2']);
  store.callRoll({id: ['2'], latE7: [0], lonE7: [0], recordedAtMs: [0]});
  expect(ids()).toEqual(['2']);
  // Known to be on shift, but nobody knows where; and heard of, but not on shift.
  store.hear({driverId: 'off', ...GOTHENBURG, recordedAtMs: 2}, 9);
  store.callRoll({id: ['nowhere'], latE7: [0], lonE7: [0], recordedAtMs: [0]});
  nowMs = 2_000;
  expect(ids()).toEqual([]);
});
