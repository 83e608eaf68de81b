-- Events out: the order of the outbox, and webhooks as a second reader of it beside GET /v1/events.

-- append_events as before (0008), with one thing more: an event's place in the outbox.
--
-- A transaction may get its number, wait for a task's lock, and write its event after one with a higher number did. By
-- the numbers alone readers would then see seq 3 before seq 2. So an event takes the higher of its own transaction's
-- number and the one of the event before it: of one task, places never fall. Readers stay right: they stop at
-- pg_snapshot_xmin, and whoever still writes has a number, hence a place, that is not below it.
create or replace function append_events(
  p_region_id text, p_task_ids uuid[], p_kind text, p_actor text, p_details text[], p_now timestamptz,
  out seqs int[], out heads bytea[]
)
language plpgsql as $$
declare
  v_before text := '{"actor":' || to_json(p_actor) || ',"at":"' || dossier_instant(p_now) || '","detail":';
  v_between text := ',"kind":"' || p_kind || '","seq":';
  v_bodies text[];
  v_prev_hashes bytea[];
  v_xids xid8[];
begin
  select array_agg(seq), array_agg(sha256(prev_hash || convert_to(body, 'UTF8'))), array_agg(body),
    array_agg(prev_hash), array_agg(greatest(pg_current_xact_id(), prev_xid))
  into seqs, heads, v_bodies, v_prev_hashes, v_xids
  from (
    select task.dossier_seq + 1 as seq, task.dossier_head as prev_hash, last.xid as prev_xid,
      v_before || event.detail || v_between || task.dossier_seq + 1 || ',"task":"' || task.id || '"}' as body
    from unnest(p_task_ids, p_details) with ordinality as event (task_id, detail, ordinal)
    join delivery_tasks task on task.region_id = p_region_id and task.id = event.task_id
    left join dossier_events last on last.region_id = p_region_id and last.task_id = event.task_id
      and last.seq = task.dossier_seq
    order by event.ordinal
  ) events;
  insert into dossier_events (region_id, task_id, seq, kind, actor, at, body, prev_hash, hash, xid)
  select p_region_id, event.task_id, event.seq, p_kind, p_actor, p_now, event.body, event.prev_hash, event.hash,
    event.xid
  from unnest(p_task_ids, seqs, v_bodies, v_prev_hashes, heads, v_xids)
    as event (task_id, seq, body, prev_hash, hash, xid);
end $$;

-- Webhooks live in the world's time, like leases and unlike everything that dispatch decides: who answers them does.

alter table webhook_endpoints
  drop constraint webhook_endpoints_url_check,
  -- http only for targets that the daemon's configuration lists.
  add check (url ~ '^https?://' and length(url) <= 2000),
  -- While secrets are rotated both sign.
  add column old_secret bytea,
  add column old_secret_until timestamptz,
  add check ((old_secret is null) = (old_secret_until is null)),
  alter column cursor_task_id set default '00000000-0000-0000-0000-000000000000',
  alter column cursor_task_id set not null,
  alter column cursor_seq set default 0,
  alter column cursor_seq set not null;

alter table webhook_deliveries
  -- By it a purge and what hands out its events would wait for each other, or one fail by the other. Who claims a
  -- delivery looks for the event anyway, and invariant_violations.sql holds the rest.
  drop constraint webhook_deliveries_region_id_task_id_seq_fkey,
  add column created_at timestamptz not null default clock_timestamp(),
  add column ended_at timestamptz,
  -- Attempts made before the last replay: the schedule begins anew after it, while the number of an attempt, by which
  -- a late answer is known, never comes twice.
  add column attempts_before int not null default 0,
  add check ((state = 'WAITING') = (ended_at is null)),
  add check (attempts_before between 0 and attempts);
drop index waiting_webhook_deliveries;
create index undelivered_webhook_deliveries on webhook_deliveries (region_id, endpoint_id, due_at, task_id, seq)
  where state <> 'DELIVERED';
create index ended_webhook_deliveries on webhook_deliveries (region_id, ended_at) where ended_at is not null;

-- Hands events that readers may see to the region's endpoints as deliveries, at most p_limit each, and moves their
-- cursors, in one transaction: none is left out and none handed twice. An endpoint has at most p_waiting_limit that
-- wait; what comes then stays in the outbox, so an endpoint that is gone for days costs no more than its cursor. An
-- event that was handed before is met only after a replay moved the cursor back: then it waits once more.
-- Legal holds, whose reasons are in free words, go only where they are asked for by name.
-- Returns a row for each endpoint whose cursor moved: how many events it passed.
-- Concurrency: any number at once; an endpoint that another one serves is left to it. A region with nothing new is
-- only read. Paused endpoints keep their cursor.
create function fan_out_events(p_region_id text, p_limit int, p_waiting_limit int)
returns table (endpoint_id uuid, passed int)
language plpgsql as $$
#variable_conflict use_column
declare
  v_id uuid;
  v_endpoint webhook_endpoints;
  v_room int;
  v_passed int;
  v_last record;
begin
  for v_id in
    select endpoint.id from webhook_endpoints endpoint
    where endpoint.region_id = p_region_id and not endpoint.paused and exists (
      select from dossier_events event
      where event.region_id = p_region_id and event.xid < pg_snapshot_xmin(pg_current_snapshot())
        and (event.xid, event.task_id, event.seq) > (endpoint.cursor_xid, endpoint.cursor_task_id, endpoint.cursor_seq))
    order by endpoint.id
  loop
    select * into v_endpoint from webhook_endpoints endpoint
    where endpoint.region_id = p_region_id and endpoint.id = v_id and not endpoint.paused
    for no key update skip locked;
    continue when not found;
    select p_waiting_limit - count(*) into v_room from (
      select from webhook_deliveries delivery
      where delivery.region_id = p_region_id and delivery.endpoint_id = v_id and delivery.state = 'WAITING'
      limit p_waiting_limit
    ) waiting;
    continue when v_room <= 0;
    select count(*) over () as passed, page.* into v_last from (
      select event.xid, event.task_id, event.seq from dossier_events event
      where event.region_id = p_region_id and event.xid < pg_snapshot_xmin(pg_current_snapshot())
        and (event.xid, event.task_id, event.seq) >
          (v_endpoint.cursor_xid, v_endpoint.cursor_task_id, v_endpoint.cursor_seq)
      order by event.xid, event.task_id, event.seq
      limit least(p_limit, v_room)
    ) page
    order by page.xid desc, page.task_id desc, page.seq desc
    limit 1;
    continue when not found;
    insert into webhook_deliveries as delivery (region_id, endpoint_id, task_id, seq, due_at)
    select p_region_id, v_id, event.task_id, event.seq, clock_timestamp()
    from dossier_events event
    where event.region_id = p_region_id
      and (event.xid, event.task_id, event.seq) >
        (v_endpoint.cursor_xid, v_endpoint.cursor_task_id, v_endpoint.cursor_seq)
      and (event.xid, event.task_id, event.seq) <= (v_last.xid, v_last.task_id, v_last.seq)
      and case when v_endpoint.kinds is null then event.kind not in ('hold-set', 'hold-lifted')
        else event.kind = any (v_endpoint.kinds) end
    order by event.xid, event.task_id, event.seq
    on conflict (region_id, endpoint_id, task_id, seq) do update
    set state = 'WAITING', due_at = excluded.due_at, ended_at = null, last_error = null,
      created_at = excluded.created_at, attempts_before = delivery.attempts
    where delivery.state <> 'WAITING';
    update webhook_endpoints endpoint
    set cursor_xid = v_last.xid, cursor_task_id = v_last.task_id, cursor_seq = v_last.seq
    where endpoint.region_id = p_region_id and endpoint.id = v_id;
    endpoint_id := v_id;
    passed := v_last.passed;
    return next;
  end loop;
end $$;

-- Claims at most p_limit deliveries of an endpoint that are due, for p_lease_ms: who claimed and died is followed by
-- another when that has passed. Of one task only the earliest that waits may be claimed, so that they go in order.
-- Returns what is to be sent, where to, and under which secrets. What was handed out while its task was purged is due
-- like any other, and forgotten instead.
-- Concurrency: any number at once; rows that others claim are skipped, and a claimed one still waits, so that those
-- behind it stay where they are.
create function claim_deliveries(p_region_id text, p_endpoint_id uuid, p_limit int, p_lease_ms int)
returns table (task_id uuid, seq int, attempt int, tries int, hash text, body text, url text, secret bytea,
  old_secret bytea)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz := clock_timestamp();
begin
  return query
  with due as materialized (
    select delivery.task_id, delivery.seq from webhook_deliveries delivery
    where delivery.region_id = p_region_id and delivery.endpoint_id = p_endpoint_id and delivery.state = 'WAITING'
      and delivery.due_at <= v_now
      and not exists (
        select from webhook_deliveries earlier
        where earlier.region_id = p_region_id and earlier.endpoint_id = p_endpoint_id
          and earlier.task_id = delivery.task_id and earlier.seq < delivery.seq and earlier.state = 'WAITING')
      and exists (
        select from webhook_endpoints endpoint
        where endpoint.region_id = p_region_id and endpoint.id = p_endpoint_id and not endpoint.paused)
    order by delivery.due_at, delivery.task_id, delivery.seq
    limit p_limit
    for no key update of delivery skip locked
  ), events as materialized (
    select due.task_id, due.seq, event.hash, event.body from due
    left join dossier_events event on event.region_id = p_region_id and event.task_id = due.task_id
      and event.seq = due.seq
  ), purged as (
    delete from webhook_deliveries delivery
    using events
    where events.body is null and delivery.region_id = p_region_id and delivery.endpoint_id = p_endpoint_id
      and delivery.task_id = events.task_id and delivery.seq = events.seq
  ), claimed as (
    update webhook_deliveries delivery
    set attempts = delivery.attempts + 1, due_at = v_now + make_interval(secs => p_lease_ms / 1000.0)
    from events
    where events.body is not null and delivery.region_id = p_region_id and delivery.endpoint_id = p_endpoint_id
      and delivery.task_id = events.task_id and delivery.seq = events.seq
    returning delivery.*, events.hash, events.body
  )
  select claimed.task_id, claimed.seq, claimed.attempts, claimed.attempts - claimed.attempts_before,
    encode(claimed.hash, 'hex'), claimed.body, endpoint.url, endpoint.secret,
    case when endpoint.old_secret_until > v_now then endpoint.old_secret end
  from claimed
  join webhook_endpoints endpoint on endpoint.region_id = p_region_id and endpoint.id = p_endpoint_id;
end $$;

-- Forgets an endpoint, its deliveries with it. Returns a row if there was one.
-- Concurrency: locks the endpoint, so that nothing is handed to it meanwhile.
create function delete_webhook_endpoint(p_region_id text, p_endpoint_id uuid)
returns table (id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  perform from webhook_endpoints endpoint
  where endpoint.region_id = p_region_id and endpoint.id = p_endpoint_id for update;
  delete from webhook_deliveries delivery
  where delivery.region_id = p_region_id and delivery.endpoint_id = p_endpoint_id;
  return query
  delete from webhook_endpoints endpoint
  where endpoint.region_id = p_region_id and endpoint.id = p_endpoint_id
  returning endpoint.id;
end $$;
