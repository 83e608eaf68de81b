-- The rules of a region at an instant, resolved to what both sides judge by: whole-number polygons, instants of sale
-- hours, and the region's figures where a rule leaves them to it. And how rules and kill switches change.

-- The instant of a local time. One that occurs twice (clocks go back) is its first occurrence, one that is skipped
-- (clocks go forward) the same time by the clock that was not changed: as Temporal's "compatible". Whatever the size
-- of the change, the offset of the day before tells the first occurrence.
create or replace function first_instant(p_local timestamp, p_time_zone text) returns timestamptz
language plpgsql stable as $$
declare
  v_at timestamptz := p_local at time zone p_time_zone;
  v_day_before timestamptz := v_at - interval '24 hours';
  v_first timestamptz := (p_local - (v_day_before at time zone p_time_zone - v_day_before at time zone 'UTC'))
    at time zone 'UTC';
begin
  return case when v_first at time zone p_time_zone = p_local then least(v_first, v_at) else v_at end;
end $$;

-- When weekly hours hold, between two instants: [opening, close) by the clock on the wall. A window belongs to the day
-- it opens on and may end on the next. One that a change of clocks leaves no time is none.
create function open_spans(p_hours jsonb, p_time_zone text, p_from timestamptz, p_until timestamptz)
returns tstzmultirange
language plpgsql stable as $$
begin
  return (
    select coalesce(range_agg(tstzrange(opening.open_at, opening.close_at)), '{}')
      * tstzmultirange(tstzrange(p_from, p_until))
    from (
      select first_instant(day + make_interval(mins => (span ->> 0)::int), p_time_zone) as open_at,
        first_instant(day + make_interval(mins => (span ->> 1)::int), p_time_zone) as close_at
      from generate_series(date_trunc('day', p_from at time zone p_time_zone) - interval '1 day',
        p_until at time zone p_time_zone, interval '1 day') as day
      cross join jsonb_array_elements(p_hours -> date_part('dow', day)::int) as span
    ) opening
    where opening.open_at < opening.close_at
  );
end $$;

-- Rules in force at an instant, in canonical order: by code, numbered from 0. `resolved` is the ResolvedPredicate of
-- src/domain/rule.ts; the columns after it are the same for SQL. Sale hours are told for eight days
-- (SALE_HOURS_KNOWN_H): a hand-over later than that is not known to be within them.
-- At most 58 rules (RULES_LIMIT of src/domain/rule.ts).
create function rules_in_force(p_region_id text, p_at timestamptz)
returns table (ordinal int, code text, sentence text, source text, scope text, since timestamptz, resolved jsonb,
  kind text, max_age interval, open_spans tstzmultirange, polygons jsonb)
language plpgsql stable rows 16 as $$
#variable_conflict use_column
begin
  return query
  select (row_number() over (order by rule.code collate "C"))::int - 1, rule.code, rule.sentence, rule.source,
    rule.scope, rule.valid_from,
    case rule.predicate ->> 'kind'
      when 'possession' then jsonb_build_object('units', region.settings -> 'carryLimitUnits', 'valueCents',
        region.settings -> 'carryLimitCents', 'oneStoreAtATime', false) || rule.predicate
      when 'sale-hours' then rule.predicate - array['hours', 'area'] || jsonb_build_object('polygons', rule.polygons,
        'openMs', (select coalesce(jsonb_agg(jsonb_build_array(epoch_ms(lower(span)), epoch_ms(upper(span)))
            order by span), '[]') from unnest(hours.spans) as span))
      when 'no-sale-area' then rule.predicate - 'area' || jsonb_build_object('polygons', rule.polygons)
      else rule.predicate
    end,
    rule.predicate ->> 'kind',
    coalesce(make_interval(hours => (rule.predicate ->> 'maxAgeDays')::int * 24),
      make_interval(secs => (region.settings ->> 'documentCheckMaxAgeS')::float8)),
    hours.spans, rule.polygons
  from rules rule
  join regions region on region.region_id = p_region_id
  left join lateral (
    select case when rule.predicate ? 'hours' then
      open_spans(rule.predicate -> 'hours', region.time_zone, p_at, p_at + interval '192 hours') end as spans
  ) hours on true
  where rule.region_id = p_region_id and rule.valid_from <= p_at and coalesce(rule.valid_until, 'infinity') > p_at
  order by rule.code collate "C";
end $$;

-- Puts a version of a rule, in force from p_from (null: now), or ends the rule then (p_predicate null). What stood is
-- never changed but for its end; a version that was planned for later is replaced. Returns 'done', or why nothing was
-- done: REGION_UNKNOWN, RULE_UNKNOWN, PREDICATE_INVALID, VALID_FROM_PAST, RULES_LIMIT.
-- Concurrency: the region's row is written first, so that a commit that read the rules ends before.
create function put_rule(
  p_region_id text, p_code text, p_sentence text, p_source text, p_predicate jsonb, p_from timestamptz, p_by text,
  p_now timestamptz default dispatch_now()
)
returns text
language plpgsql as $$
declare
  v_from timestamptz := coalesce(p_from, p_now);
begin
  update regions region set compliance_version = region.compliance_version + 1
  where region.region_id = p_region_id;
  if not found then
    return 'REGION_UNKNOWN';
  elsif v_from < p_now then
    return 'VALID_FROM_PAST';
  elsif p_predicate is not null and not is_rule_predicate(p_predicate) then
    return 'PREDICATE_INVALID';
  elsif p_predicate is not null and (
    select count(distinct rule.code) from rules rule
    where rule.region_id = p_region_id and rule.code <> p_code and coalesce(rule.valid_until, 'infinity') > p_now) >= 58
  then
    return 'RULES_LIMIT';
  end if;
  -- Two versions do not start at one instant: the later one starts a millisecond after.
  select greatest(v_from, max(rule.valid_from) + interval '1 millisecond') into v_from
  from rules rule
  where rule.region_id = p_region_id and rule.code = p_code and p_predicate is not null
    and rule.valid_from >= v_from and rule.valid_from < v_from + interval '1 second';
  update rules rule set valid_until = greatest(rule.valid_from, v_from), ended_by = p_by
  where rule.region_id = p_region_id and rule.code = p_code and coalesce(rule.valid_until, 'infinity') > v_from;
  if p_predicate is null then
    return case when found then 'done' else 'RULE_UNKNOWN' end;
  end if;
  insert into rules (region_id, code, valid_from, scope, sentence, predicate, source, put_by)
  values (p_region_id, p_code, v_from, rule_scope(p_predicate ->> 'kind'), p_sentence, p_predicate, p_source, p_by);
  return 'done';
end $$;

alter table kill_switches
  add column set_by text,
  -- Of the end: who, and why.
  add column cleared_by text,
  add column cleared_reason text;

drop function set_kill_switch;
-- Switches a category ('*': the region) off, or on again; a switch that stands so already stays as it is. False when
-- the region is unknown.
-- Concurrency: the region's row is written first; a commit that holds it ends before the switch takes effect.
create function set_kill_switch(
  p_region_id text, p_category text, p_on boolean, p_reason text, p_by text, p_now timestamptz default dispatch_now()
)
returns boolean
language plpgsql as $$
begin
  update regions region set compliance_version = region.compliance_version + 1
  where region.region_id = p_region_id;
  if not found then
    return false;
  end if;
  if not p_on then
    update kill_switches switch
    set until = greatest(p_now, switch.since), cleared_by = p_by, cleared_reason = p_reason
    where switch.region_id = p_region_id and switch.category = p_category and switch.until is null;
    return true;
  end if;
  insert into kill_switches (region_id, category, seq, since, reason, set_by)
  select p_region_id, p_category, coalesce(max(switch.seq), 0) + 1, p_now, p_reason, p_by
  from kill_switches switch where switch.region_id = p_region_id and switch.category = p_category
  having coalesce(bool_and(switch.until is not null), true);
  return true;
end $$;

-- As before (0013-region-changes.sql); and a new region starts with its rules.
create or replace function put_region(
  p_region_id text, p_name text, p_time_zone text, p_graph text, p_settings jsonb, p_weights jsonb,
  p_now timestamptz default dispatch_now()
)
returns text
language plpgsql as $$
begin
  begin
    perform p_now at time zone p_time_zone;
  exception when invalid_parameter_value then
    return 'TIME_ZONE_UNKNOWN';
  end;
  perform from region_weights stored
  where stored.region_id = p_region_id and stored.version = (p_weights ->> 'version')::int
    and stored.weights <> p_weights;
  if found then
    return 'WEIGHTS_CHANGED';
  end if;
  insert into regions as region (region_id, name, time_zone, graph, settings, weights_version, changed_at)
  values (p_region_id, p_name, p_time_zone, p_graph, p_settings, (p_weights ->> 'version')::int, p_now)
  on conflict (region_id) do update
  set name = excluded.name, time_zone = excluded.time_zone, graph = excluded.graph, settings = excluded.settings,
    weights_version = excluded.weights_version, compliance_version = region.compliance_version + 1,
    changed_at = excluded.changed_at;
  insert into region_weights (region_id, version, weights, created_at)
  values (p_region_id, (p_weights ->> 'version')::int, p_weights, p_now)
  on conflict do nothing;
  perform add_starting_rules(p_region_id);
  return 'done';
end $$;

-- As before (0014-driver-changes.sql); and a document may tell for which use of the vehicle it holds. Where it does
-- not, as the one of its kind that was checked last, whenever that began; an insurance that was never told any covers
-- no deliveries: a renewal widens nothing, and cover is claimed in words or not at all.
create or replace function put_documents(p_region_id text, p_documents jsonb)
returns table (unknown_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
  v_ids uuid[] := array(
    select distinct given."driverId" from jsonb_to_recordset(p_documents) as given ("driverId" uuid));
begin
  perform from drivers driver where driver.region_id = p_region_id and driver.id = any (v_ids)
  order by driver.id for no key update;
  return query
  select given.id from unnest(v_ids) as given (id)
  where not exists (select from drivers driver where driver.region_id = p_region_id and driver.id = given.id);
  if found then
    return;
  end if;
  update drivers driver set compliance_version = driver.compliance_version + 1
  where driver.region_id = p_region_id and driver.id = any (v_ids);
  insert into driver_documents (region_id, driver_id, kind, use, valid_from, valid_until, checked_at, revoked)
  select p_region_id, given."driverId", given.kind, coalesce(given.use, standing.use,
      case given.kind when 'insurance' then 'personal' else 'delivery' end),
    from_epoch_ms(given."validFromMs"), from_epoch_ms(given."validUntilMs"), from_epoch_ms(given."checkedAtMs"),
    given.revoked
  from jsonb_to_recordset(p_documents) as given (
    "driverId" uuid, kind text, use text, "validFromMs" bigint, "validUntilMs" bigint, "checkedAtMs" bigint,
    revoked boolean)
  left join lateral (
    select document.use from driver_documents document
    where document.region_id = p_region_id and document.driver_id = given."driverId" and document.kind = given.kind
    order by document.checked_at desc, document.valid_from desc limit 1
  ) standing on true
  on conflict (region_id, driver_id, kind, valid_from) do update
  set use = excluded.use, valid_until = excluded.valid_until, checked_at = excluded.checked_at,
    revoked = excluded.revoked;
  update driver_documents document set revoked = true
  from jsonb_to_recordset(p_documents) as given (
    "driverId" uuid, kind text, "checkedAtMs" bigint, revoked boolean)
  where document.region_id = p_region_id and document.driver_id = given."driverId" and document.kind = given.kind
    and given.revoked and document.checked_at <= from_epoch_ms(given."checkedAtMs");
end $$;

-- As before (0014-driver-changes.sql); and who comes back to a region begins without documents: what another region was
-- told meanwhile, a revocation above all, is not known here, so all that stand are revoked and have to be put anew.
create or replace function upsert_drivers(p_region_id text, p_profiles jsonb, p_now timestamptz default dispatch_now())
returns table (refused_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
  v_ids uuid[] := array(select given.id from jsonb_to_recordset(p_profiles) as given (id uuid));
begin
  perform from drivers driver where driver.region_id = p_region_id and driver.id = any (v_ids)
  order by driver.id for no key update;
  return query
  select driver.id from jsonb_to_recordset(p_profiles) as given (id uuid, capacity int)
  join drivers driver on driver.region_id = p_region_id and driver.id = given.id
  where given.capacity < driver.open_offers + driver.active_tasks;
  if found then
    return;
  end if;
  update driver_documents document set revoked = true
  from drivers driver
  where driver.region_id = p_region_id and driver.id = any (v_ids) and driver.left_at is not null
    and document.region_id = p_region_id and document.driver_id = driver.id and not document.revoked;
  insert into drivers as driver (region_id, id, name, born_on, opted_in, capacity, shift_on, changed_at)
  select p_region_id, given.id, given.name, given."bornOn", given."optedIn", given.capacity, given."shiftOn", p_now
  from jsonb_to_recordset(p_profiles) as given (
    id uuid, name text, "bornOn" date, "optedIn" boolean, capacity int, "shiftOn" boolean)
  order by given.id
  on conflict (region_id, id) do update
  set name = excluded.name, born_on = excluded.born_on, opted_in = excluded.opted_in, capacity = excluded.capacity,
    shift_on = excluded.shift_on, left_at = null, changed_at = excluded.changed_at,
    compliance_version = driver.compliance_version + (driver.left_at is not null or (driver.born_on, driver.opted_in)
      is distinct from (excluded.born_on, excluded.opted_in))::int;
  perform append_periods(p_region_id, v_ids, p_now);
end $$;
