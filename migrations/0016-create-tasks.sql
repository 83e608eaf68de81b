-- Creates tasks of one region, given as a JSON array of NewTask (src/domain/task.ts), and opens their dossiers.
-- Returns one row a task in the order given. outcome: 'created'; 'repeated' when the id exists, and the task as it
-- stands, whatever was given; 'refused' and a code: STORE_UNKNOWN, TASK_LATE, TIMES_CONTRADICT.
-- Concurrency: an id that another call is inserting is waited for; ids are inserted in order.
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
    insert into delivery_tasks as task (region_id, id, store_id, drop_lat_e7, drop_lon_e7, ready_at, due_at, latest_at,
      category, value_cents, units, pay_cents, age_check_until, created_at, changed_at)
    select p_region_id, given.id, given.store_id, given.drop_lat_e7, given.drop_lon_e7, given.ready_at, given.due_at,
      given.latest_at, given.category, given.value_cents, given.units, given.pay_cents, given.age_check_until, p_now,
      p_now
    from read_new_tasks(p_region_id, p_tasks, p_now) given
    where given.refusal is null
    order by given.id
    on conflict do nothing
    returning task.*
  )
  select array_agg(id), array_agg(canonical_json(jsonb_build_object('ageCheckUntil', dossier_instant(age_check_until),
    'category', category, 'dueAt', dossier_instant(due_at), 'latestAt', dossier_instant(latest_at),
    'payCents', pay_cents, 'readyAt', dossier_instant(ready_at), 'store', store_id, 'units', units,
    'valueCents', value_cents)))
  into v_created_ids, v_details
  from created_tasks;
  if v_created_ids is not null then
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

-- The tasks as columns, with the reason why one cannot be created, or null.
create function read_new_tasks(p_region_id text, p_tasks jsonb, p_now timestamptz)
returns table (ordinal bigint, id uuid, store_id uuid, drop_lat_e7 int, drop_lon_e7 int, ready_at timestamptz,
  due_at timestamptz, latest_at timestamptz, category text, value_cents int, units int, pay_cents int,
  age_check_until timestamptz, refusal text)
language plpgsql stable as $$
#variable_conflict use_column
begin
  return query
  select given.*,
    case
      when store.id is null then 'STORE_UNKNOWN'
      when given.due_at > given.latest_at or given.ready_at > given.latest_at then 'TIMES_CONTRADICT'
      when given.latest_at <= p_now then 'TASK_LATE'
    end
  from (
    select task.ordinal, (task.given ->> 'id')::uuid as id, (task.given ->> 'storeId')::uuid as store_id,
      (task.given ->> 'dropLatE7')::int, (task.given ->> 'dropLonE7')::int,
      from_epoch_ms((task.given ->> 'readyAtMs')::bigint) as ready_at,
      from_epoch_ms((task.given ->> 'dueAtMs')::bigint) as due_at,
      from_epoch_ms((task.given ->> 'latestAtMs')::bigint) as latest_at,
      task.given ->> 'category', (task.given ->> 'valueCents')::int, (task.given ->> 'units')::int,
      (task.given ->> 'payCents')::int, from_epoch_ms((task.given ->> 'ageCheckUntilMs')::bigint)
    from jsonb_array_elements(p_tasks) with ordinality as task (given, ordinal)
  ) given
  left join stores store on store.region_id = p_region_id and store.id = given.store_id;
end $$;
