-- Changes of drivers and their documents.

-- Creates or replaces drivers of one region, given as a JSON array of DriverProfile (src/domain/driver.ts), ids
-- distinct. Returns the ids refused because the driver has more work in hand than the capacity asked for.
-- Concurrency: drivers are written in id order.
create function upsert_drivers(p_region_id text, p_profiles jsonb, p_now timestamptz default dispatch_now())
returns table (refused_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
  v_written_ids uuid[];
begin
  with written_drivers as (
    insert into drivers as driver (region_id, id, name, born_on, opted_in, capacity, shift_on, changed_at)
    select p_region_id, given.id, given.name, given."bornOn", given."optedIn", given.capacity, given."shiftOn", p_now
    from jsonb_to_recordset(p_profiles) as given (
      id uuid, name text, "bornOn" date, "optedIn" boolean, capacity int, "shiftOn" boolean)
    order by given.id
    on conflict (region_id, id) do update
    set name = excluded.name, born_on = excluded.born_on, opted_in = excluded.opted_in, capacity = excluded.capacity,
      shift_on = excluded.shift_on, left_at = null, changed_at = excluded.changed_at,
      compliance_version = driver.compliance_version + ((driver.born_on, driver.opted_in) is distinct from
        (excluded.born_on, excluded.opted_in))::int
    where excluded.capacity >= driver.open_offers + driver.active_tasks
    returning driver.id
  )
  select array_agg(id) into v_written_ids from written_drivers;
  perform append_periods(p_region_id, v_written_ids, p_now);
  return query
  select given.id from jsonb_to_recordset(p_profiles) as given (id uuid)
  where (given.id = any (v_written_ids)) is not true;
end $$;

-- Takes drivers without open work out of a region, for another one. Returns the ids refused because they have some.
-- Concurrency: locks the drivers in id order, then writes those that are free.
create function leave_region(p_region_id text, p_driver_ids uuid[], p_now timestamptz default dispatch_now())
returns table (refused_id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  perform from drivers driver
  where driver.region_id = p_region_id and driver.id = any (p_driver_ids)
  order by driver.id for no key update;
  update drivers driver set shift_on = false, left_at = p_now, changed_at = p_now
  where driver.region_id = p_region_id and driver.id = any (p_driver_ids)
    and driver.open_offers + driver.active_tasks = 0;
  perform append_periods(p_region_id, p_driver_ids, p_now);
  return query
  select driver.id from drivers driver
  where driver.region_id = p_region_id and driver.id = any (p_driver_ids) and driver.left_at is null;
end $$;

-- Records documents of one region's drivers, given as a JSON array of DriverDocument (src/domain/driver.ts), distinct
-- by driver, kind and validFromMs. A revoked one revokes all of its kind that were checked no later than it was. Returns
-- the ids of drivers that do not exist; their documents are left out.
-- Concurrency: bumps the drivers first, in id order, so that a commit that read their documents ends before.
create function put_documents(p_region_id text, p_documents jsonb)
returns table (unknown_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
  v_known_ids uuid[];
begin
  select array_agg(id) into v_known_ids
  from (
    select driver.id from drivers driver
    where driver.region_id = p_region_id and driver.id = any (array(
      select given."driverId" from jsonb_to_recordset(p_documents) as given ("driverId" uuid)))
    order by driver.id for no key update
  ) locked_drivers;
  update drivers driver set compliance_version = driver.compliance_version + 1
  where driver.region_id = p_region_id and driver.id = any (v_known_ids);

  insert into driver_documents (region_id, driver_id, kind, valid_from, valid_until, checked_at, revoked)
  select p_region_id, given."driverId", given.kind, from_epoch_ms(given."validFromMs"),
    from_epoch_ms(given."validUntilMs"), from_epoch_ms(given."checkedAtMs"), given.revoked
  from jsonb_to_recordset(p_documents) as given (
    "driverId" uuid, kind text, "validFromMs" bigint, "validUntilMs" bigint, "checkedAtMs" bigint, revoked boolean)
  where given."driverId" = any (v_known_ids)
  on conflict (region_id, driver_id, kind, valid_from) do update
  set valid_until = excluded.valid_until, checked_at = excluded.checked_at, revoked = excluded.revoked;
  update driver_documents document set revoked = true
  from jsonb_to_recordset(p_documents) as given (
    "driverId" uuid, kind text, "checkedAtMs" bigint, revoked boolean)
  where document.region_id = p_region_id and document.driver_id = given."driverId" and document.kind = given.kind
    and given.revoked and document.checked_at <= from_epoch_ms(given."checkedAtMs");
  return query
  select distinct given."driverId" from jsonb_to_recordset(p_documents) as given ("driverId" uuid)
  where (given."driverId" = any (v_known_ids)) is not true;
end $$;
