-- How long ended tasks are kept, and what remains of those that were purged.

-- Five years, leap days included, where nothing was set.
update regions set settings = settings || '{"retentionDays": 1826}' where not settings ? 'retentionDays';
alter table regions add constraint retention_is_set check ((settings ->> 'retentionDays')::int > 0);

-- How long a region keeps ended tasks.
create function retention_of(p_settings jsonb) returns interval
language plpgsql immutable strict parallel safe as $$
begin
  return make_interval(secs => (p_settings ->> 'retentionDays')::int * 86400.0);
end $$;

-- What remains of a purged task: the number and the hash of its last event, so that digests of all heads stand.
create table dossier_tombstones (
  region_id text not null references regions,
  task_id uuid not null,
  last_seq int not null check (last_seq > 0),
  last_hash bytea not null check (length(last_hash) = 32),
  -- Of the last event.
  last_xid xid8 not null,
  -- When the task had ended, and how long the region kept such tasks then: what allowed the purge.
  closed_at timestamptz not null,
  retention interval not null,
  purged_at timestamptz not null,
  -- Of the purge.
  purged_xid xid8 not null default pg_current_xact_id(),
  primary key (region_id, task_id)
);

-- Removing a task would look for its offers row by row: there is no index by task, as it would be one more to write at
-- each commit. As with logs and events, invariant_violations.sql holds it instead.
alter table offers drop constraint offers_region_id_task_id_fkey;

-- Whether the chain of a task that has ended is unbroken from its first event to the hash that the task holds, and the
-- task stands as its events left it: ended by the last change, when that was, on legal hold or not by the last hold.
create function is_dossier_intact(p_task delivery_tasks) returns boolean
language plpgsql stable as $$
begin
  return (
    select count(*) = p_task.dossier_seq and bool_and(
      seq = ordinal and prev_hash = hash_before and hash = sha256(prev_hash || convert_to(body, 'UTF8'))
      and (seq < p_task.dossier_seq or hash = p_task.dossier_head)
      and (body::jsonb ->> 'task', body::jsonb ->> 'kind', body::jsonb ->> 'actor', body::jsonb ->> 'at',
        body::jsonb ->> 'seq') = (p_task.id::text, kind, actor, dossier_instant(at), seq::text))
      and coalesce((array_agg(kind order by seq desc) filter (where is_hold))[1] = 'hold-set', false)
        = p_task.legal_hold
      and (array_agg(kind order by seq desc) filter (where not is_hold))[1] = lower(p_task.status)
      and (array_agg(at order by seq desc) filter (where not is_hold))[1] = p_task.closed_at
    from (
      select event.*, event.kind in ('hold-set', 'hold-lifted') as is_hold, row_number() over by_seq as ordinal,
        lag(event.hash, 1, decode(repeat('00', 32), 'hex')) over by_seq as hash_before
      from dossier_events event where event.region_id = p_task.region_id and event.task_id = p_task.id
      window by_seq as (order by event.seq)
    ) events
  );
exception when data_exception then
  return false;
end $$;

-- Removes at most p_limit tasks that ended longer ago than the region keeps them, those that ended first, each with its
-- offers, their logs, its events and what was to be delivered of these, and leaves a tombstone. Not removed: what is on
-- legal hold, and what is damaged or has a tombstone already, since that is evidence. Returns how many tasks and
-- events, and the last task that was found: give it as p_after_ms and p_after_id to go on behind
-- it, so that what stays is not read once for each batch.
-- Concurrency: any number at once, and beside everything else: finds tasks without a lock, locks them SKIP LOCKED in id
-- order, then looks at them again in a later statement; a hold that was set meanwhile counts.
-- Rights: runs as its owner, so that no role needs the right to delete, and whoever may call it can do just this. So
-- the instant is no parameter, and the search path (below) does not let a temporary table stand in for ours.
create function purge_dossiers(
  p_region_id text, p_limit int, p_after_ms bigint, p_after_id uuid,
  out tasks int, out events int, out last_ms bigint, out last_id uuid
)
language plpgsql security definer as $$
declare
  v_now timestamptz := dispatch_now();
  v_ended_before timestamptz;
  v_retention interval;
  v_found_ids uuid[];
  v_locked_ids uuid[];
  v_ids uuid[];
begin
  select v_now - retention_of(region.settings), retention_of(region.settings) into v_ended_before, v_retention
  from regions region where region.region_id = p_region_id;
  v_found_ids := array(
    select task.id from delivery_tasks task
    where task.region_id = p_region_id and task.closed_at < v_ended_before and not task.legal_hold
      and task.closed_at >= coalesce(from_epoch_ms(p_after_ms), '-infinity')
      and (p_after_id is null or (task.closed_at, task.id) > (from_epoch_ms(p_after_ms), p_after_id))
      and is_dossier_intact(task)
    order by task.closed_at, task.id limit p_limit);
  select epoch_ms(task.closed_at), task.id into last_ms, last_id
  from delivery_tasks task
  where task.region_id = p_region_id and task.id = v_found_ids[cardinality(v_found_ids)];
  v_locked_ids := array(
    select task.id from delivery_tasks task
    where task.region_id = p_region_id and task.id = any (v_found_ids)
    order by task.id for update skip locked);
  v_ids := array(
    select task.id from delivery_tasks task
    where task.region_id = p_region_id and task.id = any (v_locked_ids) and task.closed_at < v_ended_before
      and not task.legal_hold
    order by task.id);

  with left_tombstones as (
    insert into dossier_tombstones (region_id, task_id, last_seq, last_hash, last_xid, closed_at, retention, purged_at)
    select p_region_id, task.id, task.dossier_seq, task.dossier_head, event.xid, task.closed_at, v_retention, v_now
    from delivery_tasks task
    join dossier_events event on event.region_id = p_region_id and event.task_id = task.id
      and event.seq = task.dossier_seq
    where task.region_id = p_region_id and task.id = any (v_ids)
    on conflict do nothing
    returning task_id
  )
  select array_agg(task_id) into v_ids from left_tombstones;

  delete from webhook_deliveries delivery
  where delivery.region_id = p_region_id and delivery.task_id = any (v_ids) and delivery.endpoint_id in (
    select endpoint.id from webhook_endpoints endpoint where endpoint.region_id = p_region_id);
  delete from offers offer
  where offer.region_id = p_region_id and offer.id = any (array(
    select log.offer_id from offer_logs log where log.region_id = p_region_id and log.task_id = any (v_ids)));
  delete from offer_logs log where log.region_id = p_region_id and log.task_id = any (v_ids);
  delete from dossier_events event where event.region_id = p_region_id and event.task_id = any (v_ids);
  get diagnostics events = row_count;
  delete from delivery_tasks task where task.region_id = p_region_id and task.id = any (v_ids);
  get diagnostics tasks = row_count;
end $$;

-- What has ended longer ago than the region keeps it: tasks and their events, and beside them tasks on legal hold.
create function purgeable_dossiers(p_region_id text, out tasks int, out events bigint, out held int)
language plpgsql stable as $$
begin
  select count(*) filter (where not task.legal_hold),
    coalesce(sum(task.dossier_seq) filter (where not task.legal_hold), 0),
    count(*) filter (where task.legal_hold)
  into tasks, events, held
  from regions region
  join delivery_tasks task on task.region_id = region.region_id
    and task.closed_at < dispatch_now() - retention_of(region.settings)
  where region.region_id = p_region_id;
end $$;

do $$
begin
  execute format('alter function purge_dossiers set search_path = %I, pg_temp', current_schema());
end $$;
revoke execute on function purge_dossiers from public;

-- Gives the role cloudrun_purge what a purge needs, and nothing else. Does nothing while the role does not exist.
create function grant_purge() returns boolean
language plpgsql as $$
begin
  if to_regrole('cloudrun_purge') is null then
    return false;
  end if;
  grant execute on function purge_dossiers to cloudrun_purge;
  grant select on regions, region_weights, dispatch_clock to cloudrun_purge;
  grant select (region_id, closed_at, legal_hold, dossier_seq) on delivery_tasks to cloudrun_purge;
  return true;
end $$;

-- Roles belong to the whole server, and who migrates need not be allowed to make one: then an administrator does, and
-- calls grant_purge().
do $$
begin
  create role cloudrun_purge nologin;
exception when duplicate_object or unique_violation or insufficient_privilege then
  null;
end $$;
select grant_purge();

-- The daemon reads tombstones, and writes none.
do $$
begin
  if to_regrole('cloudrun_service') is not null then
    grant select on dossier_tombstones to cloudrun_service;
  end if;
end $$;
