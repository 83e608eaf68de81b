-- A sweep costs by the number of its offers, whatever waits beside them.

-- Times out the open offers of those locked tasks that are still due; returns how many. Under its lock a task says
-- itself which offer is open and until when. Locked tasks are read by their keys before anything else is asked of them:
-- by what it knew before a burst of offers, the planner would read all that are offered or waiting, at every call.
create or replace function time_out_tasks(p_region_id text, p_locked_ids uuid[], p_now timestamptz) returns int
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
    with locked_tasks as materialized (
      select task.id, task.driver_id, task.offer_id, task.status, task.offer_expires_at from delivery_tasks task
      where task.region_id = p_region_id and task.id = any (p_locked_ids)
    )
    select locked.offer_id as id, locked.id as task_id, locked.driver_id from locked_tasks locked
    where locked.status = 'OFFERED' and locked.offer_expires_at <= p_now
    order by locked.offer_id
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
create or replace function fail_tasks(p_region_id text, p_locked_ids uuid[], p_attempts_limit float8, p_now timestamptz)
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
    with locked_tasks as materialized (
      select task.id, task.status, task.latest_at, task.attempts from delivery_tasks task
      where task.region_id = p_region_id and task.id = any (p_locked_ids)
    )
    select locked.id, locked.status, locked.latest_at from locked_tasks locked
    where locked.status in ('PENDING', 'EXPIRED')
      and (locked.latest_at <= p_now or locked.attempts >= p_attempts_limit)
    order by locked.id
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

-- Closes open offers and their logs. Called under the locks of their tasks: nobody else can close them meanwhile.
-- Each is looked up by its key: given as an array, the planner may pick them out of the whole index by driver.
create or replace function close_offers(
  p_region_id text, p_offer_ids uuid[], p_state text, p_reason text, p_now timestamptz
)
returns void
language plpgsql as $$
begin
  update offers offer set state = p_state, closed_at = p_now
  from unnest(p_offer_ids) as closed (id)
  where offer.region_id = p_region_id and offer.id = closed.id;
  update offer_logs log set outcome = p_state, outcome_at = p_now, outcome_reason = p_reason
  from unnest(p_offer_ids) as closed (id)
  where log.region_id = p_region_id and log.offer_id = closed.id;
end $$;

-- The rows that dispatch changes all the time: vacuum comes after a fiftieth of a table instead of a fifth, so that
-- each time it has little to do, at the server's own polite pace; the planner's picture of a table is renewed as often.
do $$
declare
  v_table text;
begin
  foreach v_table in array array['delivery_tasks', 'drivers', 'driver_positions', 'offers', 'offer_logs'] loop
    execute format('alter table %I set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)',
      v_table);
  end loop;
end $$;
