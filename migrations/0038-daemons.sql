-- Daemons know of each other, so that they can share the regions; and a claim waits for nobody.

-- Daemons that live, each by a lease on its own name: who has not said so again by expires_at is dead to the others.
-- No dispatch is decided by it, and no region stands in its key: on Citus it is copied to every node.
create table daemons (
  -- Host and a mark of the process.
  owner text primary key,
  -- What it can dispatch: the regions whose graphs it has opened.
  region_ids text[] not null,
  -- In real time, by Postgres alone.
  expires_at timestamptz not null
);

-- Claims a region for an owner, or renews its claim. Returns one row: 'held' and the fence, which grows only when the
-- owner changes; or 'taken', by whom (null: nobody) and for how many more milliseconds.
-- Concurrency: waits for nobody. Whoever decides for the region holds the row FOR SHARE: a renewal then answers what
-- stands, to be tried again, and nobody can take the region over. Time is clock_timestamp(), read after the lock.
create or replace function claim_lease(p_region_id text, p_owner text, p_ttl_ms int)
returns table (kind text, owner text, fence bigint, expires_in_ms int)
language plpgsql as $$
#variable_conflict use_column
declare
  v_ttl interval := make_interval(secs => p_ttl_ms / 1000.0);
  v_owner text;
  v_fence bigint;
  v_expires_at timestamptz;
begin
  perform from region_leases lease where lease.region_id = p_region_id
  for no key update skip locked;
  if found then
    update region_leases lease
    set owner = p_owner, fence = lease.fence + (lease.owner is distinct from p_owner)::int,
      expires_at = clock_timestamp() + v_ttl
    where lease.region_id = p_region_id and (lease.owner = p_owner or lease.expires_at <= clock_timestamp())
    returning lease.fence into v_fence;
  else
    -- Either somebody holds the row, or there is none yet.
    insert into region_leases (region_id, owner, fence, expires_at)
    values (p_region_id, p_owner, 1, clock_timestamp() + v_ttl)
    on conflict do nothing
    returning region_leases.fence into v_fence;
  end if;
  if v_fence is not null then
    return query select 'held', p_owner, v_fence, p_ttl_ms;
    return;
  end if;
  select lease.owner, lease.fence, lease.expires_at into v_owner, v_fence, v_expires_at
  from region_leases lease where lease.region_id = p_region_id;
  return query
  select case when v_owner = p_owner and v_expires_at > clock_timestamp() then 'held' else 'taken' end,
    v_owner, v_fence, greatest(0, date_part('epoch', v_expires_at - clock_timestamp()) * 1000)::int;
end $$;

-- What a daemon's statements need, the table of daemons included; see 0034-service-role.sql.
create or replace function grant_service() returns boolean
language plpgsql as $$
begin
  if to_regrole('cloudrun_service') is null then
    return false;
  end if;
  execute format('revoke all on all tables in schema %I from cloudrun_service', current_schema());
  execute format('grant usage on schema %I to cloudrun_service', current_schema());
  grant execute on function keep_payload_partitions(int, timestamptz) to cloudrun_service;

  grant select on schema_migrations, dispatch_clock, region_weights, api_tokens, providers, dossier_tombstones,
    driver_rows, task_rows, offer_rows, store_rows, address_rows, tick_rows to cloudrun_service;
  -- Locks regions for share, which wants a right to update.
  grant select, update (compliance_version) on regions to cloudrun_service;
  grant select, insert, update on region_leases to cloudrun_service;
  -- A version of a rule, and a switch, are ended; nothing else of them changes.
  grant select, insert, update (valid_until, ended_by) on rules to cloudrun_service;
  grant select, insert, update (until, cleared_by, cleared_reason) on kill_switches to cloudrun_service;
  grant select, insert, delete on speed_epochs, api_sessions to cloudrun_service;
  grant select, insert, update, delete on daemons to cloudrun_service;

  grant select, insert, update on stores, customer_addresses, drivers, driver_positions, driver_documents,
    delivery_tasks, tick_commits to cloudrun_service;
  grant select, insert, update (state, closed_at) on offers to cloudrun_service;
  grant select, insert, update (outcome, outcome_at, outcome_reason) on offer_logs to cloudrun_service;
  grant select, insert on driver_periods, dossier_events, ticks, tick_payloads to cloudrun_service;

  grant select, insert, update, delete on idempotency_keys, webhook_endpoints, webhook_deliveries, provider_events
    to cloudrun_service;
  return true;
end $$;
select grant_service();
