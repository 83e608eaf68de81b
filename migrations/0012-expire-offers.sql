-- expire_offers: the sweeper. Due offers time out, and tasks that can no longer be served fail.

-- Times out at most p_limit due offers, and fails at most p_limit waiting tasks that are past their latest time or were
-- offered as often as the region allows (once the offers that are due are fewer than the limit).
-- Returns one row: how many of each, and the slot that was swept; null when all eight are taken.
--
-- Concurrency: any number at once. Each takes the first free of eight slots and looks at its own stretch of the queue,
-- so that sweepers seldom meet; correctness does not depend on it. Candidates are found without a lock, their tasks
-- locked SKIP LOCKED in id order, then re-checked by a later statement: an offer is open for as long as we hold its
-- task's lock and saw it open under it. Drivers follow, waiting, in id order.
create function expire_offers(p_region_id text, p_limit int, p_now timestamptz default dispatch_now())
returns table (expired int, failed int, slot int)
language plpgsql as $$
declare
  v_slot int;
  v_due_ids uuid[];
  v_late_ids uuid[];
  v_locked_ids uuid[];
  v_attempts_limit float8;
begin
  for candidate in 0..7 loop
    if pg_try_advisory_xact_lock(hashtext('expire_offers ' || p_region_id), candidate) then
      v_slot := candidate;
      exit;
    end if;
  end loop;
  if v_slot is null then
    return query select 0, 0, null::int;
    return;
  end if;
  select (region.settings ->> 'attemptsLimit')::float8 into v_attempts_limit
  from regions region where region.region_id = p_region_id;

  v_due_ids := array(
    select offer.task_id from offers offer
    where offer.region_id = p_region_id and offer.state = 'OPEN' and offer.expires_at <= p_now
    order by offer.expires_at, offer.id
    limit p_limit offset v_slot * p_limit);
  if cardinality(v_due_ids) < p_limit then
    v_late_ids := array(
      select task.id from delivery_tasks task
      where task.region_id = p_region_id and task.status in ('PENDING', 'EXPIRED')
        and (task.latest_at <= p_now or task.attempts >= v_attempts_limit)
      order by task.latest_at, task.id
      limit p_limit offset v_slot * p_limit);
  end if;
  v_locked_ids := array(
    select task.id from delivery_tasks task
    where task.region_id = p_region_id and task.id = any (v_due_ids || v_late_ids)
    order by task.id for no key update skip locked);
  expired := time_out_tasks(p_region_id, v_locked_ids, p_now);
  failed := fail_tasks(p_region_id, v_locked_ids, v_attempts_limit, p_now);
  slot := v_slot;
  return next;
end $$;

-- Times out the open offers of those locked tasks that are still due; returns how many.
create function time_out_tasks(p_region_id text, p_locked_ids uuid[], p_now timestamptz) returns int
language plpgsql as $$
declare
  v_task_ids uuid[];
  v_driver_ids uuid[];
  v_offer_ids uuid[];
  v_details text[];
  v_seqs int[];
  v_heads bytea[];
begin
  select array_agg(task_id), array_agg(driver_id), array_agg(id),
    array_agg('{"driver":"' || driver_id || '","from":"OFFERED","offer":"' || id || '"}')
  into v_task_ids, v_driver_ids, v_offer_ids, v_details
  from (
    select offer.id, offer.task_id, offer.driver_id from offers offer
    where offer.region_id = p_region_id and offer.task_id = any (p_locked_ids) and offer.state = 'OPEN'
      and offer.expires_at <= p_now
    order by offer.id
  ) due_offers;
  if v_offer_ids is null then
    return 0;
  end if;
  perform from drivers driver
  where driver.region_id = p_region_id and driver.id = any (v_driver_ids)
  order by driver.id for no key update;

  select events.seqs, events.heads into v_seqs, v_heads
  from append_events(p_region_id, v_task_ids, 'timed-out', 'dispatch', v_details, p_now) events;
  update delivery_tasks task
  set status = 'EXPIRED', driver_id = null, offer_id = null, offer_expires_at = null,
    dossier_seq = timed_out.seq, dossier_head = timed_out.head, changed_at = p_now
  from unnest(v_task_ids, v_seqs, v_heads) as timed_out (task_id, seq, head)
  where task.region_id = p_region_id and task.id = timed_out.task_id;
  perform change_load(p_region_id, v_driver_ids, 'OFFERED', 'EXPIRED', p_now);
  perform close_offers(p_region_id, v_offer_ids, 'TIMEOUT', null, p_now);
  return cardinality(v_offer_ids);
end $$;

-- Fails those locked tasks that wait and can no longer be served; returns how many.
create function fail_tasks(p_region_id text, p_locked_ids uuid[], p_attempts_limit float8, p_now timestamptz)
returns int
language plpgsql as $$
declare
  v_task_ids uuid[];
  v_details text[];
  v_seqs int[];
  v_heads bytea[];
begin
  select array_agg(id), array_agg('{"from":"' || status || '","reason":"'
    || case when latest_at <= p_now then 'TASK_LATE' else 'TASK_ATTEMPTS' end || '"}')
  into v_task_ids, v_details
  from (
    select task.id, task.status, task.latest_at from delivery_tasks task
    where task.region_id = p_region_id and task.id = any (p_locked_ids) and task.status in ('PENDING', 'EXPIRED')
      and (task.latest_at <= p_now or task.attempts >= p_attempts_limit)
    order by task.id
  ) late_tasks;
  if v_task_ids is null then
    return 0;
  end if;
  select events.seqs, events.heads into v_seqs, v_heads
  from append_events(p_region_id, v_task_ids, 'failed', 'dispatch', v_details, p_now) events;
  update delivery_tasks task
  set status = 'FAILED', dossier_seq = failed.seq, dossier_head = failed.head, changed_at = p_now, closed_at = p_now
  from unnest(v_task_ids, v_seqs, v_heads) as failed (task_id, seq, head)
  where task.region_id = p_region_id and task.id = failed.task_id;
  return cardinality(v_task_ids);
end $$;
