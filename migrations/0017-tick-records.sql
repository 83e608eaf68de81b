-- The records of ticks, and the hourly partitions of their payloads.

-- Saves the header of a tick (a JSON TickHeader of src/domain/tick-record.ts) and its payload, once. 'saved', or
-- 'fenced' when the lease has passed to another owner, unless this tick's offers were committed before it did: what was
-- decided must have a record. Fails when no partition covers the instant: see keep_payload_partitions.
-- Concurrency: holds the lease FOR SHARE.
create function save_tick(p_region_id text, p_header jsonb, p_payload bytea) returns text
language plpgsql as $$
declare
  v_id uuid := (p_header ->> 'id')::uuid;
  v_at timestamptz := from_epoch_ms((p_header ->> 'atMs')::bigint);
  v_fence bigint := (p_header ->> 'fence')::bigint;
begin
  perform from region_leases lease where lease.region_id = p_region_id and lease.fence = v_fence for share;
  if not found then
    perform from tick_commits done
    where done.region_id = p_region_id and done.tick_id = v_id and done.fence = v_fence;
    if not found then
      return 'fenced';
    end if;
  end if;
  insert into ticks (region_id, id, at, trigger, fence, snapshot_hash, decision_hash, graph, graph_epoch,
    weights_version, code_version, counts, stage_ms, solve)
  values (p_region_id, v_id, v_at, p_header ->> 'trigger', v_fence, p_header ->> 'snapshotHash',
    p_header ->> 'decisionHash', p_header ->> 'graph', (p_header ->> 'graphEpoch')::int,
    (p_header ->> 'weightsVersion')::int, p_header ->> 'codeVersion', p_header -> 'counts', p_header -> 'stageMs',
    p_header -> 'solve')
  on conflict do nothing;
  if found then
    insert into tick_payloads (region_id, tick_id, at, payload) values (p_region_id, v_id, v_at, p_payload);
  end if;
  return 'saved';
end $$;

-- Makes the partitions of the hour of p_now and the next, and drops those that ended p_keep_hours ago or more.
-- Concurrency: one caller at a time; waits at most two seconds for readers and writers of the payloads, then fails
-- with lock_not_available and changes nothing.
create function keep_payload_partitions(p_keep_hours int, p_now timestamptz default dispatch_now()) returns void
language plpgsql set lock_timeout = '2s' as $$
declare
  v_hour timestamptz := date_trunc('hour', p_now, 'UTC');
  v_name text;
begin
  perform pg_advisory_xact_lock(hashtext('keep_payload_partitions'), 0);
  for hours in 0..1 loop
    v_name := payload_partition(v_hour + make_interval(hours => hours));
    if to_regclass(v_name) is null then
      execute format('create table %I partition of tick_payloads for values from (%L) to (%L)', v_name,
        v_hour + make_interval(hours => hours), v_hour + make_interval(hours => hours + 1));
    end if;
  end loop;
  for v_name in
    select child.relname from pg_inherits link join pg_class child on child.oid = link.inhrelid
    where link.inhparent = 'tick_payloads'::regclass
      and child.relname::text < payload_partition(v_hour - make_interval(hours => p_keep_hours))
  loop
    execute format('drop table %I', v_name);
  end loop;
end $$;

-- The name of the partition of an hour; names sort as their hours do.
create function payload_partition(p_hour timestamptz) returns text
language plpgsql stable as $$
begin
  return 'tick_payloads_' || to_char(p_hour at time zone 'UTC', 'YYYYMMDDHH24');
end $$;
