-- commit_offers judges by the rules in force, not by checks of its own.

-- Midnight of a person's birthday of so many years where the region is; born on 29 February: on 1 March.
create function of_age_from(born_on date, years int, time_zone text) returns timestamptz
language sql stable strict parallel safe
return (make_date(date_part('year', born_on)::int + years, date_part('month', born_on)::int, 1)
  + (date_part('day', born_on)::int - 1))::timestamp at time zone time_zone;

-- Which drops, by their places in the arrays, lie in the polygons of which rules, by their places in p_polygons. One on
-- an edge lies inside; else one does where a ray to the east crosses the rings of a polygon an odd number of times.
-- Exact: a difference of longitudes is below 2^32, one of latitudes below 2^31, their product below 2^63.
create function drops_covered(p_polygons jsonb[], p_lon_e7 int[], p_lat_e7 int[])
returns table (drop bigint, rule bigint)
language plpgsql immutable set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
  return query
  with corners as materialized (
    select area.nth as rule, polygon.nth as polygon, ring.nth as ring, corner.nth as corner,
      (corner.at -> 0)::bigint as x, (corner.at -> 1)::bigint as y
    from unnest(p_polygons) with ordinality as area (polygons, nth)
    cross join jsonb_array_elements(area.polygons) with ordinality as polygon (rings, nth)
    cross join jsonb_array_elements(polygon.rings) with ordinality as ring (corners, nth)
    cross join jsonb_array_elements(ring.corners) with ordinality as corner (at, nth)
  ), boxes as materialized (
    select corner.rule, corner.polygon, min(corner.x) as west, max(corner.x) as east, min(corner.y) as south,
      max(corner.y) as north
    from corners corner group by corner.rule, corner.polygon
  ), drops as materialized (
    select given.nth as drop, given.x::bigint as x, given.y::bigint as y, box.rule, box.polygon
    from unnest(p_lon_e7, p_lat_e7) with ordinality as given (x, y, nth)
    join boxes box on given.x between box.west and box.east and given.y between box.south and box.north
  ), edges as materialized (
    select corner.rule, corner.polygon, corner.x as x1, corner.y as y1,
      lead(corner.x) over rings as x2, lead(corner.y) over rings as y2
    from corners corner
    window rings as (partition by corner.rule, corner.polygon, corner.ring order by corner.corner)
  )
  select distinct crossed.drop, crossed.rule
  from (
    select drop.drop, drop.rule,
      bool_or((drop.x - edge.x1) * (edge.y2 - edge.y1) = (edge.x2 - edge.x1) * (drop.y - edge.y1)
        and drop.x between least(edge.x1, edge.x2) and greatest(edge.x1, edge.x2)
        and drop.y between least(edge.y1, edge.y2) and greatest(edge.y1, edge.y2)) as is_on_edge,
      count(*) filter (where (edge.y1 > drop.y) <> (edge.y2 > drop.y) and case when edge.y2 > edge.y1
        then (drop.x - edge.x1) * (edge.y2 - edge.y1) < (edge.x2 - edge.x1) * (drop.y - edge.y1)
        else (drop.x - edge.x1) * (edge.y2 - edge.y1) > (edge.x2 - edge.x1) * (drop.y - edge.y1) end) as crossings
    from drops drop
    join edges edge on edge.rule = drop.rule and edge.polygon = drop.polygon and edge.x2 is not null
    group by drop.drop, drop.rule, drop.polygon
  ) crossed
  where crossed.is_on_edge or crossed.crossings % 2 = 1;
end $$;

-- Dispatch time at this moment; dispatch_now() is that of the caller's statement, which may have waited since.
create function dispatch_clock_now() returns timestamptz
language plpgsql as $$
begin
  return (
    select date_trunc('milliseconds', clock.origin_dispatch + make_interval(
      secs => clock.scale * extract(epoch from clock_timestamp() - clock.origin_real)::float8))
    from dispatch_clock clock
  );
end $$;

drop function commit_offers;
drop function open_offers;
drop function judge_proposals;
drop function adult_from;

-- The rules once more, on the rows as they stand. One row a proposal, by its ordinal from 1: null where it may land,
-- else why not: a refusal of src/domain/offer.ts, or the code of the first rule it breaks; with the facts that the
-- offer's event records. Each kind of predicate is one condition, as it is one entry of src/dispatch/rules.ts.
-- Concurrency: the caller holds the region's row, the tasks of p_locked_ids and their drivers; a task not among them
-- is unavailable. Whatever else it reads can change only under one of those locks.
create function judge_proposals(
  p_region_id text, p_task_ids uuid[], p_driver_ids uuid[], p_drop_at timestamptz[], p_needed_until timestamptz[],
  p_locked_ids uuid[], p_now timestamptz
)
returns table (ordinal bigint, task_id uuid, driver_id uuid, refusal text, attempt int,
  driver_compliance bigint, region_compliance bigint)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
  v_region regions;
  v_killed text[];
begin
  -- A rule that was put while this call waited is in force from an instant after the call.
  p_now := greatest(p_now, dispatch_clock_now());
  select * into v_region from regions region where region.region_id = p_region_id;
  v_killed := array(
    select switch.category from kill_switches switch
    where switch.region_id = p_region_id and switch.until is null);
  return query
  with rule as materialized (
    select rule.ordinal, rule.code, rule.kind, rule.max_age, rule.open_spans, rule.polygons,
      ((p_now at time zone v_region.time_zone)::date - make_interval(years => (rule.resolved ->> 'years')::int))::date
        as born_until, rule.resolved ->> 'document' as document,
      rule.resolved ->> 'use' as use, (rule.resolved ->> 'units')::float8 as units,
      (rule.resolved ->> 'valueCents')::float8 as value_cents,
      (rule.resolved ->> 'oneStoreAtATime')::boolean as one_store_at_a_time,
      array(select jsonb_array_elements_text(rule.resolved -> 'categories')) as categories,
      rule.resolved ? 'categories' as is_of_some
    from rules_in_force(p_region_id, p_now) rule
  ), closings as materialized (
    -- Many stores keep the same hours. Null stands for stores that never close.
    select hours, closes_at(hours, v_region.time_zone, p_now) as at
    from (
      select distinct store.hours from stores store
      where store.region_id = p_region_id and store.hours is not null and store.id in (
        select task.store_id from delivery_tasks task
        where task.region_id = p_region_id and task.id = any (p_locked_ids))
    ) distinct_hours
  ), proposed_drivers as materialized (
    select distinct id from unnest(p_driver_ids) as id
  ), goods_in_hand as (
    select task.driver_id, sum(task.units) as units, sum(task.value_cents) as value_cents,
      array_agg(distinct task.store_id) as store_ids
    from proposed_drivers driver
    join delivery_tasks task on task.region_id = p_region_id and task.driver_id = driver.id
    where task.status in ('ASSIGNED', 'PICKED_UP', 'RETURNING')
    group by task.driver_id
  ), documents as materialized (
    select document.driver_id, rule.ordinal as rule,
      max(least(document.valid_until, document.checked_at + rule.max_age)) as valid_until
    from rule
    cross join proposed_drivers driver
    join driver_documents document on document.region_id = p_region_id and document.driver_id = driver.id
      and document.kind = rule.document and (rule.use is null or document.use = rule.use)
    where not document.revoked and document.valid_from <= p_now
    group by document.driver_id, rule.ordinal
  ), documented_drivers as (
    -- Those who lack nothing, which are nearly all; of whom it is asked which rule they break are the others.
    select document.driver_id, min(document.valid_until) as valid_until
    from documents document group by document.driver_id
    having count(*) = (select count(*) from rule where rule.kind = 'document')
  ), checked_proposals as (
    select proposal.ordinal, proposal.task_id, proposal.driver_id, greatest(proposal.drop_at, p_now) as drop_at,
      greatest(proposal.needed_until, p_now) as needed_until,
      case
        when row_number() over (partition by proposal.task_id order by proposal.ordinal) > 1 then 'DUPLICATE_TASK'
        when (task.status in ('PENDING', 'EXPIRED') and task.attempts < (v_region.settings ->> 'attemptsLimit')::float8)
          is not true then 'TASK_UNAVAILABLE'
        when task.latest_at <= p_now then 'TASK_LATE'
        when (driver.shift_on and driver.open_offers = 0) is not true then 'DRIVER_UNAVAILABLE'
        when driver.active_tasks >= driver.capacity then 'DRIVER_FULL'
      end as refusal,
      task.category, task.age_check_until, task.store_id, task.units, task.value_cents, task.drop_lon_e7,
      task.drop_lat_e7, task.attempts + 1 as attempt, store.permit_until,
      coalesce(closing.at, 'infinity') as closes_at, driver.opted_in, driver.born_on, driver.compliance_version,
      coalesce(goods.units, 0) as held_units, coalesce(goods.value_cents, 0) as held_cents,
      coalesce(goods.store_ids, '{}') as held_stores, documented.valid_until as documented_until
    from unnest(p_task_ids, p_driver_ids, p_drop_at, p_needed_until) with ordinality
      as proposal (task_id, driver_id, drop_at, needed_until, ordinal)
    left join delivery_tasks task on task.region_id = p_region_id and task.id = proposal.task_id
      and task.id = any (p_locked_ids)
    left join stores store on store.region_id = p_region_id and store.id = task.store_id
    left join closings closing on closing.hours = store.hours
    left join drivers driver on driver.region_id = p_region_id and driver.id = proposal.driver_id
    left join goods_in_hand goods on goods.driver_id = proposal.driver_id
    left join documented_drivers documented on documented.driver_id = proposal.driver_id
  ), proposals as materialized (
    select checked.*, checked.refusal is null as is_possible from checked_proposals checked
  ), lacking_proposals as materialized (
    select proposal.ordinal, proposal.driver_id, proposal.needed_until
    from proposals proposal
    where proposal.is_possible
      and (proposal.documented_until >= proposal.needed_until and proposal.documented_until > p_now) is not true
  ), covered as materialized (
    select drops.ordinals[found.drop] as ordinal, areas.ordinals[found.rule] as rule
    from (
      select array_agg(ordinal) as ordinals, array_agg(polygons) as polygons from rule where polygons is not null
    ) areas
    cross join (
      select array_agg(ordinal) as ordinals, array_agg(drop_lon_e7) as lon_e7, array_agg(drop_lat_e7) as lat_e7
      from proposals where is_possible
    ) drops
    cross join lateral drops_covered(areas.polygons, drops.lon_e7, drops.lat_e7) found
    where areas.ordinals is not null
  ), broken as materialized (
    select found.ordinal, min(found.rule) as rule
    from (
      select proposal.ordinal, rule.ordinal as rule
      from proposals proposal
      -- Documents and places are judged below.
      join rule on rule.kind <> 'document' and rule.polygons is null
      where proposal.is_possible and case rule.kind
        when 'sale-hours' then (not rule.is_of_some or proposal.category = any (rule.categories))
          and not rule.open_spans @> proposal.drop_at
        when 'age-check' then
          (proposal.age_check_until >= proposal.drop_at and proposal.age_check_until > p_now) is not true
        when 'opted-in' then not proposal.opted_in
        when 'min-age' then proposal.born_on > rule.born_until
        when 'kill-switch' then proposal.category = any (v_killed) or '*' = any (v_killed)
        when 'store-permit' then
          (proposal.permit_until >= proposal.needed_until and proposal.permit_until > p_now) is not true
        when 'store-open-through-return' then proposal.closes_at < proposal.needed_until
        when 'possession' then proposal.held_units + proposal.units > rule.units
          or proposal.held_cents + proposal.value_cents > rule.value_cents
          or (proposal.held_stores <> '{}' and rule.one_store_at_a_time
            and array_remove(proposal.held_stores, proposal.store_id) <> '{}')
        -- A kind that this function does not know would be a rule that silently does not hold.
        else true
      end
      union all
      select proposal.ordinal, rule.ordinal
      from lacking_proposals proposal
      join rule on rule.kind = 'document'
      left join documents document on document.driver_id = proposal.driver_id and document.rule = rule.ordinal
      where (document.valid_until >= proposal.needed_until and document.valid_until > p_now) is not true
      union all
      select proposal.ordinal, rule.ordinal
      from covered
      join proposals proposal on proposal.ordinal = covered.ordinal
      join rule on rule.ordinal = covered.rule
      where (not rule.is_of_some or proposal.category = any (rule.categories))
        and (rule.kind <> 'sale-hours' or not rule.open_spans @> proposal.drop_at)
    ) found
    group by found.ordinal
  ), judged as (
    select proposal.*, coalesce(proposal.refusal, rule.code) as verdict
    from proposals proposal
    left join broken on broken.ordinal = proposal.ordinal
    left join rule on rule.ordinal = broken.rule
  )
  -- A driver has one open bundle: of a batch's proposals to one driver, the first that may land does.
  select proposal.ordinal, proposal.task_id, proposal.driver_id,
    case
      when proposal.verdict is null and row_number() over (
        partition by proposal.driver_id, proposal.verdict is null order by proposal.ordinal) > 1
        then 'DRIVER_UNAVAILABLE'
      else proposal.verdict
    end,
    proposal.attempt, proposal.compliance_version, v_region.compliance_version
  from judged proposal;
end $$;

-- As before (0021-evidence.sql); and what was to hold at the hand-over holds when it comes: the purchaser's age check,
-- sale hours and areas by the rules in force then.
create or replace function evidence_flaw(p_task delivery_tasks, p_action text, p_detail jsonb, p_now timestamptz)
returns text
language plpgsql stable as $$
declare
  v_store jsonb := p_detail -> 'verification';
  v_units_differ boolean := (v_store ->> 'units')::int <> p_task.units;
  v_scan jsonb := p_detail -> 'idScan';
  v_today date;
begin
  case p_action
    when 'pickup' then
      return case
        when v_units_differ is null then 'VERIFICATION_MISSING'
        when (v_store ->> 'driverIdentified')::boolean is not true then 'DRIVER_NOT_IDENTIFIED'
        when v_units_differ then 'UNITS_DIFFER'
      end;
    when 'return' then
      -- What is missing is recorded, but never by a slip: the store has to say what became of it.
      return case
        when v_units_differ is null then 'VERIFICATION_MISSING'
        when v_units_differ and v_store ->> 'note' is null then 'UNITS_DIFFER'
      end;
    when 'deliver' then
      select (p_now at time zone region.time_zone)::date into v_today
      from regions region where region.region_id = p_task.region_id;
      return case
        when v_scan ->> 'result' is null then 'ID_SCAN_MISSING'
        when v_scan ->> 'result' <> 'passed' then 'ID_SCAN_FAILED'
        when ((v_scan ->> 'documentExpiresOn')::date >= v_today) is not true then 'ID_EXPIRED'
        when (v_scan ->> 'over21')::boolean is not true then 'UNDER_21'
        when p_task.purchaser_hmac <> coalesce(decode(v_scan ->> 'purchaserHmac', 'hex'), '') then 'NOT_THE_PURCHASER'
        else hand_over_flaw(p_task, p_now)
      end;
    else
      return null;
  end case;
end $$;

-- Which rule of the hand-over itself a task breaks now, or null: the first by code.
create function hand_over_flaw(p_task delivery_tasks, p_now timestamptz) returns text
language plpgsql stable as $$
begin
  return (
    select case rule.kind when 'age-check' then 'AGE_CHECK_ENDED' when 'sale-hours' then 'OUTSIDE_SALE_HOURS'
      else 'NO_SALE_AREA' end
    from rules_in_force(p_task.region_id, p_now) rule
    where case rule.kind
      when 'age-check' then (p_task.age_check_until > p_now) is not true
      when 'sale-hours' then not rule.open_spans @> p_now
      else rule.kind = 'no-sale-area'
    end
    and coalesce(rule.resolved -> 'categories' ? p_task.category, true)
    and (rule.polygons is null or exists (
      select from drops_covered(array[rule.polygons], array[p_task.drop_lon_e7], array[p_task.drop_lat_e7])))
    order by rule.ordinal limit 1);
end $$;
