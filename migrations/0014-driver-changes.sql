-- Changes of drivers and their documents.

-- Creates or replaces drivers of one region, given as a JSON array of DriverProfile (src/domain/driver.ts), ids
-- distinct. All are written, or none: then it returns those with more work in hand than the capacity asked for.
-- Concurrency: locks the drivers that exist in id order, and inserts the others in id order.
create function upsert_drivers(p_region_id text, p_profiles jsonb, p_now timestamptz default dispatch_now())
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
  insert into drivers as driver (region_id, id, name, born_on, opted_in, capacity, shift_on, changed_at)
  select p_region_id, given.id, given.name, given."bornOn", given."optedIn", given.capacity, given."shiftOn", p_now
  from jsonb_to_recordset(p_profiles) as given (
    id uuid, name text, "bornOn" date, "optedIn" boolean, capacity int, "shiftOn" boolean)
  order by given.id
  on conflict (region_id, id) do update
  set name = excluded.name, born_on = excluded.born_on, opted_in = excluded.opted_in, capacity = excluded.capacity,
    shift_on = excluded.shift_on, left_at = null, changed_at = excluded.changed_at,
    compliance_version = driver.compliance_version + ((driver.born_on, driver.opted_in) is distinct from
      (excluded.born_on, excluded.opted_in))::int;
  perform append_periods(p_region_id, v_ids, p_now);
end $$;

-- Takes drivers out of a region, for another one. All leave, or none: then it returns those with open work.
-- Concurrency: locks the drivers in id order.
create function leave_region(p_region_id text, p_driver_ids uuid[], p_now timestamptz default dispatch_now())
returns table (refused_id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  perform from drivers driver where driver.region_id = p_region_id and driver.id = any (p_driver_ids)
  order by driver.id for no key update;
  return query
  select driver.id from drivers driver
  where driver.region_id = p_region_id and driver.id = any (p_driver_ids)
    and driver.open_offers + driver.active_tasks > 0;
  if found then
    return;
  end if;
  update drivers driver set shift_on = false, left_at = p_now, changed_at = p_now
  where driver.region_id = p_region_id and driver.id = any (p_driver_ids);
  perform append_periods(p_region_id, p_driver_ids, p_now);
end $$;

-- Records documents of one region's drivers, given as a JSON array of DriverDocument (src/domain/driver.ts), distinct
-- by driver, kind and validFromMs. A revoked one revokes all of its kind that were checked no later than it was. All
-- are written, or none: then it returns the drivers that do not exist.
-- Concurrency: bumps the drivers first, in id order, so that a commit that read their documents ends before.
create function put_documents(p_region_id text, p_documents jsonb)
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
  insert into driver_documents (region_id, driver_id, kind, valid_from, valid_until, checked_at, revoked)
  select p_region_id, given."driverId", given.kind, from_epoch_ms(given."validFromMs"),
    from_epoch_ms(given."validUntilMs"), from_epoch_ms(given."checkedAtMs"), given.revoked
  from jsonb_to_recordset(p_documents) as given (
    "driverId" uuid, kind text, "validFromMs" bigint, "validUntilMs" bigint, "checkedAtMs" bigint, revoked boolean)
  on conflict (region_id, driver_id, kind, valid_from) do update
  set valid_until = excluded.valid_until, checked_at = excluded.checked_at, revoked = excluded.revoked;
  update driver_documents document set revoked = true
  from jsonb_to_recordset(p_documents) as given (
    "driverId" uuid, kind text, "checkedAtMs" bigint, revoked boolean)
  where document.region_id = p_region_id and document.driver_id = given."driverId" and document.kind = given.kind
    and given.revoked and document.checked_at <= from_epoch_ms(given."checkedAtMs");
end $$;
