// Markets in a real database behind a server, for requests made from the OpenAPI document: with tasks in every state,
// and a pool of the ids that a request may name.

import type {FastifyInstance} from 'fastify';
import type {Database} from '../../src/db/connect.ts';
import {listOffers} from '../../src/db/offers.ts';
import {targetsBy} from '../../src/loops/webhook-target.ts';
import {bring, HOUR_MS, type Market, NOW_MS, newId, openMarket} from '../db/market.ts';
import {contentsReader} from '../support/contents.ts';
import {createDatabase} from '../support/database.ts';
import {plainRoads} from '../support/plain-roads.ts';
import {town} from '../support/town.ts';
import {receive} from '../support/webhook-receiver.ts';
import type {Pool} from './arbitrary.ts';
import {fakeDispatch, fakeServer} from './world.ts';

/** An answer is kept under its Idempotency-Key, a refusal as well. */
const MAY_CHANGE = ['idempotency_keys'];
const STATES = ['OFFERED', 'ASSIGNED', 'PICKED_UP', 'RETURNING', 'DELIVERED', 'CANCELLED'] as const;

export type FuzzedMarket = {
  readonly app: FastifyInstance;
  readonly db: Database;
  readonly regions: readonly string[];
  /** How many statements the server has sent. */
  readonly statements: () => number;
  readonly contents: () => Promise<string[]>;
  readonly poolFor: (path: string) => Pool;
  readonly close: () => Promise<void>;
};

/** With more than one region, requests name theirs, and drivers move from one to another. */
export async function openFuzzed(regionCount: number): Promise<FuzzedMarket> {
  const database = await createDatabase();
  const {db} = database;
  const markets = await Promise.all(Array.from({length: regionCount}, () => marketWithStates(db)));
  const regions = markets.map(({regionId}) => regionId);
  const receiver = await receive([], () => 200);

  let statements = 0;
  const query: Database['query'] = (statement, given) => {
    statements++;
    return db.query(statement, given);
  };
  const roads = plainRoads(town('a-b-c').graph);
  const app = fakeServer(
    {...db, query},
    {
      dispatch: fakeDispatch({regions}),
      routing: () => (use) => use(roads),
      checkTarget: targetsBy(async () => [], [receiver.host]),
    },
  );
  const url = `http://${receiver.host}/`;
  const ids = await idsByNoun(app, markets, url);
  const fields = {
    driverId: ids.drivers!,
    taskId: ids.tasks!,
    offerId: ids.offers!,
    storeId: ids.stores!,
    customerAddressId: ids.addresses!,
    regionId: regions,
    'idempotency-key': ['a', 'b', 'c'],
    purchaserHmac: ['0'.repeat(64)],
    documentExpiresOn: ['2030-01-31', '2020-01-31'],
    verifiedBy: ['clerk-1'],
    url: [url],
    lon: ['0', '0.001'],
    lat: ['0', '-0.0001'],
    minutes: ['1', '5,10'],
    readyAt: [new Date(NOW_MS).toISOString()],
    dueAt: [new Date(NOW_MS + HOUR_MS).toISOString()],
    latestAt: [new Date(NOW_MS + 2 * HOUR_MS).toISOString()],
  };
  return {
    app,
    db,
    regions,
    statements: () => statements,
    contents: await contentsReader(db, MAY_CHANGE),
    poolFor(path) {
      const noun = path.split('/').find((part) => Object.hasOwn(ids, part));
      return {
        fields: {...fields, id: noun ? ids[noun]! : Object.values(ids).flat()},
        always: regionCount > 1 ? ['regionId'] : [],
        nowMs: NOW_MS,
      };
    },
    async close() {
      await app.close();
      receiver.close();
      await database.drop();
    },
  };
}

async function marketWithStates(db: Database): Promise<Market> {
  const market = await openMarket(db, {drivers: 8, tasks: 10, capacity: 3});
  for (const [i, state] of STATES.entries()) await bring(market, market.tasks[i]!, market.drivers[i]!, state);
  return market;
}

/** Ids that exist, by the part of a path that they stand behind. */
async function idsByNoun(
  app: FastifyInstance,
  markets: readonly Market[],
  url: string,
): Promise<Readonly<Record<string, string[]>>> {
  const [{db, regionId}] = markets as [Market];
  const offers = await Promise.all(markets.map((market) => listOffers(db, market.regionId, {limit: 10})));
  const address = {regionId, id: newId(), customerId: newId(), address: '12 Elm Street', at: {lon: 0, lat: 0}};
  await app.inject({method: 'POST', url: '/v1/addresses', payload: address});
  const {endpoint} = (
    await app.inject({method: 'POST', url: '/v1/webhook-endpoints', payload: {regionId, url}})
  ).json();
  return {
    regions: markets.map((market) => market.regionId),
    tasks: markets.flatMap(({tasks}) => tasks),
    drivers: markets.flatMap(({drivers}) => drivers),
    stores: markets.map(({store}) => store.id),
    offers: offers.flat().map(({id}) => id),
    addresses: [address.id],
    'webhook-endpoints': [endpoint.id],
  };
}
