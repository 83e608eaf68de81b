// Two deliveries by HTTP alone, from an empty region to the last event: one is handed over, of the other the ID check
// fails and the goods go back. At each turn, what must not happen is asked for first.
import type {FastifyInstance} from 'fastify';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {commitOffers} from '../../src/db/offers.ts';
import {type AskedAction, listTasks} from '../../src/db/tasks.ts';
import {DOCUMENT_KINDS} from '../../src/domain/document.ts';
import {
  at,
  DAY_MS,
  HOUR_MS,
  type Market,
  MINUTE_MS,
  NOW_MS,
  newId,
  openMarket,
  proposalOf,
  rows,
} from '../db/market.ts';
import type {paths} from '../golden/api.d.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {type ApiClient, clientOf, told} from './client.ts';
import {fakeDispatch, fakeServer, ticked} from './world.ts';

const HMAC = 'c0'.repeat(32);
const [storeId, driverId, addressId, customerId] = [newId(), newId(), newId(), newId()];
const driver = {path: {id: driverId}};

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;
let api: ApiClient;
let nowMs = NOW_MS;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId, fence} = market;
  // A dispatcher of one driver: a tick offers it the first task that waits.
  const tick = async () => {
    const waiting = await listTasks(db, regionId, {states: ['PENDING', 'EXPIRED'], limit: 1});
    const proposals = waiting.map(({id}) => proposalOf(id, driverId, nowMs + HOUR_MS));
    await commitOffers(db, {regionId, fence, tickId: newId(), proposals});
    return ticked;
  };
  app = fakeServer(db, {dispatch: fakeDispatch({regions: [regionId], tick})});
  api = await clientOf(app);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const iso = (ms: number) => new Date(ms).toISOString();

/** Time passes: one minute to the next turn. */
const later = () => at(database.db, (nowMs += MINUTE_MS));

type BodyOf<A extends AskedAction> = NonNullable<
  paths[`/v1/tasks/{id}/${A}`]['post']['requestBody']
>['content']['application/json'];

let taskId: string;
/** One turn of the task. */
const act = <A extends AskedAction>(action: A, body: BodyOf<A>) =>
  told(api.POST(`/v1/tasks/{id}/${action as 'accept'}`, {params: {path: {id: taskId}}, body: body as never}));

/** A turn that the state does not allow. */
async function refused<A extends AskedAction>(action: A, body: BodyOf<A>, state: string): Promise<void> {
  expect([action, await act(action, body)]).toEqual([
    action,
    expect.objectContaining({http: 409, code: 'ILLEGAL_CHANGE', state, allowedActions: expect.any(Array)}),
  ]);
}

/** What does not fit the schema: the compiler would not let it through. */
const misfit = (action: AskedAction, body: object = {driverId}) => act(action, body as never);

const handedOut = (units: number, driverIdentified: boolean) => ({
  driverId,
  verification: {verifiedBy: 'clerk-4', units, driverIdentified},
});
const cameBack = (units: number, note: {note?: string} = {}) => ({
  driverId,
  verification: {verifiedBy: 'clerk-4', units, ...note},
});
const scan = (given: Partial<BodyOf<'deliver'>['idScan']> = {}): BodyOf<'deliver'> => ({
  driverId,
  idScan: {
    method: 'barcode',
    result: 'passed',
    documentKind: 'driving_licence',
    documentExpiresOn: '2027-03-31',
    over21: true,
    purchaserHmac: HMAC,
    ...given,
  },
});

beforeEach(async () => {
  await later();
  expect(await told(api.POST('/v1/stores', {body: store()}))).toMatchObject({http: 200});
  expect(await told(api.POST('/v1/addresses', {body: home}))).toMatchObject({http: 200});
  expect(await told(api.POST('/v1/drivers', {body: courier}))).toMatchObject({http: 200});
  const documents = DOCUMENT_KINDS.map((kind) => ({
    kind,
    use: 'delivery' as const,
    validFrom: iso(NOW_MS - DAY_MS),
    validUntil: iso(NOW_MS + DAY_MS),
    checkedAt: iso(NOW_MS),
  }));
  expect(await told(api.PUT('/v1/drivers/{id}/documents', {params: driver, body: {documents}}))).toMatchObject({
    http: 200,
  });
  const here = {lon: -97.74, lat: 30.27, recordedAt: iso(nowMs)};
  expect(await told(api.PUT('/v1/drivers/{id}/position', {params: driver, body: here}))).toMatchObject({
    recorded: true,
  });
  const order = {
    storeId,
    customerAddressId: addressId,
    readyAt: iso(nowMs),
    dueAt: iso(nowMs + HOUR_MS),
    latestAt: iso(nowMs + 2 * HOUR_MS),
    category: 'vape',
    valueCents: 6_000,
    units: 3,
    payCents: 950,
    ageCheckUntil: iso(nowMs + DAY_MS),
    purchaserHmac: HMAC,
  };
  const made = await told(api.POST('/v1/tasks', {body: order}));
  expect(made).toMatchObject({http: 201, state: 'PENDING', drop: home.at});
  taskId = made.id!;
});
afterEach(async () => {
  expect(await readInvariantViolations(database.db, market.regionId)).toEqual([]);
});

const store = () => ({
  id: storeId,
  name: 'Corner',
  at: {lon: -97.743, lat: 30.267},
  permitUntil: iso(NOW_MS + 365 * DAY_MS),
});
const home = {id: addressId, customerId, address: '12 Elm Street', at: {lon: -97.75, lat: 30.28}};
const courier = {
  id: driverId,
  name: 'Ada',
  bornOn: '1990-05-17',
  optedIn: true,
  capacity: 1,
  shiftOn: true,
};

/** Begins the shift, ticks, and takes the offer. */
async function accepted(): Promise<void> {
  expect(await told(api.POST('/v1/drivers/{id}/shift-on', {params: driver}))).toMatchObject({status: 'AVAILABLE'});
  await refused('accept', {driverId}, 'PENDING');
  expect(await told(api.POST('/internal/dispatch/tick'))).toMatchObject({http: 200});
  const {offers} = await told(api.GET('/v1/offers', {params: {query: {taskId, state: ['OPEN']}}}));
  expect(offers).toMatchObject([{driverId, allowedActions: ['accept', 'reject']}]);

  await refused('pickup', handedOut(3, true), 'OFFERED');
  expect(await act('accept', {driverId: newId()})).toMatchObject({http: 409, reason: 'NOT_YOURS'});
  expect(await act('accept', {driverId, offerId: newId()})).toMatchObject({http: 409, reason: 'OTHER_OFFER'});
  expect(
    await told(api.POST('/v1/offers/{id}/accept', {params: {path: {id: offers![0]!.id}}, body: {driverId}})),
  ).toMatchObject({
    http: 200,
    state: 'ACCEPTED',
    task: {id: taskId, state: 'ASSIGNED'},
  });
  await refused('reject', {driverId}, 'ASSIGNED');
}

/** At the store. */
async function pickedUp(): Promise<void> {
  await later();
  await refused('deliver', scan(), 'ASSIGNED');
  const unknown = await act('pickup', handedOut(3, false));
  expect(unknown).toMatchObject({http: 422, code: 'DRIVER_NOT_IDENTIFIED', state: 'ASSIGNED'});
  const short = await act('pickup', handedOut(2, true));
  expect(short).toMatchObject({http: 422, code: 'UNITS_DIFFER', state: 'ASSIGNED'});
  expect(await misfit('pickup')).toMatchObject({http: 400, errors: [{field: 'verification'}]});
  expect(await act('pickup', handedOut(3, true))).toMatchObject({http: 200, state: 'PICKED_UP'});
  await refused('cancel', {}, 'PICKED_UP');
  await refused('release', {driverId}, 'PICKED_UP');
  expect(await told(api.POST('/v1/drivers/{id}/shift-off', {params: driver}))).toMatchObject({
    http: 409,
    code: 'TASKS_IN_HAND',
    state: 'CARRYING',
    tasks: [{id: taskId, state: 'PICKED_UP'}],
  });
}

/** The dossier: kinds in their order, and the details of one. */
async function dossier() {
  const events = await rows<{kind: string; body: string}>(
    database.db,
    'select kind, body from dossier_events where region_id = $1 and task_id = $2 order by seq',
    [market.regionId, taskId],
  );
  return {
    kinds: events.map(({kind}) => kind),
    detailOf: (kind: string) => JSON.parse(events.find((event) => event.kind === kind)!.body).detail,
    text: events.map(({body}) => body).join('\n'),
  };
}

test('a delivery from order to hand-over', async () => {
  await accepted();
  await pickedUp();

  await later();
  for (const [wrong, code] of [
    [{result: 'failed'}, 'ID_SCAN_FAILED'],
    [{documentExpiresOn: '2026-05-31'}, 'ID_EXPIRED'],
    [{over21: false}, 'UNDER_21'],
    [{purchaserHmac: 'd1'.repeat(32)}, 'NOT_THE_PURCHASER'],
  ] as const) {
    const answer = await act('deliver', scan(wrong));
    expect(answer).toMatchObject({
      http: 422,
      code,
      state: 'PICKED_UP',
      allowedActions: ['deliver', 'fail-verification'],
    });
    expect(answer.detail).toContain('fail-verification');
  }
  const {purchaserHmac: _, ...nobody} = scan().idScan;
  expect(await act('deliver', {driverId, idScan: nobody})).toMatchObject({http: 422, code: 'NOT_THE_PURCHASER'});
  expect(await misfit('deliver')).toMatchObject({http: 400, errors: [{field: 'idScan'}]});
  expect(await act('deliver', {...scan(), driverId: newId()})).toMatchObject({http: 409, reason: 'NOT_YOURS'});
  const delivered = await act('deliver', scan({scanId: 'scan-81'}));
  expect(delivered).toMatchObject({http: 200, state: 'DELIVERED', allowedActions: []});

  await refused('fail-verification', {driverId, reason: 'NO_ID'}, 'DELIVERED');
  await refused('return', cameBack(3), 'DELIVERED');
  await refused('re-open', {latestAt: iso(nowMs + DAY_MS)}, 'DELIVERED');
  expect(await told(api.POST('/v1/drivers/{id}/shift-off', {params: driver}))).toMatchObject({
    http: 200,
    status: 'OFF',
  });

  const {kinds, detailOf, text} = await dossier();
  expect(kinds).toEqual(['created', 'offered', 'accepted', 'picked-up', 'delivered']);
  expect(detailOf('created')).toMatchObject({address: addressId, purchaserHmac: HMAC, units: 3});
  expect(detailOf('picked-up')).toMatchObject({verification: handedOut(3, true).verification});
  expect(detailOf('delivered')).toMatchObject({
    caller: 'loopback',
    driver: driverId,
    idScan: {...scan().idScan, scanId: 'scan-81'},
  });
  expect(text).not.toMatch(/Elm|Ada|1990|97\.7/);
});

test('a delivery to a failed ID check, and the goods back at the store', async () => {
  await accepted();
  await pickedUp();

  await later();
  const failed = (body: Omit<BodyOf<'fail-verification'>, 'driverId'>) => act('fail-verification', {driverId, ...body});
  expect(await misfit('fail-verification', {driverId, reason: 'felt wrong'})).toMatchObject({
    http: 400,
    errors: [{field: 'reason'}],
  });
  expect(await failed({reason: 'OTHER'})).toMatchObject({http: 400, errors: [{field: 'note'}]});
  await refused('return', cameBack(3), 'PICKED_UP');
  const {idScan} = scan({result: 'failed'});
  expect(await failed({reason: 'ID_SUSPECT', idScan})).toMatchObject({http: 200, state: 'RETURNING'});
  expect(await told(api.GET('/v1/drivers/{id}', {params: driver}))).toMatchObject({status: 'RETURNING'});

  await later();
  await refused('deliver', scan(), 'RETURNING');
  await refused('cancel', {}, 'RETURNING');
  expect(await misfit('return')).toMatchObject({http: 400, errors: [{field: 'verification'}]});
  expect(await act('return', {...cameBack(3), driverId: newId()})).toMatchObject({http: 409, reason: 'NOT_YOURS'});
  expect(await act('return', cameBack(2))).toMatchObject({http: 422, code: 'UNITS_DIFFER', state: 'RETURNING'});
  const returned = await act('return', cameBack(2, {note: 'one broken'}));
  expect(returned).toMatchObject({http: 200, state: 'RETURNED', unitsMissing: 1, allowedActions: []});
  expect(await told(api.GET('/v1/drivers/{id}', {params: driver}))).toMatchObject({status: 'AVAILABLE'});
  await refused('re-open', {latestAt: iso(nowMs + DAY_MS)}, 'RETURNED');

  const {kinds, detailOf} = await dossier();
  expect(kinds).toEqual(['created', 'offered', 'accepted', 'picked-up', 'verification-failed', 'returned']);
  expect(detailOf('verification-failed')).toMatchObject({reason: 'ID_SUSPECT', idScan: {result: 'failed'}});
  expect(detailOf('returned')).toMatchObject({
    unitsMissing: 1,
    verification: {verifiedBy: 'clerk-4', units: 2, note: 'one broken'},
  });
  expect((await api.GET('/metrics', {parseAs: 'text'})).data).toContain(
    `cloudrun_return_units_missing_total{region="${market.regionId}"} 1`,
  );
});
