-- How a driver's counters, status and periods follow from the tasks in hand. Callers hold the drivers' row locks when
-- they name more than one, taken in id order.

create function period_kind(p_status text) returns text
language plpgsql immutable strict parallel safe as $$
begin
  return case p_status
    when 'OFF' then 'off'
    when 'AVAILABLE' then 'available'
    when 'OFFERED' then 'available'
    when 'EN_ROUTE' then 'to-pickup'
    when 'CARRYING' then 'carrying'
    when 'RETURNING' then 'returning'
  end;
end $$;

-- Appends a period for each of the drivers whose status has left the last one. An instant earlier than the last
-- period's start (a statement that waited for a lock) counts as that start, so that periods stay in order.
create function append_periods(p_region_id text, p_driver_ids uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare
  v_ids uuid[];
  v_seqs int[];
  v_kinds text[];
  v_starts timestamptz[];
  v_paid_ms bigint[];
begin
  select array_agg(id), array_agg(seq), array_agg(kind), array_agg(start), array_agg(paid_ms)
  into v_ids, v_seqs, v_kinds, v_starts, v_paid_ms
  from (
    select driver.id, driver.period_seq + 1 as seq, period_kind(driver.status) as kind, later.start,
      driver.paid_before_ms + case when driver.period in ('to-pickup', 'carrying', 'returning')
        then epoch_ms(later.start) - epoch_ms(driver.period_since) else 0 end as paid_ms
    from drivers driver
    cross join lateral (select greatest(p_now, driver.period_since) as start) later
    where driver.region_id = p_region_id and driver.id = any (p_driver_ids)
      and driver.period is distinct from period_kind(driver.status)
  ) changed_drivers;
  if v_ids is null then
    return;
  end if;
  insert into driver_periods (region_id, driver_id, seq, kind, started_at, paid_before_ms)
  select p_region_id, changed.id, changed.seq, changed.kind, changed.start, changed.paid_ms
  from unnest(v_ids, v_seqs, v_kinds, v_starts, v_paid_ms) as changed (id, seq, kind, start, paid_ms);
  update drivers driver
  set period = changed.kind, period_seq = changed.seq, period_since = changed.start, paid_before_ms = changed.paid_ms
  from unnest(v_ids, v_seqs, v_kinds, v_starts, v_paid_ms) as changed (id, seq, kind, start, paid_ms)
  where driver.region_id = p_region_id and driver.id = changed.id;
end $$;

-- Moves tasks in hand from one task status to another on their drivers' rows: `p_driver_ids` has one entry a task.
-- A task counts as an open offer while OFFERED and as active while ASSIGNED, PICKED_UP or RETURNING.
create function change_load(p_region_id text, p_driver_ids uuid[], p_from text, p_to text, p_now timestamptz)
returns void
language plpgsql as $$
declare
  v_open int := (p_to = 'OFFERED')::int - (p_from = 'OFFERED')::int;
  v_active int := (p_to in ('ASSIGNED', 'PICKED_UP', 'RETURNING'))::int
    - (p_from in ('ASSIGNED', 'PICKED_UP', 'RETURNING'))::int;
  v_carrying int := (p_to = 'PICKED_UP')::int - (p_from = 'PICKED_UP')::int;
  v_returning int := (p_to = 'RETURNING')::int - (p_from = 'RETURNING')::int;
begin
  update drivers driver
  set open_offers = driver.open_offers + moved.tasks * v_open,
    active_tasks = driver.active_tasks + moved.tasks * v_active,
    carrying_tasks = driver.carrying_tasks + moved.tasks * v_carrying,
    returning_tasks = driver.returning_tasks + moved.tasks * v_returning,
    offers_made = driver.offers_made + case when p_to = 'OFFERED' then moved.tasks else 0 end,
    offers_accepted = driver.offers_accepted + case when p_to = 'ASSIGNED' then moved.tasks else 0 end,
    changed_at = p_now
  from (select id, count(*)::int as tasks from unnest(p_driver_ids) as id group by id) moved
  where driver.region_id = p_region_id and driver.id = moved.id;
  perform append_periods(p_region_id, p_driver_ids, p_now);
end $$;
