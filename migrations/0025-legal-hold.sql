-- Legal holds; and what they, and purges, ask of others: a hold stands between no change and its repetition, and the id
-- of a purged task is not used again.

-- Keeps a task beyond its retention, or no longer, and says so in its dossier. Returns one row. outcome: 'done' or
-- 'not-found'; repeated: it stood so already, and nothing was written. p_detail: a JSON object for the dossier.
-- Concurrency: locks the task; a purge that holds it ends first, and then it is not found.
create function set_legal_hold(
  p_region_id text, p_task_id uuid, p_on boolean, p_detail jsonb, p_now timestamptz default dispatch_now()
)
returns table (outcome text, repeated boolean)
language plpgsql as $$
declare
  v_stands boolean;
  v_events record;
begin
  select task.legal_hold into v_stands from delivery_tasks task
  where task.region_id = p_region_id and task.id = p_task_id
  for no key update;
  if not found then
    return query select 'not-found', false;
    return;
  end if;
  if v_stands <> p_on then
    select events.seqs[1] as seq, events.heads[1] as head into v_events
    from append_events(p_region_id, array[p_task_id], case when p_on then 'hold-set' else 'hold-lifted' end,
      'operator', array[canonical_json(p_detail)], p_now) events;
    update delivery_tasks task
    set legal_hold = p_on, dossier_seq = v_events.seq, dossier_head = v_events.head, changed_at = p_now
    where task.region_id = p_region_id and task.id = p_task_id;
  end if;
  return query select 'done', v_stands = p_on;
end $$;

-- Whether this very change was made before, by the same. An offer that is named was answered once and for ever; any
-- other change counts as repeated while it is the task's last, legal holds aside.
create or replace function was_done(
  p_task delivery_tasks, p_action text, p_driver_id uuid, p_actor text, p_detail jsonb
)
returns boolean
language plpgsql stable as $$
begin
  if p_action in ('accept', 'reject') and p_detail ? 'offer' then
    perform from offers offer
    where offer.region_id = p_task.region_id and offer.id = (p_detail ->> 'offer')::uuid
      and offer.task_id = p_task.id and offer.driver_id = p_driver_id
      and offer.state = case p_action when 'accept' then 'ACCEPTED' else 'REJECTED' end;
  elsif next_status(p_task.status, p_action) is null then
    perform from (
      select event.kind, event.actor from dossier_events event
      where event.region_id = p_task.region_id and event.task_id = p_task.id
        and event.kind not in ('hold-set', 'hold-lifted')
      order by event.seq desc limit 1
    ) last
    where last.kind = event_kind(p_action) and last.actor = p_actor;
  else
    return false;
  end if;
  return found;
end $$;

-- The tasks as columns, with the reason why one cannot be created, or null; TASK_PURGED for the id of a tombstone. The
-- drop is the address's where one is named. (`rows`: a task that comes alone is looked up, not all of its region read.)
create or replace function read_new_tasks(p_region_id text, p_tasks jsonb, p_now timestamptz)
returns table (ordinal bigint, id uuid, store_id uuid, customer_address_id uuid, drop_lat_e7 int, drop_lon_e7 int,
  ready_at timestamptz, due_at timestamptz, latest_at timestamptz, category text, value_cents int, units int,
  pay_cents int, age_check_until timestamptz, purchaser_hmac bytea, refusal text)
language plpgsql stable rows 1 as $$
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
      when tombstone.task_id is not null then 'TASK_PURGED'
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
  left join customer_addresses address on address.region_id = p_region_id and address.id = given.address_id
  left join dossier_tombstones tombstone on tombstone.region_id = p_region_id and tombstone.task_id = given.id;
end $$;
