-- Sweepers share a backlog instead of meeting in it.

-- Locks at most p_limit tasks whose offer is due, those due longest first, and returns their ids. Tasks that somebody
-- else holds are passed over and the next ones taken: so many sweepers at once each get a batch of their own. Of ties
-- any come first: it is no list, and sorting a burst of one instant would take longer than closing a batch of it.
-- Concurrency: SKIP LOCKED, so it never waits, in whatever order it locks. A task that changed meanwhile is judged by
-- what it has become.
-- Cost: the rows returned and those passed over: the index is in this order, whatever the planner believes.
create function lock_due_tasks(p_region_id text, p_limit int, p_now timestamptz) returns uuid[]
language plpgsql set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off as $$
begin
  return array(
    select task.id from delivery_tasks task
    where task.region_id = p_region_id and task.status = 'OFFERED' and task.offer_expires_at <= p_now
    order by task.offer_expires_at
    limit p_limit for no key update skip locked);
end $$;

-- expire_offers as before (0012-expire-offers.sql), but that the tasks are locked where they are found. Each call used
-- to take a stretch of the queue by its slot; when the first was done, the second became it, under another's lock.
--
-- Times out at most p_limit due offers, and fails at most p_limit waiting tasks that are past their latest time or were
-- offered as often as the region allows (once the offers that are due are fewer than the limit).
-- Returns one row: how many of each, and the slot that was taken; null when all eight are, and then nothing was done.
--
-- Concurrency: any number at once, of which eight work: more would only get in each other's way. Tasks are locked SKIP
-- LOCKED, then re-checked by a later statement: an offer is open for as long as we hold its task's lock and saw it open
-- under it. Drivers follow, waiting, in id order.
create or replace function expire_offers(p_region_id text, p_limit int, p_now timestamptz default dispatch_now())
returns table (expired int, failed int, slot int)
language plpgsql as $$
declare
  v_slot int;
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

  v_locked_ids := lock_due_tasks(p_region_id, p_limit, p_now);
  if cardinality(v_locked_ids) < p_limit then
    v_locked_ids := v_locked_ids || array(
      select task.id from delivery_tasks task
      where task.region_id = p_region_id and task.status in ('PENDING', 'EXPIRED')
        and (task.latest_at <= p_now or task.attempts >= v_attempts_limit)
      order by task.latest_at, task.id
      limit p_limit for no key update skip locked);
  end if;
  expired := time_out_tasks(p_region_id, v_locked_ids, p_now);
  failed := fail_tasks(p_region_id, v_locked_ids, v_attempts_limit, p_now);
  slot := v_slot;
  return next;
end $$;
