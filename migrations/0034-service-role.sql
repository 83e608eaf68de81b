-- The role that a daemon needs, and not more: what is append-only is so because this role cannot do otherwise.
--
-- Schema, regions, providers and tokens are the business of the owner, who migrates; the daemon logs in as a member of
-- cloudrun_service. Rows of the dossier, of offers' logs and of what drivers earned are added, never changed or removed
-- (an offer's log is closed once). Two functions run with the rights of their owner: keep_payload_partitions, and
-- purge_dossiers, which is cloudrun_purge's alone. All others run with the rights of who calls them.

-- Makes and drops tables, which only their owner may. It does nothing else, whatever it is called with, and its search
-- path does not let a temporary table stand in for ours.
alter function keep_payload_partitions(int, timestamptz) security definer;
revoke execute on function keep_payload_partitions(int, timestamptz) from public;
do $$
begin
  execute format('alter function keep_payload_partitions(int, timestamptz) set search_path = %I, pg_temp',
    current_schema());
end $$;

-- Gives the role cloudrun_service what a daemon's statements need, and takes all else from it; false while there is no
-- such role. A migration that adds a table replaces this function and calls it.
create function grant_service() returns boolean
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

  grant select, insert, update on stores, customer_addresses, drivers, driver_positions, driver_documents,
    delivery_tasks, tick_commits to cloudrun_service;
  grant select, insert, update (state, closed_at) on offers to cloudrun_service;
  grant select, insert, update (outcome, outcome_at, outcome_reason) on offer_logs to cloudrun_service;
  grant select, insert on driver_periods, dossier_events, ticks, tick_payloads to cloudrun_service;

  grant select, insert, update, delete on idempotency_keys, webhook_endpoints, webhook_deliveries, provider_events
    to cloudrun_service;
  return true;
end $$;

-- Roles belong to the whole server, and who migrates need not be allowed to make one: then an administrator does, and
-- the owner calls grant_service().
do $$
begin
  create role cloudrun_service nologin;
exception when duplicate_object or unique_violation or insufficient_privilege then
  null;
end $$;
select grant_service();
