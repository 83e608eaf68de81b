// What the batch is measured against: a dispatcher that opens each offer in a transaction of its own, statement by
// statement, with the same effects (less the re-check of rules, which would only make it slower).

import type {Client} from 'pg';
import {v7 as uuidv7} from 'uuid';
import type {Proposal} from '../src/domain/offer.ts';
import {NOW_MS, REGION} from './market.ts';

const OFFER_TTL_MS = 60_000;

/** The clients share the proposals. Returns how many offers were opened. */
export async function offerSingly(clients: readonly Client[], proposals: readonly Proposal[]): Promise<number> {
  const left = [...proposals];
  const tickId = uuidv7();
  let opened = 0;
  const caller = async (client: Client) => {
    for (let proposal = left.pop(); proposal; proposal = left.pop()) {
      await open(client, tickId, proposal);
      opened++;
    }
  };
  await Promise.all(clients.map(caller));
  return opened;
}

async function open(client: Client, tickId: string, {taskId, driverId, features}: Proposal): Promise<void> {
  const offerId = uuidv7();
  const now = new Date(NOW_MS).toISOString();
  const until = new Date(NOW_MS + OFFER_TTL_MS).toISOString();
  await client.query('begin');
  const {rows} = await client.query(
    `select dossier_seq + 1 as seq, dossier_head as head from delivery_tasks
     where region_id = $1 and id = $2 and status in ('PENDING', 'EXPIRED') for no key update skip locked`,
    [REGION, taskId],
  );
  const drivers = await client.query(
    `select from drivers where region_id = $1 and id = $2 and shift_on and open_offers = 0 and active_tasks < capacity
     for no key update`,
    [REGION, driverId],
  );
  if (rows.length + drivers.rows.length !== 2) throw new Error('a task or a driver of the bench is not free');
  const [{seq, head}] = rows;
  const body =
    `{"actor":"dispatch","at":"${now}","detail":{"driver":"${driverId}","offer":"${offerId}"},` +
    `"kind":"offered","seq":${seq},"task":"${taskId}"}`;
  await client.query(
    `insert into offers (region_id, id, task_id, driver_id, bundle_id, stop_sequence, tick_id, created_at, expires_at)
     values ($1, $2, $3, $4, $2, 1, $5, $6, $7)`,
    [REGION, offerId, taskId, driverId, tickId, now, until],
  );
  await client.query(
    `insert into offer_logs (region_id, offer_id, task_id, driver_id, tick_id, created_at, features)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [REGION, offerId, taskId, driverId, tickId, now, JSON.stringify(features)],
  );
  const {rows: events} = await client.query(
    `insert into dossier_events (region_id, task_id, seq, kind, actor, at, body, prev_hash, hash)
     values ($1, $2, $3, 'offered', 'dispatch', $4, $5, $6, sha256($6 || convert_to($5, 'UTF8'))) returning hash`,
    [REGION, taskId, seq, now, body, head],
  );
  await client.query(
    `update delivery_tasks set status = 'OFFERED', driver_id = $3, offer_id = $4, offer_expires_at = $5,
       attempts = attempts + 1, dossier_seq = $6, dossier_head = $7, changed_at = $8
     where region_id = $1 and id = $2`,
    [REGION, taskId, driverId, offerId, until, seq, events[0].hash, now],
  );
  await client.query(
    `update drivers set open_offers = open_offers + 1, offers_made = offers_made + 1, changed_at = $3
     where region_id = $1 and id = $2`,
    [REGION, driverId, now],
  );
  await client.query('commit');
}
