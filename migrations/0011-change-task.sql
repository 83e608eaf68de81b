-- change_task: every change of a task that somebody asks for. (Offers are opened by commit_offers, timed out by
-- expire_offers, which also fails tasks.)

-- The state that an action leads to, or null where it is not legal: TASK_CHANGES of src/domain/state.ts.
create function next_status(p_status text, p_action text) returns text
language plpgsql immutable strict parallel safe as $$
begin
  return case
    when p_action = 'accept' and p_status = 'OFFERED' then 'ASSIGNED'
    when p_action = 'reject' and p_status = 'OFFERED' then 'PENDING'
    when p_action = 'pickup' and p_status = 'ASSIGNED' then 'PICKED_UP'
    when p_action = 'deliver' and p_status = 'PICKED_UP' then 'DELIVERED'
    when p_action = 'fail-verification' and p_status = 'PICKED_UP' then 'RETURNING'
    when p_action = 'return' and p_status = 'RETURNING' then 'RETURNED'
    when p_action = 'release' and p_status = 'ASSIGNED' then 'PENDING'
    when p_action = 'cancel' and p_status in ('PENDING', 'EXPIRED', 'OFFERED', 'ASSIGNED') then 'CANCELLED'
    when p_action = 're-open' and p_status in ('CANCELLED', 'FAILED') then 'PENDING'
  end;
end $$;

-- The kind of the dossier event that an action leaves.
create function event_kind(p_action text) returns text
language plpgsql immutable strict parallel safe as $$
begin
  return case p_action
    when 'accept' then 'accepted'
    when 'reject' then 'rejected'
    when 'pickup' then 'picked-up'
    when 'deliver' then 'delivered'
    when 'fail-verification' then 'verification-failed'
    when 'return' then 'returned'
    when 'release' then 'released'
    when 'cancel' then 'cancelled'
    when 're-open' then 're-opened'
  end;
end $$;

-- Parameters: the task; the action; the driver who asks, or null where an operator does (to return, release, cancel
-- and re-open); a JSON object for the dossier, of which `reason` goes to the offer's log and, to re-open, `latestAtMs`
-- and `dueAtMs` become the task's.
-- Returns one row. outcome: 'done', 'conflict' or 'not-found'; state: what the task stands in; reason: why not
-- (WRONG_STATE, NOT_YOURS, OFFER_EXPIRED, TASK_LATE); repeated: this very change had been made before, by the same.
--
-- Concurrency: locks the task, then its driver, then its offer. Races (accept against expiry or cancellation) are
-- settled by the task's lock: who comes second finds the state that stands.
create function change_task(
  p_region_id text, p_task_id uuid, p_action text, p_driver_id uuid, p_detail jsonb,
  p_now timestamptz default dispatch_now()
)
returns table (outcome text, state text, reason text, repeated boolean, offer_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
  v_actor text := coalesce('driver:' || p_driver_id, 'operator');
  v_task delivery_tasks;
  v_to text;
  v_reason text;
begin
  select * into v_task from delivery_tasks task
  where task.region_id = p_region_id and task.id = p_task_id
  for no key update;
  if not found then
    return query select 'not-found', null, null, false, null::uuid;
    return;
  end if;
  v_to := next_status(v_task.status, p_action);
  if v_to is null then
    perform from dossier_events event
    where event.region_id = p_region_id and event.task_id = p_task_id and event.seq = v_task.dossier_seq
      and event.kind = event_kind(p_action) and event.actor = v_actor;
    if found then
      return query select 'done', v_task.status, null, true, v_task.offer_id;
      return;
    end if;
  end if;
  v_reason := conflict_reason(v_task, p_action, p_driver_id, p_detail, p_now);
  if v_reason is not null then
    return query select 'conflict', v_task.status, v_reason, false, v_task.offer_id;
    return;
  end if;
  perform move_task(v_task, p_action, v_to, v_actor, p_detail, p_now);
  return query select 'done', v_to, null, false, v_task.offer_id;
end $$;

-- Why a task may not change in this way, or null.
create function conflict_reason(
  p_task delivery_tasks, p_action text, p_driver_id uuid, p_detail jsonb, p_now timestamptz
)
returns text
language plpgsql stable as $$
begin
  return case
    when p_task.driver_id <> p_driver_id then 'NOT_YOURS'
    when p_action in ('accept', 'reject') and (p_task.status = 'EXPIRED' or p_task.offer_expires_at <= p_now)
      then 'OFFER_EXPIRED'
    when next_status(p_task.status, p_action) is null then 'WRONG_STATE'
    when p_driver_id is null and p_action in ('accept', 'reject', 'pickup', 'deliver', 'fail-verification')
      then 'NOT_YOURS'
    when p_action = 're-open' and reopened_latest_at(p_task, p_detail) <= greatest(p_now, p_task.ready_at)
      then 'TASK_LATE'
  end;
end $$;

-- The hard limit of a task that is re-opened: the one asked for, else the one it had.
create function reopened_latest_at(p_task delivery_tasks, p_detail jsonb) returns timestamptz
language plpgsql stable as $$
begin
  return coalesce(from_epoch_ms((p_detail ->> 'latestAtMs')::bigint), p_task.latest_at);
end $$;

-- Writes a legal change: event, task, driver, and the offer that it closes. Called under the task's lock.
create function move_task(
  p_task delivery_tasks, p_action text, p_to text, p_actor text, p_detail jsonb, p_now timestamptz
)
returns void
language plpgsql as $$
declare
  v_detail text := canonical_json(coalesce(p_detail, '{}') || jsonb_strip_nulls(jsonb_build_object(
    'driver', p_task.driver_id, 'from', p_task.status, 'offer', p_task.offer_id)));
  v_offer_state text := case when p_task.status = 'OFFERED' then case p_action
    when 'accept' then 'ACCEPTED' when 'reject' then 'REJECTED' when 'cancel' then 'CANCELLED' end end;
  v_keeps_driver boolean := p_to not in ('PENDING', 'CANCELLED');
  v_latest_at timestamptz := p_task.latest_at;
  v_due_at timestamptz := p_task.due_at;
  v_events record;
begin
  if p_action = 're-open' then
    v_latest_at := reopened_latest_at(p_task, p_detail);
    v_due_at := least(coalesce(from_epoch_ms((p_detail ->> 'dueAtMs')::bigint), p_task.due_at), v_latest_at);
  end if;
  select events.seqs[1] as seq, events.heads[1] as head into v_events
  from append_events(p_task.region_id, array[p_task.id], event_kind(p_action), p_actor, array[v_detail], p_now) events;
  update delivery_tasks task
  set status = p_to, dossier_seq = v_events.seq, dossier_head = v_events.head, changed_at = p_now,
    driver_id = case when v_keeps_driver then p_task.driver_id end,
    offer_id = case when v_keeps_driver then p_task.offer_id end,
    offer_expires_at = null,
    latest_at = v_latest_at, due_at = v_due_at,
    attempts = case when p_action = 're-open' then 0 else p_task.attempts end,
    handover_at = case when p_action in ('deliver', 'fail-verification') then p_now else p_task.handover_at end,
    closed_at = case when p_to in ('DELIVERED', 'RETURNED', 'CANCELLED') then p_now end
  where task.region_id = p_task.region_id and task.id = p_task.id;
  if p_task.driver_id is not null then
    perform change_load(p_task.region_id, array[p_task.driver_id], p_task.status, p_to, p_now);
  end if;
  if v_offer_state is not null then
    perform close_offers(p_task.region_id, array[p_task.offer_id], v_offer_state, p_detail ->> 'reason', p_now);
  end if;
end $$;

-- Closes open offers and their logs. Called under the locks of their tasks: nobody else can close them meanwhile.
create function close_offers(
  p_region_id text, p_offer_ids uuid[], p_state text, p_reason text, p_now timestamptz
)
returns void
language plpgsql as $$
begin
  update offers offer set state = p_state, closed_at = p_now
  where offer.region_id = p_region_id and offer.id = any (p_offer_ids);
  update offer_logs log set outcome = p_state, outcome_at = p_now, outcome_reason = p_reason
  where log.region_id = p_region_id and log.offer_id = any (p_offer_ids);
end $$;
