-- Changes of regions, kill switches, leases and stores.

-- Creates a region or replaces its settings. Returns 'done', 'TIME_ZONE_UNKNOWN', or 'WEIGHTS_CHANGED' when this
-- version of the weights exists with other values.
-- Concurrency: the region's row is written first, so a commit that reads the settings ends before or starts after.
create function put_region(
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
  return 'done';
end $$;

-- Switches a category ('*': the region) off, or on again; a switch that stands so already stays as it is. False when
-- the region is unknown.
-- Concurrency: the region's row is written first; a commit that holds it ends before the switch takes effect.
create function set_kill_switch(
  p_region_id text, p_category text, p_on boolean, p_reason text, p_now timestamptz default dispatch_now()
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
    update kill_switches switch set until = greatest(p_now, switch.since)
    where switch.region_id = p_region_id and switch.category = p_category and switch.until is null;
    return true;
  end if;
  insert into kill_switches (region_id, category, seq, since, reason)
  select p_region_id, p_category, coalesce(max(switch.seq), 0) + 1, p_now, p_reason
  from kill_switches switch where switch.region_id = p_region_id and switch.category = p_category
  having coalesce(bool_and(switch.until is not null), true);
  return true;
end $$;

-- Claims a region for an owner, or renews its claim. Returns one row: 'held' and the fence, which grows only when the
-- owner changes; or 'taken', by whom and for how many more milliseconds.
-- Concurrency: a renewal waits for decisions under way, a takeover does not: while one holds the row, the lease is
-- taken. Time is clock_timestamp(), read after the wait.
create function claim_lease(p_region_id text, p_owner text, p_ttl_ms int)
returns table (kind text, owner text, fence bigint, expires_in_ms int)
language plpgsql as $$
#variable_conflict use_column
declare
  v_ttl interval := make_interval(secs => p_ttl_ms / 1000.0);
  v_fence bigint;
begin
  update region_leases lease set expires_at = clock_timestamp() + v_ttl
  where lease.region_id = p_region_id and lease.owner = p_owner
  returning lease.fence into v_fence;
  if v_fence is null then
    insert into region_leases (region_id, owner, fence, expires_at)
    values (p_region_id, p_owner, 1, clock_timestamp() + v_ttl)
    on conflict do nothing
    returning region_leases.fence into v_fence;
  end if;
  if v_fence is null then
    perform from region_leases lease
    where lease.region_id = p_region_id and lease.expires_at <= clock_timestamp()
    for no key update skip locked;
    if found then
      update region_leases lease set owner = p_owner, fence = lease.fence + 1, expires_at = clock_timestamp() + v_ttl
      where lease.region_id = p_region_id
      returning lease.fence into v_fence;
    end if;
  end if;
  if v_fence is not null then
    return query select 'held', p_owner, v_fence, p_ttl_ms;
    return;
  end if;
  return query
  select 'taken', lease.owner, lease.fence,
    greatest(0, date_part('epoch', lease.expires_at - clock_timestamp()) * 1000)::int
  from region_leases lease where lease.region_id = p_region_id;
end $$;

-- Creates or replaces stores of one region, given as a JSON array of Store (src/domain/store.ts), ids distinct. False
-- when the region is unknown.
-- Concurrency: the region's row is written first: permits and hours are rules of its commits.
create function upsert_stores(p_region_id text, p_stores jsonb, p_now timestamptz default dispatch_now())
returns boolean
language plpgsql as $$
begin
  update regions region set compliance_version = region.compliance_version + 1
  where region.region_id = p_region_id;
  if not found then
    return false;
  end if;
  insert into stores (region_id, id, name, lat_e7, lon_e7, hours, permit_until, changed_at)
  select p_region_id, given.id, given.name, given."latE7", given."lonE7", nullif(given.hours, 'null'),
    from_epoch_ms(given."permitUntilMs"), p_now
  from jsonb_to_recordset(p_stores) as given (
    id uuid, name text, "latE7" int, "lonE7" int, hours jsonb, "permitUntilMs" bigint)
  order by given.id
  on conflict (region_id, id) do update
  set name = excluded.name, lat_e7 = excluded.lat_e7, lon_e7 = excluded.lon_e7, hours = excluded.hours,
    permit_until = excluded.permit_until, changed_at = excluded.changed_at;
  return true;
end $$;
