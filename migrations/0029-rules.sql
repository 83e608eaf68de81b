-- Compliance rules as data: what a predicate may say, how it is written, and the rules that every region starts with.

-- Whether JSON is a whole number within bounds; false for anything else.
create function is_whole(p_value jsonb, p_least numeric, p_most numeric) returns boolean
language plpgsql immutable parallel safe as $$
begin
  return coalesce(jsonb_typeof(p_value) = 'number' and p_value::numeric = trunc(p_value::numeric)
    and p_value::numeric between p_least and p_most, false);
end $$;

-- Whether JSON is the geometry of a GeoJSON Polygon or MultiPolygon with closed rings of [lon, lat] within the world,
-- of at most 1,000 points in all (AREA_POINTS_LIMIT of src/domain/rule.ts).
create function is_area(p_area jsonb) returns boolean
language plpgsql immutable parallel safe as $$
declare
  v_polygons jsonb := case p_area ->> 'type' when 'Polygon' then jsonb_build_array(p_area -> 'coordinates')
    when 'MultiPolygon' then p_area -> 'coordinates' end;
begin
  if not p_area ?& array['type', 'coordinates'] or p_area - array['type', 'coordinates'] <> '{}'
      or jsonb_array_length(v_polygons) is distinct from greatest(1, jsonb_array_length(v_polygons)) then
    return false;
  end if;
  return coalesce((
    select bool_and(rings.are_some and ring.is_closed and ring.points_hold) and sum(ring.points) <= 1000
    from jsonb_array_elements(v_polygons) as polygon (rings)
    cross join lateral (select jsonb_array_length(polygon.rings) > 0 as are_some) rings
    left join lateral (
      select jsonb_array_length(points) as points,
        jsonb_array_length(points) >= 4 and points -> 0 = points -> -1 as is_closed,
        (select coalesce(bool_and(jsonb_array_length(point) = 2 and jsonb_typeof(point -> 0) = 'number'
            and jsonb_typeof(point -> 1) = 'number' and (point -> 0)::numeric between -180 and 180
            and (point -> 1)::numeric between -90 and 90), false)
          from jsonb_array_elements(points) as point) as points_hold
      from jsonb_array_elements(polygon.rings) as points
    ) ring on true), false);
exception when data_exception then
  return false;
end $$;

-- Whether JSON is a RulePredicate of src/domain/rule.ts. Anything else in a row would break the snapshot of its region.
create function is_rule_predicate(p_predicate jsonb) returns boolean
language plpgsql immutable parallel safe as $$
declare
  v_required text[];
  v_optional text[];
begin
  if jsonb_typeof(p_predicate) is distinct from 'object'
      or jsonb_typeof(p_predicate -> 'kind') is distinct from 'string' or octet_length(p_predicate::text) > 65536 then
    return false;
  end if;
  select known.required, known.optional into v_required, v_optional
  from (values
    ('opted-in', '{}'::text[], '{}'::text[]),
    ('min-age', '{years}', '{}'),
    ('document', '{document}', '{use,maxAgeDays}'),
    ('age-check', '{}', '{}'),
    ('kill-switch', '{}', '{}'),
    ('store-permit', '{}', '{}'),
    ('store-open-through-return', '{}', '{}'),
    ('possession', '{}', '{units,valueCents,oneStoreAtATime}'),
    ('sale-hours', '{hours}', '{categories,area}'),
    ('no-sale-area', '{area}', '{categories}')
  ) as known (kind, required, optional)
  where known.kind = p_predicate ->> 'kind';
  if not found or not p_predicate ?& v_required
      or p_predicate - (v_required || v_optional || array['kind']) <> '{}' then
    return false;
  end if;
  return coalesce(
    (not p_predicate ? 'years' or is_whole(p_predicate -> 'years', 18, 99))
    and (not p_predicate ? 'document' or (jsonb_typeof(p_predicate -> 'document') = 'string'
      and p_predicate ->> 'document' in ('identity', 'licence', 'insurance', 'registration', 'background_check')))
    and (not p_predicate ? 'use' or p_predicate -> 'use' = '"delivery"')
    and (not p_predicate ? 'maxAgeDays' or is_whole(p_predicate -> 'maxAgeDays', 1, 3650))
    and (not p_predicate ? 'units' or is_whole(p_predicate -> 'units', 1, 1000))
    and (not p_predicate ? 'valueCents' or is_whole(p_predicate -> 'valueCents', 1, 100000000))
    and (not p_predicate ? 'oneStoreAtATime' or jsonb_typeof(p_predicate -> 'oneStoreAtATime') = 'boolean')
    and (not p_predicate ? 'categories' or (jsonb_array_length(p_predicate -> 'categories') between 1 and 50 and (
      select bool_and(jsonb_typeof(category) = 'string' and category #>> '{}' ~ '^[a-z0-9][a-z0-9_-]{0,63}$')
      from jsonb_array_elements(p_predicate -> 'categories') as category)))
    and (not p_predicate ? 'hours' or (jsonb_typeof(p_predicate -> 'hours') = 'array'
      and are_weekly_hours(p_predicate -> 'hours') and not jsonb_path_exists(p_predicate -> 'hours',
        'strict $[*][*][*] ? (@.type() != "number")')))
    and (not p_predicate ? 'area' or is_area(p_predicate -> 'area')), false);
exception when data_exception then
  return false;
end $$;

-- What a kind of predicate is about.
create function rule_scope(p_kind text) returns text
language plpgsql immutable strict parallel safe as $$
begin
  return case
    when p_kind in ('opted-in', 'min-age', 'document') then 'driver'
    when p_kind in ('age-check', 'kill-switch', 'no-sale-area') then 'task'
    when p_kind in ('store-permit', 'store-open-through-return') then 'store'
    when p_kind in ('possession', 'sale-hours') then 'pair'
  end;
end $$;

-- An area as its polygons, each its rings, each its [lonE7, latE7] points: the whole numbers that both sides judge by,
-- rounded here, once.
create function area_e7(p_area jsonb) returns jsonb
language plpgsql immutable strict parallel safe as $$
begin
  return (
    select jsonb_agg((
      select jsonb_agg((
        select jsonb_agg(jsonb_build_array(round((point -> 0)::numeric * 10000000)::int,
          round((point -> 1)::numeric * 10000000)::int) order by nth)
        from jsonb_array_elements(ring) with ordinality as point (point, nth)) order by ring_nth)
      from jsonb_array_elements(polygon) with ordinality as ring (ring, ring_nth)) order by polygon_nth)
    from jsonb_array_elements(case p_area ->> 'type' when 'Polygon' then jsonb_build_array(p_area -> 'coordinates')
      else p_area -> 'coordinates' end) with ordinality as polygon (polygon, polygon_nth));
end $$;

-- A row is a version of its rule. One that was replaced before it came into force keeps an empty validity.
alter table rules
  drop constraint rules_check,
  add constraint ends_no_earlier_than_it_starts check (valid_until >= valid_from),
  add constraint predicate_is_known check (is_rule_predicate(predicate)),
  add constraint scope_follows_from_kind check (scope = rule_scope(predicate ->> 'kind')),
  add column put_by text not null,
  -- Who ended this version, by another one or for good; null while no end is set.
  add column ended_by text,
  add column polygons jsonb generated always as (area_e7(predicate -> 'area')) stored;
create unique index one_standing_version_per_rule on rules (region_id, code) where valid_until is null;

-- Insurance that does not cover deliveries is a document, too.
alter table driver_documents
  add column use text not null default 'delivery' check (use in ('delivery', 'personal'));

-- The rules of a new region: product rules, not legal advice. They hold from the beginning of all times that dispatch
-- knows, so that a region whose clock is set back is never without them.
create function starting_rules()
returns table (code text, sentence text, source text, predicate jsonb)
language plpgsql immutable as $$
begin
  return query values
    ('CATEGORY_KILLED', 'The category, or the whole region, is switched off.',
      'CloudRun product rule', '{"kind": "kill-switch"}'::jsonb),
    ('DRIVER_BACKGROUND_CHECK',
      'The background check is missing, too old, or ends before the task and a return could.',
      'CloudRun product rule', '{"kind": "document", "document": "background_check"}'),
    ('DRIVER_IDENTITY',
      'The identity is not verified, or the check is too old or ends before the task and a return could.',
      'CloudRun product rule', '{"kind": "document", "document": "identity"}'),
    ('DRIVER_INSURANCE',
      'Insurance with delivery use is missing, checked too long ago, or ends before the task and a return could.',
      'CloudRun product rule', '{"kind": "document", "document": "insurance", "use": "delivery"}'),
    ('DRIVER_LICENCE',
      'The driving licence is missing, checked too long ago, or ends before the task and a return could.',
      'CloudRun product rule; see Tex. Transp. Code § 521.021', '{"kind": "document", "document": "licence"}'),
    ('DRIVER_NOT_OPTED_IN', 'The driver has not agreed to carry age-restricted goods.',
      'CloudRun product rule', '{"kind": "opted-in"}'),
    ('DRIVER_REGISTRATION',
      'The vehicle''s registration is missing, checked too long ago, or ends before the task and a return could.',
      'CloudRun product rule; see Tex. Transp. Code ch. 502', '{"kind": "document", "document": "registration"}'),
    ('DRIVER_UNDER_21', 'The driver is younger than 21.',
      'CloudRun product rule', '{"kind": "min-age", "years": 21}'),
    ('STORE_CLOSED', 'The store is closed, or closes before goods that cannot be handed over are back.',
      'CloudRun product rule', '{"kind": "store-open-through-return"}'),
    ('STORE_PERMIT', 'The store''s retail permit is missing, or ends before the goods are handed over or back.',
      'CloudRun product rule; see Tex. Health & Safety Code ch. 147', '{"kind": "store-permit"}'),
    ('TASK_AGE_CHECK', 'The purchaser''s age check (21+) was never passed, or ends before the hand-over.',
      '21 U.S.C. § 387f(d)(5); Tex. Health & Safety Code § 161.082; 15 U.S.C. § 376a', '{"kind": "age-check"}'),
    ('TASK_OVER_CARRY_LIMIT',
      'With what the driver holds, it is more units or value than one driver may carry, or from a second store.',
      'CloudRun product rule', '{"kind": "possession", "oneStoreAtATime": true}');
end $$;

-- Gives a region the starting rules that it never had; what was changed or ended stays as it is.
create function add_starting_rules(p_region_id text) returns void
language plpgsql as $$
begin
  insert into rules (region_id, code, valid_from, scope, sentence, predicate, source, put_by)
  select p_region_id, starting.code, '2000-01-01Z', rule_scope(starting.predicate ->> 'kind'), starting.sentence,
    starting.predicate, starting.source, 'CloudRun'
  from starting_rules() starting
  where not exists (select from rules rule where rule.region_id = p_region_id and rule.code = starting.code);
end $$;

select add_starting_rules(region.region_id) from regions region;
