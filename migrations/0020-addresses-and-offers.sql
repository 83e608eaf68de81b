-- Customers' addresses, tasks that are created by one, and offers as callers read them.

-- Creates or replaces addresses of one region, given as a JSON array of CustomerAddress (src/domain/address.ts), ids
-- distinct. All are written, or none: then it returns those that belong to another customer. Tasks keep the position
-- that an address had when they were created.
-- Concurrency: locks the addresses that exist in id order, and inserts the others in id order.
create function upsert_addresses(p_region_id text, p_addresses jsonb, p_now timestamptz default dispatch_now())
returns table (refused_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
  v_ids uuid[] := array(select given.id from jsonb_to_recordset(p_addresses) as given (id uuid));
begin
  perform from customer_addresses address where address.region_id = p_region_id and address.id = any (v_ids)
  order by address.id for no key update;
  return query
  select address.id from jsonb_to_recordset(p_addresses) as given (id uuid, "customerId" uuid)
  join customer_addresses address on address.region_id = p_region_id and address.id = given.id
  where address.customer_id <> given."customerId";
  if found then
    return;
  end if;
  insert into customer_addresses as address (region_id, id, customer_id, address, lat_e7, lon_e7, created_at)
  select p_region_id, given.id, given."customerId", given.address, given."latE7", given."lonE7", p_now
  from jsonb_to_recordset(p_addresses) as given (
    id uuid, "customerId" uuid, address text, "latE7" int, "lonE7" int)
  order by given.id
  on conflict (region_id, id) do update
  set address = excluded.address, lat_e7 = excluded.lat_e7, lon_e7 = excluded.lon_e7
  where address.customer_id = excluded.customer_id;
end $$;

create view address_rows as
select address.id, address.region_id as "regionId", address.customer_id as "customerId", address.address,
  address.lat_e7 as "latE7", address.lon_e7 as "lonE7", epoch_ms(address.created_at) as "createdAtMs"
from customer_addresses address;

create or replace view task_rows as
select task.id, task.region_id as "regionId", task.store_id as "storeId", task.drop_lat_e7 as "dropLatE7",
  task.drop_lon_e7 as "dropLonE7", epoch_ms(task.ready_at) as "readyAtMs", epoch_ms(task.due_at) as "dueAtMs",
  epoch_ms(task.latest_at) as "latestAtMs", task.category, task.value_cents as "valueCents", task.units,
  task.pay_cents as "payCents", epoch_ms(task.age_check_until) as "ageCheckUntilMs", task.status as state,
  task.driver_id as "driverId", task.offer_id as "offerId", epoch_ms(task.offer_expires_at) as "offerExpiresAtMs",
  task.attempts, epoch_ms(task.created_at) as "createdAtMs", epoch_ms(task.changed_at) as "changedAtMs",
  task.customer_address_id as "customerAddressId", encode(task.purchaser_hmac, 'hex') as "purchaserHmac"
from delivery_tasks task;

create view offer_rows as
select offer.id, offer.region_id as "regionId", offer.task_id as "taskId", offer.driver_id as "driverId",
  offer.bundle_id as "bundleId", offer.stop_sequence as "stopSequence", offer.tick_id as "tickId", offer.state,
  epoch_ms(offer.created_at) as "createdAtMs", epoch_ms(offer.expires_at) as "expiresAtMs",
  epoch_ms(offer.closed_at) as "closedAtMs"
from offers offer;

-- A driver's own offers. Those of a task are few, and offer_logs finds them by its index.
create index offers_by_driver on offers (region_id, driver_id, id);

drop function create_tasks(text, jsonb, timestamptz);
drop function read_new_tasks(text, jsonb, timestamptz);

-- Creates tasks of one region, given as a JSON array of AskedTask (src/domain/task.ts), and opens their dossiers.
-- Returns one row a task in the order given. outcome: 'created'; 'repeated' when the id exists, and the task as it
-- stands, whatever was given; 'refused' and a code: STORE_UNKNOWN, ADDRESS_UNKNOWN, TASK_LATE, TIMES_CONTRADICT.
-- Concurrency: an id that another call is inserting is waited for; ids are inserted in order. Fails with
-- lock_not_available, and creates nothing, when a task of the same id was being purged (0024-dossier-retention.sql): a
-- statement that waited for its removal saw no tombstone before.
create function create_tasks(p_region_id text, p_tasks jsonb, p_now timestamptz default dispatch_now())
returns table (outcome text, code text, task json)
language plpgsql as $$
#variable_conflict use_column
declare
  v_created_ids uuid[];
  v_details text[];
  v_seqs int[];
  v_heads bytea[];
begin
  with created_tasks as (
    insert into delivery_tasks as task (region_id, id, store_id, customer_address_id, drop_lat_e7, drop_lon_e7,
      ready_at, due_at, latest_at, category, value_cents, units, pay_cents, age_check_until, purchaser_hmac, created_at,
      changed_at)
    select p_region_id, given.id, given.store_id, given.customer_address_id, given.drop_lat_e7, given.drop_lon_e7,
      given.ready_at, given.due_at, given.latest_at, given.category, given.value_cents, given.units, given.pay_cents,
      given.age_check_until, given.purchaser_hmac, p_now, p_now
    from read_new_tasks(p_region_id, p_tasks, p_now) given
    where given.refusal is null
    order by given.id
    on conflict do nothing
    returning task.*
  )
  select array_agg(id), array_agg(canonical_json(jsonb_build_object('ageCheckUntil', dossier_instant(age_check_until),
    'category', category, 'dueAt', dossier_instant(due_at), 'latestAt', dossier_instant(latest_at),
    'payCents', pay_cents, 'readyAt', dossier_instant(ready_at), 'store', store_id, 'units', units,
    'valueCents', value_cents) || jsonb_strip_nulls(jsonb_build_object('address', customer_address_id,
    'purchaserHmac', encode(purchaser_hmac, 'hex')))))
  into v_created_ids, v_details
  from created_tasks;
  if v_created_ids is not null then
    perform from dossier_tombstones tombstone
    where tombstone.region_id = p_region_id and tombstone.task_id = any (v_created_ids);
    if found then
      raise exception using errcode = 'lock_not_available', message = 'a task of the same id is being purged';
    end if;
    select events.seqs, events.heads into v_seqs, v_heads
    from append_events(p_region_id, v_created_ids, 'created', 'operator', v_details, p_now) events;
    update delivery_tasks task set dossier_seq = created.seq, dossier_head = created.head
    from unnest(v_created_ids, v_seqs, v_heads) as created (id, seq, head)
    where task.region_id = p_region_id and task.id = created.id;
  end if;
  return query
  select case when given.id = any (v_created_ids) then 'created' when row.id is not null then 'repeated'
      else 'refused' end,
    case when row.id is null then given.refusal end, to_json(row)
  from read_new_tasks(p_region_id, p_tasks, p_now) given
  left join task_rows row on row."regionId" = p_region_id and row.id = given.id
  order by given.ordinal;
end $$;

-- The tasks as columns, with the reason why one cannot be created, or null. The drop is the address's where one is
-- named.
create function read_new_tasks(p_region_id text, p_tasks jsonb, p_now timestamptz)
returns table (ordinal bigint, id uuid, store_id uuid, customer_address_id uuid, drop_lat_e7 int, drop_lon_e7 int,
  ready_at timestamptz, due_at timestamptz, latest_at timestamptz, category text, value_cents int, units int,
  pay_cents int, age_check_until timestamptz, purchaser_hmac bytea, refusal text)
language plpgsql stable as $$
#variable_conflict use_column
begin
  return query
  select given.ordinal, given.id, given.store_id, given.address_id, coalesce(address.lat_e7, given.lat_e7),
    coalesce(address.lon_e7, given.lon_e7), given.ready_at, given.due_at, given.latest_at, given.category,
    given.value_cents, given.units, given.pay_cents, given.age_check_until, given.purchaser_hmac,
    case
      when store.id is null then 'STORE_UNKNOWN'
      when given.address_id is not null and address.id is null then 'ADDRESS_UNKNOWN'
      when given.due_at > given.latest_at or given.ready_at > given.latest_at then 'TIMES_CONTRADICT'
      when given.latest_at <= p_now then 'TASK_LATE'
    end
  from (
    select task.ordinal, (task.given ->> 'id')::uuid as id, (task.given ->> 'storeId')::uuid as store_id,
      (task.given ->> 'customerAddressId')::uuid as address_id, (task.given ->> 'dropLatE7')::int as lat_e7,
      (task.given ->> 'dropLonE7')::int as lon_e7, from_epoch_ms((task.given ->> 'readyAtMs')::bigint) as ready_at,
      from_epoch_ms((task.given ->> 'dueAtMs')::bigint) as due_at,
      from_epoch_ms((task.given ->> 'latestAtMs')::bigint) as latest_at, task.given ->> 'category' as category,
      (task.given ->> 'valueCents')::int as value_cents, (task.given ->> 'units')::int as units,
      (task.given ->> 'payCents')::int as pay_cents,
      from_epoch_ms((task.given ->> 'ageCheckUntilMs')::bigint) as age_check_until,
      decode(task.given ->> 'purchaserHmac', 'hex') as purchaser_hmac
    from jsonb_array_elements(p_tasks) with ordinality as task (given, ordinal)
  ) given
  left join stores store on store.region_id = p_region_id and store.id = given.store_id
  left join customer_addresses address on address.region_id = p_region_id and address.id = given.address_id;
end $$;
