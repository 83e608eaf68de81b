import {afterAll, beforeAll, expect, test} from 'vitest';
import {latestInstantMs, readDispatchClock, setDispatchClock} from '../../src/db/clock.ts';
import {readGauges} from '../../src/db/gauges.ts';
import {claimLease, releaseLease} from '../../src/db/leases.ts';
import {listRegions, putRegion, type Region, readRegion, readRegionArea, setRegionArea} from '../../src/db/regions.ts';
import {setKillSwitch} from '../../src/db/rules.ts';
import {listStores, upsertStores} from '../../src/db/stores.ts';
import {areaOf} from '../../src/domain/area.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import {AREA_POINTS_LIMIT, type Area} from '../../src/domain/rule.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {at, bring, DAY_MS, HOUR_MS, MINUTE_MS, NOW_MS, newId, openMarket, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const AUSTIN: Region = {
  id: 'austin',
  name: 'Austin, TX',
  timeZone: 'America/Chicago',
  graph: 'texas',
  settings: STARTING_SETTINGS,
  weights: STARTING_WEIGHTS,
};

test('dispatch time is real time until it is set, then it runs at its scale or stands still', async () => {
  const {db} = database;
  expect(await latestInstantMs(db)).toBe(null);
  const drift = 'select abs(epoch_ms(dispatch_now()) - epoch_ms(now())) <= 1 as is_real';
  expect(await rows(db, drift)).toEqual([{is_real: true}]);
  await setDispatchClock(db, {nowMs: NOW_MS + 0.4, scale: 0});
  expect(await readDispatchClock(db)).toEqual({nowMs: NOW_MS, scale: 0});
  await setDispatchClock(db, {nowMs: NOW_MS, scale: 1_000});
  const [{elapsed}] = await rows<{elapsed: number}>(
    db,
    `select (extract(epoch from dispatch_now() - origin_dispatch)
       / extract(epoch from statement_timestamp() - origin_real))::float8 as elapsed from dispatch_clock`,
  );
  expect(elapsed).toBeCloseTo(1_000, -1);
});

test('a region is read as it was put; what is out of bounds is refused', async () => {
  const {db} = database;
  const refused = (given: Partial<Region>) => expect(putRegion(db, {...AUSTIN, ...given})).rejects;
  await refused({id: 'Austin'}).toMatchObject({code: 'REGION_ID_INVALID'});
  await refused({id: ''}).toMatchObject({code: 'REGION_ID_INVALID'});
  await refused({settings: {...STARTING_SETTINGS, offerTtlS: 59}}).toMatchObject({code: 'SETTING_OUT_OF_RANGE'});
  await refused({settings: {...STARTING_SETTINGS, h3Resolution: Number.NaN}}).toMatchObject({
    code: 'SETTING_OUT_OF_RANGE',
  });
  await refused({timeZone: 'Texas/Austin'}).toMatchObject({code: 'TIME_ZONE_UNKNOWN'});
  expect(await readRegion(db, 'austin')).toBe(undefined);
  await putRegion(db, AUSTIN);
  await putRegion(db, {...AUSTIN, id: 'aa', graph: 'other'});
  expect(await readRegion(db, 'austin')).toEqual(AUSTIN);
  expect((await listRegions(db)).map(({id}) => id)).toEqual(['aa', 'austin']);
});

const SQUARE: Area = {
  type: 'Polygon',
  coordinates: [
    [
      [-98, 30],
      [-97, 30],
      [-97, 31],
      [-98, 30],
    ],
  ],
};

test('a region is drawn, drawn anew and no longer drawn; nothing else of it changes', async () => {
  const {db} = database;
  await putRegion(db, AUSTIN);
  const drawn = async () => (await readRegionArea(db, 'austin'))!.area;
  expect(await readRegionArea(db, 'austin')).toEqual({id: 'austin', name: AUSTIN.name, area: null});
  await setRegionArea(db, 'austin', SQUARE);
  await putRegion(db, {...AUSTIN, timeZone: 'UTC'});
  expect(await drawn()).toEqual(SQUARE);
  const twice: Area = {type: 'MultiPolygon', coordinates: [SQUARE.coordinates, SQUARE.coordinates] as never};
  await setRegionArea(db, 'austin', twice);
  expect(await drawn()).toEqual(twice);
  await setRegionArea(db, 'austin', null);
  expect(await drawn()).toBe(null);
  await putRegion(db, AUSTIN);
  expect(await readRegion(db, 'austin')).toEqual(AUSTIN);
  await expect(setRegionArea(db, 'nowhere', SQUARE)).rejects.toMatchObject({code: 'REGION_UNKNOWN'});
  expect(await readRegionArea(db, 'nowhere')).toBe(undefined);
});

test('what is said of an area in words is what the table holds to', async () => {
  const {db} = database;
  await putRegion(db, AUSTIN);
  const [ring] = SQUARE.coordinates as [[number, number][]];
  const polygon = (...coordinates: unknown[]) => ({type: 'Polygon', coordinates});
  const long = (points: number) => [...Array.from({length: points - 1}, (_, i) => [i / 10, 1]), [0, 1]];
  const given: readonly (readonly [unknown, RegExp | undefined])[] = [
    [SQUARE, undefined],
    [polygon(ring, ring), undefined],
    [polygon(long(AREA_POINTS_LIMIT)), undefined],
    [polygon(long(AREA_POINTS_LIMIT - 3), ring), /has 1001 points, more than 1000/],
    [null, /not one GeoJSON/],
    [[SQUARE], /not one GeoJSON/],
    [{type: 'Point', coordinates: [1, 2]}, /neither a Polygon/],
    [{...SQUARE, colour: 'blue'}, /member colour/],
    [polygon(), /without a ring/],
    [{type: 'Polygon'}, /no list of rings/],
    [{type: 'MultiPolygon', coordinates: []}, /has no ring/],
    [{type: 'MultiPolygon', coordinates: [SQUARE.coordinates, []]}, /without a ring/],
    [{type: 'MultiPolygon', coordinates: SQUARE.coordinates}, /number 1, of fewer than four/],
    [polygon(ring.slice(0, 3)), /number 1, of fewer than four points/],
    [polygon(ring, [...ring.slice(0, 3), [-98, 31]]), /number 2, that does not end where it starts/],
    [polygon([...ring.slice(0, 2), [-97, 31, 9], ring[3]]), /not \[lon, lat\] in degrees: \[-97,31,9\]/],
    [polygon([...ring.slice(0, 2), ['-97', 31], ring[3]]), /not \[lon, lat\]/],
    [polygon([...ring.slice(0, 2), [-197, 31], ring[3]]), /not \[lon, lat\]/],
  ];
  for (const [geometry, flaw] of given) {
    const checked = areaOf(geometry);
    const written = setRegionArea(db, 'austin', geometry as Area).then(
      () => true,
      ({code}) => code,
    );
    const told = checked.kind === 'flaw' ? checked.sentence : undefined;
    expect([geometry, told]).toEqual([geometry, flaw ? expect.stringMatching(flaw) : undefined]);
    // Nothing is no drawing, and takes it away.
    if (geometry !== null) expect([geometry, await written]).toEqual([geometry, flaw ? '23514' : true]);
  }
  const feature = {type: 'Feature', properties: {name: 'x'}, geometry: {...SQUARE, bbox: [-98, 30, -97, 31]}};
  for (const wrapped of [feature, {type: 'FeatureCollection', features: [feature]}]) {
    expect(areaOf(wrapped)).toEqual({kind: 'area', area: SQUARE});
  }
  expect(areaOf({type: 'FeatureCollection', features: [feature, feature]}).kind).toBe('flaw');
});

test('a version of the weights is written once; an older one may be chosen again', async () => {
  const {db} = database;
  await putRegion(db, AUSTIN);
  const heavier = {...STARTING_WEIGHTS, wAge: 3};
  await expect(putRegion(db, {...AUSTIN, weights: heavier})).rejects.toMatchObject({code: 'WEIGHTS_CHANGED'});
  await putRegion(db, {...AUSTIN, weights: {...heavier, version: 2}});
  expect((await readRegion(db, 'austin'))!.weights).toEqual({...heavier, version: 2});
  await putRegion(db, AUSTIN);
  expect((await readRegion(db, 'austin'))!.weights).toEqual(STARTING_WEIGHTS);
});

test('an offer shorter than a minute is refused by the table, whoever writes it', async () => {
  const {db} = database;
  await putRegion(db, AUSTIN);
  await expect(
    rows(db, `update regions set settings = settings || '{"offerTtlS": 59}' where region_id = 'austin'`),
  ).rejects.toMatchObject({code: '23514'});
});

test('kill switches are kept as a record of what stood when', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId} = m;
  await setKillSwitch(db, regionId, 'vape', true, 'recall', 'test');
  await setKillSwitch(db, regionId, 'vape', true, 'again', 'test');
  await at(db, NOW_MS + MINUTE_MS);
  await setKillSwitch(db, regionId, 'vape', false, 'over', 'test');
  await setKillSwitch(db, regionId, 'vape', false, 'over', 'test');
  await setKillSwitch(db, regionId, 'vape', true, 'storm', 'test');
  expect(
    await rows(db, 'select seq, since, until, reason from kill_switches where region_id = $1 order by seq', [regionId]),
  ).toEqual([
    {seq: 1, since: NOW_MS, until: NOW_MS + MINUTE_MS, reason: 'recall'},
    {seq: 2, since: NOW_MS + MINUTE_MS, until: null, reason: 'storm'},
  ]);
  await expect(setKillSwitch(db, 'nowhere', '*', true, 'x', 'test')).rejects.toMatchObject({code: 'REGION_UNKNOWN'});
});

test('a lease is held until it ends or is given back; only a new owner raises the fence', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId, fence} = m;
  expect(await claimLease(db, regionId, 'test', HOUR_MS)).toEqual({kind: 'held', fence});
  const taken = await claimLease(db, regionId, 'other', HOUR_MS);
  expect(taken).toMatchObject({kind: 'taken', owner: 'test'});
  if (taken.kind === 'taken') expect(taken.expiresInMs).toBeGreaterThan(HOUR_MS / 2);
  await releaseLease(db, regionId, fence + 1);
  expect(await claimLease(db, regionId, 'other', HOUR_MS)).toMatchObject({kind: 'taken'});
  await releaseLease(db, regionId, fence);
  expect(await claimLease(db, regionId, 'other', 0)).toEqual({kind: 'held', fence: fence + 1});
  // It ended at once, and nobody came between: the owner's fence stands.
  expect(await claimLease(db, regionId, 'other', 0)).toEqual({kind: 'held', fence: fence + 1});
  expect(await claimLease(db, regionId, 'test', HOUR_MS)).toEqual({kind: 'held', fence: fence + 2});
  await releaseLease(db, regionId, fence + 2);
  expect(await claimLease(db, regionId, 'test', HOUR_MS)).toEqual({kind: 'held', fence: fence + 3});
});

test('stores are read as they were written, by id', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId} = m;
  const hours = [
    [],
    [[540, 1260]],
    [[540, 1260]],
    [],
    [],
    [
      [0, 60],
      [1080, 1560],
    ],
    [],
  ] as [number, number][][];
  const second = {...m.store, id: newId(), name: 'Été', hours, permitUntilMs: null};
  await upsertStores(db, [{...second, name: 'first of two'}, second]);
  const both = [m.store, second].sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(await listStores(db, regionId, {limit: 9})).toEqual(both);
  expect(await listStores(db, regionId, {limit: 1})).toEqual(both.slice(0, 1));
  expect(await listStores(db, regionId, {limit: 9, afterId: both[0].id})).toEqual(both.slice(1));
  await expect(upsertStores(db, [{...second, regionId: 'nowhere'}])).rejects.toMatchObject({code: 'REGION_UNKNOWN'});
});

test('gauges count what stands, and of what ended the last day', async () => {
  const m = await openMarket(database.db, {drivers: 4, tasks: 6});
  const {db, regionId, tasks, drivers} = m;
  await bring(m, tasks[0], drivers[0], 'OFFERED');
  await bring(m, tasks[1], drivers[1], 'PICKED_UP');
  await bring(m, tasks[2], drivers[2], 'DELIVERED');
  await bring(m, tasks[3], drivers[3], 'CANCELLED');
  const gauges = await readGauges(db, regionId);
  expect(gauges).toMatchObject({
    tasks: {PENDING: 2, OFFERED: 1, PICKED_UP: 1, DELIVERED: 1, CANCELLED: 1, EXPIRED: 0, FAILED: 0},
    drivers: {OFFERED: 1, CARRYING: 1, AVAILABLE: 2, OFF: 0},
    openOffers: 1,
    overdueOffers: 0,
  });
  expect(gauges.oldestXminAge).toBeGreaterThanOrEqual(0);
  expect(gauges.deadTuples).toBeGreaterThanOrEqual(0);
  await at(db, NOW_MS + DAY_MS);
  expect(await readGauges(db, regionId)).toMatchObject({
    tasks: {DELIVERED: 0, CANCELLED: 0, OFFERED: 1},
    overdueOffers: 1,
  });
});

test('a stopped world resumes at the greatest instant it recorded', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  const laterMs = NOW_MS + 40 * DAY_MS;
  await at(m.db, laterMs);
  await bring(m, m.tasks[0], m.drivers[0], 'CANCELLED');
  expect(await latestInstantMs(m.db)).toBe(laterMs);
});
