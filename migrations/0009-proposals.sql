-- What commit_offers does before it writes: lock, then judge. Both functions plan by the lengths of their arrays: a
-- plan made for ten proposals joins a thousand by nested loops, four times as slow. (Not so the functions that write:
-- checks of foreign keys would be planned anew for each row.)

-- Locks the tasks that nobody else is changing, then the drivers proposed for those; returns the ids of the tasks.
-- Concurrency: tasks FOR NO KEY UPDATE SKIP LOCKED, drivers waiting, each in id order.
create function lock_proposals(p_region_id text, p_task_ids uuid[], p_driver_ids uuid[]) returns uuid[]
language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
  v_locked_ids uuid[] := array(
    select task.id from delivery_tasks task
    where task.region_id = p_region_id and task.id = any (p_task_ids)
    order by task.id for no key update skip locked);
begin
  perform from drivers driver
  where driver.region_id = p_region_id and driver.id = any (array(
    select proposal.driver_id from unnest(p_task_ids, p_driver_ids) as proposal (task_id, driver_id)
    where proposal.task_id = any (v_locked_ids)))
  order by driver.id for no key update;
  return v_locked_ids;
end $$;

-- Midnight of a person's 21st birthday where the region is; born on 29 February: on 1 March.
create function adult_from(born_on date, time_zone text) returns timestamptz
language sql stable strict parallel safe
return (make_date(date_part('year', born_on)::int + 21, date_part('month', born_on)::int, 1)
  + (date_part('day', born_on)::int - 1))::timestamp at time zone time_zone;

-- The rules of the tick once more, on the rows as they stand. One row a proposal, by its ordinal from 1: null where it
-- may land, else the refusal (src/domain/offer.ts); with the facts that the offer's event records.
-- Concurrency: the caller holds the region's row, the tasks of p_locked_ids and their drivers; a task not among them
-- is unavailable. Whatever else it reads can change only under one of those locks.
create function judge_proposals(
  p_region_id text, p_task_ids uuid[], p_driver_ids uuid[], p_needed_until timestamptz[], p_locked_ids uuid[],
  p_now timestamptz
)
returns table (ordinal bigint, task_id uuid, driver_id uuid, refusal text, attempt int,
  driver_compliance bigint, region_compliance bigint)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
  v_region regions;
  v_killed text[];
begin
  select * into v_region from regions region where region.region_id = p_region_id;
  v_killed := array(
    select switch.category from kill_switches switch
    where switch.region_id = p_region_id and switch.until is null);
  return query
  with closings as materialized (
    -- Many stores keep the same hours. Null stands for stores that never close.
    select hours, closes_at(hours, v_region.time_zone, p_now) as at
    from (
      select distinct store.hours from stores store
      where store.region_id = p_region_id and store.hours is not null and store.id in (
        select task.store_id from delivery_tasks task
        where task.region_id = p_region_id and task.id = any (p_locked_ids))
    ) distinct_hours
  ), proposals as (
    select proposal.*, row_number() over (partition by task_id order by ordinal) > 1 as is_duplicate
    from unnest(p_task_ids, p_driver_ids, p_needed_until) with ordinality
      as proposal (task_id, driver_id, needed_until, ordinal)
  ), locked_tasks as (
    select task.id, task.units, task.value_cents, task.latest_at, task.age_check_until, task.attempts,
      task.status in ('PENDING', 'EXPIRED') and task.attempts < (v_region.settings ->> 'attemptsLimit')::float8
        as is_waiting, store.permit_until, coalesce(closing.at, 'infinity') as closes_at,
      task.category = any (v_killed) or '*' = any (v_killed) as is_killed
    from delivery_tasks task
    join stores store on store.region_id = p_region_id and store.id = task.store_id
    left join closings closing on closing.hours = store.hours
    where task.region_id = p_region_id and task.id = any (p_locked_ids)
  ), willing_drivers as (
    select driver.id, driver.capacity, driver.active_tasks, driver.compliance_version
    from drivers driver
    where driver.region_id = p_region_id and driver.id = any (p_driver_ids)
      and driver.shift_on and driver.opted_in and driver.open_offers = 0
      and adult_from(driver.born_on, v_region.time_zone) <= p_now
  ), goods_in_hand as (
    select task.driver_id, sum(task.units) as units, sum(task.value_cents) as value_cents
    from delivery_tasks task
    where task.region_id = p_region_id and task.driver_id = any (p_driver_ids)
      and task.status in ('ASSIGNED', 'PICKED_UP', 'RETURNING')
    group by task.driver_id
  ), valid_documents as (
    select document.driver_id, document.kind, max(least(document.valid_until, document.checked_at
      + make_interval(secs => (v_region.settings ->> 'documentCheckMaxAgeS')::float8))) as valid_until
    from driver_documents document
    where document.region_id = p_region_id and document.driver_id = any (p_driver_ids)
      and not document.revoked and document.valid_from <= p_now
    group by document.driver_id, document.kind
  ), documented_drivers as (
    select driver_id, min(valid_until) as valid_until
    from valid_documents group by driver_id having count(*) = 5
  ), checked_proposals as (
    select proposal.*, task.attempts + 1 as attempt, driver.compliance_version as driver_compliance,
      case
        when proposal.is_duplicate then 'DUPLICATE_TASK'
        when task.is_waiting is not true then 'TASK_UNAVAILABLE'
        when task.latest_at <= p_now then 'TASK_LATE'
        when task.is_killed then 'CATEGORY_KILLED'
        when (task.age_check_until > p_now) is not true then 'TASK_AGE_CHECK'
        when (task.permit_until >= proposal.needed_until) is not true then 'STORE_PERMIT'
        when task.closes_at < proposal.needed_until then 'STORE_CLOSED'
        when driver.id is null then 'DRIVER_UNAVAILABLE'
        when driver.active_tasks >= driver.capacity
          or coalesce(goods.units, 0) + task.units > (v_region.settings ->> 'carryLimitUnits')::float8
          or coalesce(goods.value_cents, 0) + task.value_cents > (v_region.settings ->> 'carryLimitCents')::float8
          then 'DRIVER_FULL'
        when (documented.valid_until >= proposal.needed_until) is not true then 'DRIVER_DOCUMENTS'
      end as refusal
    from proposals proposal
    left join locked_tasks task on task.id = proposal.task_id
    left join willing_drivers driver on driver.id = proposal.driver_id
    left join goods_in_hand goods on goods.driver_id = proposal.driver_id
    left join documented_drivers documented on documented.driver_id = proposal.driver_id
  )
  -- A driver has one open bundle: of a batch's proposals to one driver, the first that may land does.
  select proposal.ordinal, proposal.task_id, proposal.driver_id,
    case
      when proposal.refusal is null and row_number() over (
        partition by proposal.driver_id, proposal.refusal is null order by proposal.ordinal) > 1
        then 'DRIVER_UNAVAILABLE'
      else proposal.refusal
    end,
    proposal.attempt, proposal.driver_compliance, v_region.compliance_version
  from checked_proposals proposal;
end $$;
