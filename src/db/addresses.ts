// Customers' addresses.

import type {CustomerAddress} from '../domain/address.ts';
import {InputFailure} from '../domain/failure.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const UPSERT = statement('upsert_addresses');
const READ = statement('read_address');

/**
 * Creates or replaces addresses of any regions, which must exist; of several of one id the last counts. Of one region
 * all are written or none; one call a region, so what fails half-way is to be repeated. InputFailure: ADDRESS_TAKEN.
 */
export async function upsertAddresses(db: Database, addresses: readonly CustomerAddress[]): Promise<void> {
  const byId = new Map(addresses.map((address) => [address.id, address]));
  for (const [regionId, ofRegion] of Map.groupBy(byId.values(), (address) => address.regionId)) {
    const [taken] = await db.query<{refused_id: string}>(UPSERT, [regionId, JSON.stringify(ofRegion)]);
    if (taken) throw new InputFailure('ADDRESS_TAKEN', `address ${taken.refused_id} belongs to another customer`);
  }
}

export async function readAddress(
  db: Database,
  regionId: string,
  addressId: string,
): Promise<CustomerAddress | undefined> {
  const [address] = await db.query<CustomerAddress>(READ, [regionId, addressId]);
  return address;
}
