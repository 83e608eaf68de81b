-- What is learned of promises, hour by hour and place by place, and whether a region goes by it.

update regions set settings = settings || '{"etaCorrection": 0}' where not settings ? 'etaCorrection';

-- How much later than by road goods are picked up and handed over. Learned anew from the deliveries of the last weeks:
-- it can be lost and comes back.
create table eta_corrections (
  region_id text not null references regions,
  -- Of the offer, local.
  hour smallint not null check (hour between 0 and 23),
  leg text not null check (leg in ('pickup', 'drop')),
  -- H3: of the store for pick-ups, of the customer for drops; '' stands for every place.
  cell text not null check (cell ~ '^[0-9a-f]{0,15}$'),
  deliveries int not null check (deliveries >= 0),
  -- At 10, 30, 50, 70 and 90 %, ascending.
  quantiles_ms int[] not null check (cardinality(quantiles_ms) = 5),
  primary key (region_id, hour, leg, cell)
);

-- Replaces what a region has learned. p_rows is an array of EtaCorrection of src/domain/eta-correction.ts. Returns how
-- many rows stand then.
-- Concurrency: one at a time, by the first row, which every learning writes; rows that stay as they are are not
-- written. A tick reads the one or the other whole, and nothing here waits for it or makes it wait.
create function replace_eta_corrections(p_region_id text, p_rows jsonb) returns int
language plpgsql as $$
begin
  perform from eta_corrections standing
  where standing.region_id = p_region_id
  order by standing.hour, standing.leg, standing.cell
  limit 1 for update;

  insert into eta_corrections as standing (region_id, hour, leg, cell, deliveries, quantiles_ms)
  select p_region_id, given.hour, given.leg, given.cell, given.deliveries, given."quantilesMs"
  from jsonb_to_recordset(p_rows) as given (hour smallint, leg text, cell text, deliveries int, "quantilesMs" int[])
  order by given.hour, given.leg, given.cell
  on conflict (region_id, hour, leg, cell) do update
  set deliveries = excluded.deliveries, quantiles_ms = excluded.quantiles_ms
  where (standing.deliveries, standing.quantiles_ms) is distinct from (excluded.deliveries, excluded.quantiles_ms);

  delete from eta_corrections standing
  where standing.region_id = p_region_id and not exists (
    select from jsonb_to_recordset(p_rows) as given (hour smallint, leg text, cell text)
    where given.hour = standing.hour and given.leg = standing.leg and given.cell = standing.cell);
  return jsonb_array_length(p_rows);
end $$;

-- What a daemon's statements need, what is learned included; see 0034-service-role.sql.
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
  grant select, insert, update, delete on daemons, eta_corrections to cloudrun_service;

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
