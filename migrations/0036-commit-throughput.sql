-- A commit costs by the number of its proposals, and less for each.

-- Only commit_offers writes offers, under the lock of the driver that it has just judged, and drivers are never
-- removed: the check found what was known, at a tenth of the commit. As with tasks, invariant_violations.sql holds it
-- instead.
alter table offers drop constraint offers_region_id_driver_id_fkey;

-- Ids do not compress; trying took longer than writing them.
alter table tick_commits
  alter column task_ids set storage external,
  alter column driver_ids set storage external,
  alter column offer_ids set storage external;

-- An id made of a tick's id and an ordinal (UUID version 8): the tick's time prefix, so that new rows lie together,
-- then 64 bits of a hash. One expression in SQL, so that the planner inlines it.
create or replace function offer_id(tick_id uuid, ordinal bigint) returns uuid
language sql stable strict parallel safe
return encode(overlay(overlay(overlay(
  substr(sha256(uuid_send(tick_id) || int8send(ordinal)), 1, 16)
  placing substr(uuid_send(tick_id), 1, 6) from 1)
  placing '\x80'::bytea from 7) placing '\xa0'::bytea from 9), 'hex')::uuid;

-- The rules once more, on the rows as they stand. One row a proposal, by its ordinal from 1: null where it may land,
-- else why not: a refusal of src/domain/offer.ts, or the code of the first rule it breaks; with the facts that the
-- offer's event records. Each kind of predicate is one condition, as it is one entry of src/dispatch/rules.ts.
-- Cost: by the number of proposals, whatever the size of the region: every table is read by key. The planner alone
-- would rather read a city's drivers and documents through than look a twentieth of them up, at twice the time.
-- Concurrency: the caller holds the region's row, the tasks of p_locked_ids and their drivers; a task not among them
-- is unavailable. Whatever else it reads can change only under one of those locks.
create or replace function judge_proposals(
  p_region_id text, p_task_ids uuid[], p_driver_ids uuid[], p_drop_at timestamptz[], p_needed_until timestamptz[],
  p_locked_ids uuid[], p_now timestamptz
)
returns table (ordinal bigint, task_id uuid, driver_id uuid, refusal text, attempt int,
  driver_compliance bigint, region_compliance bigint)
language plpgsql stable set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
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
  ), goods_in_hand as (
    select task.driver_id, sum(task.units) as units, sum(task.value_cents) as value_cents,
      array_agg(distinct task.store_id) as store_ids
    from delivery_tasks task
    where task.region_id = p_region_id and task.driver_id = any (p_driver_ids)
      and task.status in ('ASSIGNED', 'PICKED_UP', 'RETURNING')
    group by task.driver_id
  ), documents as materialized (
    select document.driver_id, rule.ordinal as rule,
      max(least(document.valid_until, document.checked_at + rule.max_age)) as valid_until
    from rule
    join driver_documents document on document.region_id = p_region_id and document.driver_id = any (p_driver_ids)
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
      and driver.id = any (p_driver_ids)
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

-- append_events as before (0027-events-out.sql). The last event is looked up by the whole of its key, which a task
-- gives once it is read; by a part of it, the planner may go through the outbox, transaction by transaction, for each.
create or replace function append_events(
  p_region_id text, p_task_ids uuid[], p_kind text, p_actor text, p_details text[], p_now timestamptz,
  out seqs int[], out heads bytea[]
)
language plpgsql as $$
declare
  v_before text := '{"actor":' || to_json(p_actor) || ',"at":"' || dossier_instant(p_now) || '","detail":';
  v_between text := ',"kind":"' || p_kind || '","seq":';
  v_bodies text[];
  v_prev_hashes bytea[];
  v_xids xid8[];
begin
  select array_agg(seq), array_agg(sha256(prev_hash || convert_to(body, 'UTF8'))), array_agg(body),
    array_agg(prev_hash), array_agg(greatest(pg_current_xact_id(), prev_xid))
  into seqs, heads, v_bodies, v_prev_hashes, v_xids
  from (
    with locked_tasks as materialized (
      select task.id, task.dossier_seq, task.dossier_head, event.detail, event.ordinal
      from unnest(p_task_ids, p_details) with ordinality as event (task_id, detail, ordinal)
      join delivery_tasks task on task.region_id = p_region_id and task.id = event.task_id
    )
    select task.dossier_seq + 1 as seq, task.dossier_head as prev_hash, last.xid as prev_xid,
      v_before || task.detail || v_between || task.dossier_seq + 1 || ',"task":"' || task.id || '"}' as body
    from locked_tasks task
    left join dossier_events last on last.region_id = p_region_id and last.task_id = task.id
      and last.seq = task.dossier_seq
    order by task.ordinal
  ) events;
  insert into dossier_events (region_id, task_id, seq, kind, actor, at, body, prev_hash, hash, xid)
  select p_region_id, event.task_id, event.seq, p_kind, p_actor, p_now, event.body, event.prev_hash, event.hash,
    event.xid
  from unnest(p_task_ids, seqs, v_bodies, v_prev_hashes, heads, v_xids)
    as event (task_id, seq, body, prev_hash, hash, xid);
end $$;
