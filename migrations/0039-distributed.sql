-- Ready for a distributed Postgres: on a cluster of Citus every table with a region is distributed by it.

-- A provider tells of a driver, who may stand in several regions, or have: this one function asks all regions. It then
-- locks and changes each by itself, as a cluster can lock rows of one region at a time only.
create or replace function receive_provider_event(
  p_region_id text, p_provider text, p_event_id text, p_payload_hash bytea, p_document jsonb, p_reason text,
  p_now timestamptz default dispatch_now()
)
returns table (outcome text, reason text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_driver_id uuid := (p_document ->> 'driverId')::uuid;
  v_kind text := p_document ->> 'kind';
  v_checked_at timestamptz := from_epoch_ms((p_document ->> 'checkedAtMs')::bigint);
  v_revokes boolean := (p_document ->> 'revoked')::boolean;
  v_outcome text := 'recorded';
  v_reason text := p_reason;
  v_region record;
  v_left_at timestamptz;
  v_known provider_events;
begin
  insert into provider_events (region_id, provider, event_id, received_at, payload_hash, payload, unmapped_reason)
  values (p_region_id, p_provider, p_event_id, p_now, p_payload_hash, coalesce(p_document, '{}'),
    coalesce(p_reason, 'UNFINISHED'))
  on conflict do nothing;
  if not found then
    select * into v_known from provider_events event
    where event.region_id = p_region_id and event.provider = p_provider and event.event_id = p_event_id
    for no key update;
    v_outcome := case when v_known.payload_hash = p_payload_hash then 'repeated' else 'conflict' end;
    if v_outcome = 'conflict' or v_known.unmapped_reason is distinct from 'DRIVER_UNKNOWN' or p_document is null then
      return query select v_outcome, v_known.unmapped_reason;
      return;
    end if;
  end if;
  if v_reason is null then
    v_reason := 'DRIVER_UNKNOWN';
    for v_region in
      select driver.region_id as id from drivers driver
      where driver.id = v_driver_id
      order by driver.region_id
    loop
      select driver.left_at into v_left_at from drivers driver
      where driver.region_id = v_region.id and driver.id = v_driver_id and (driver.left_at is null or v_revokes)
      for no key update;
      continue when not found;
      perform from driver_documents document
      where document.region_id = v_region.id and document.driver_id = v_driver_id and document.kind = v_kind
        and (document.checked_at > v_checked_at
            and (document.revoked or document.valid_from = from_epoch_ms((p_document ->> 'validFromMs')::bigint))
          or document.checked_at = v_checked_at and document.revoked and not v_revokes);
      if not found then
        perform put_documents(v_region.id, jsonb_build_array(p_document));
        v_reason := case when v_left_at is null then 'PUT' else v_reason end;
      elsif v_left_at is null and v_reason <> 'PUT' then
        v_reason := 'SUPERSEDED';
      end if;
    end loop;
    v_reason := nullif(v_reason, 'PUT');
  end if;
  if v_reason is null then
    v_outcome := 'recorded';
    update provider_events event set driver_id = v_driver_id, kind = v_kind, unmapped_reason = null
    where event.region_id = p_region_id and event.provider = p_provider and event.event_id = p_event_id;
  elsif v_reason is distinct from p_reason then
    update provider_events event set unmapped_reason = v_reason
    where event.region_id = p_region_id and event.provider = p_provider and event.event_id = p_event_id;
  end if;
  return query select v_outcome, v_reason;
end $$;

-- Opens a session of a token, removes those of it that ended, and of those that stand the oldest beyond the most.
-- Returns one row where the token holds.
-- Concurrency: a token that is revoked or rotated meanwhile takes its sessions with it.
create function open_session(
  p_id uuid, p_token_id uuid, p_token_hash bytea, p_secret_hash bytea, p_lifetime_s int, p_most int
)
returns table (expires_at_ms bigint)
language plpgsql as $$
begin
  delete from api_sessions session
  where session.token_id = p_token_id and (session.expires_at <= clock_timestamp() or session.id in (
    select old.id from api_sessions old where old.token_id = p_token_id
    order by old.created_at desc, old.id desc offset p_most - 1));
  return query
  insert into api_sessions (id, token_id, token_hash, secret_hash, created_at, expires_at)
  select p_id, token.id, p_token_hash, p_secret_hash, clock_timestamp(),
    clock_timestamp() + make_interval(secs => p_lifetime_s)
  from api_tokens token where token.id = p_token_id and secret_holds(token, p_token_hash)
  returning epoch_ms(api_sessions.expires_at);
end $$;

-- Distributes by region what has one, and copies everything else to every node; false where Citus is not. Whoever
-- migrates calls it after the last migration: it does what is not done yet.
--
-- Tables with a region_id are distributed by it and stand together, so that each region is on one node and a call with
-- its p_region_id runs there. Foreign keys are taken away meanwhile and come back: Citus distributes no table that one
-- which is not distributed yet refers to. Views come after the tables, functions after both. Tables without a region
-- (clock, tokens, sessions, epochs, daemons) are read everywhere and written rarely: reference tables. The list of
-- migrations stays where it is.
create function distribute() returns boolean
language plpgsql as $$
declare
  v_found record;
  v_keys text[];
begin
  if to_regproc('create_distributed_table') is null then
    return false;
  end if;
  perform set_config('citus.multi_shard_modify_mode', 'sequential', true);
  select array_agg(format('alter table %s add constraint %I %s', key.conrelid::regclass, key.conname,
    pg_get_constraintdef(key.oid)) order by key.conrelid::regclass::text, key.conname) into v_keys
  from pg_constraint key join pg_class class on class.oid = key.conrelid and not class.relispartition
  where key.contype = 'f' and key.connamespace = current_schema()::regnamespace
    and key.conrelid not in (select logicalrelid from pg_dist_partition);
  for v_found in
    select key.conrelid::regclass as relation, key.conname
    from pg_constraint key join pg_class class on class.oid = key.conrelid and not class.relispartition
    where key.contype = 'f' and key.connamespace = current_schema()::regnamespace
      and key.conrelid not in (select logicalrelid from pg_dist_partition)
  loop
    execute format('alter table %s drop constraint %I', v_found.relation, v_found.conname);
  end loop;
  for v_found in
    select class.oid::regclass as relation, region.attname is not null as has_region
    from pg_class class
    left join pg_attribute region on region.attrelid = class.oid and region.attname = 'region_id'
      and not region.attisdropped
    where class.relnamespace = current_schema()::regnamespace and class.relkind in ('r', 'p')
      and not class.relispartition and class.relname <> 'schema_migrations'
      and class.oid not in (select logicalrelid from pg_dist_partition)
    -- The table that the others stand with is first.
    order by class.relname <> 'regions', class.relname
  loop
    if v_found.has_region then
      execute format('select create_distributed_table(%L, %L, colocate_with => %L)', v_found.relation, 'region_id',
        case when v_found.relation::text = 'regions' then 'none' else 'regions' end);
    else
      execute format('select create_reference_table(%L)', v_found.relation);
    end if;
  end loop;
  for i in 1..coalesce(cardinality(v_keys), 0) loop
    execute v_keys[i];
  end loop;
  for v_found in
    select class.oid::regclass as relation, pg_get_viewdef(class.oid) as definition from pg_class class
    where class.relnamespace = current_schema()::regnamespace and class.relkind = 'v' order by class.oid
  loop
    execute format('create or replace view %s as %s', v_found.relation, v_found.definition);
  end loop;
  for v_found in
    select routine.oid::regprocedure as called,
      -- It asks all regions, so it runs where it is called.
      routine.proargnames[1] = 'p_region_id' and routine.proname <> 'receive_provider_event' as has_region
    from pg_proc routine
    where routine.pronamespace = current_schema()::regnamespace
      and not exists (select from pg_depend owned where owned.objid = routine.oid and owned.deptype = 'e')
    order by routine.oid
  loop
    if v_found.has_region then
      execute format('select create_distributed_function(%L, %L, colocate_with => %L)', v_found.called, 'p_region_id',
        'regions');
    else
      execute format('select create_distributed_function(%L)', v_found.called);
    end if;
  end loop;
  return true;
end $$;
