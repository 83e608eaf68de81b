-- change_task once more: goods change hands only with evidence, and an answer may name the offer that it is for.

drop function change_task(text, uuid, text, uuid, jsonb, timestamptz);

-- Parameters: the task; the action; the driver who asks, or null where an operator does (to return, release, cancel
-- and re-open); a JSON object for the dossier. Of that: `reason` goes to the offer's log; `offer`, to accept and
-- reject, must be the offer that is open; `verification` and `idScan` are the evidence (see evidence_flaw); to
-- re-open, `latestAtMs` and `dueAtMs` become the task's.
-- Returns one row. outcome: 'done', 'conflict' or 'not-found'; state: what the task stands in; reason: why not
-- (NOT_YOURS, OFFER_EXPIRED, OFFER_CLOSED, OTHER_OFFER, WRONG_STATE; the flaws of evidence; TASK_LATE,
-- TIMES_CONTRADICT); repeated: this very change had been made before, by the same; units_missing: of a return, how
-- many did not come back.
--
-- Concurrency: locks the task, then its driver, then its offer. Races (accept against expiry or cancellation) are
-- settled by the task's lock: who comes second finds the state that stands.
create function change_task(
  p_region_id text, p_task_id uuid, p_action text, p_driver_id uuid, p_detail jsonb,
  p_now timestamptz default dispatch_now()
)
returns table (outcome text, state text, reason text, repeated boolean, offer_id uuid, units_missing int)
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
    return query select 'not-found', null, null, false, null::uuid, null::int;
    return;
  end if;
  if was_done(v_task, p_action, p_driver_id, v_actor, p_detail) then
    return query select 'done', v_task.status, null, true, v_task.offer_id, null::int;
    return;
  end if;
  v_reason := conflict_reason(v_task, p_action, p_driver_id, p_detail, p_now);
  if v_reason is not null then
    return query select 'conflict', v_task.status, v_reason, false, v_task.offer_id, null::int;
    return;
  end if;
  v_to := next_status(v_task.status, p_action);
  perform move_task(v_task, p_action, v_to, v_actor, p_detail, p_now);
  return query select 'done', v_to, null, false, v_task.offer_id,
    case when p_action = 'return' then v_task.units - (p_detail #>> '{verification,units}')::int end;
end $$;

-- Whether this very change was made before, by the same. An offer that is named was answered once and for ever; any
-- other change counts as repeated while it is the task's last.
create function was_done(
  p_task delivery_tasks, p_action text, p_driver_id uuid, p_actor text, p_detail jsonb
)
returns boolean
language plpgsql stable as $$
begin
  if p_action in ('accept', 'reject') and p_detail ? 'offer' then
    perform from offers offer
    where offer.region_id = p_task.region_id and offer.id = (p_detail ->> 'offer')::uuid
      and offer.task_id = p_task.id and offer.driver_id = p_driver_id
      and offer.state = case p_action when 'accept' then 'ACCEPTED' else 'REJECTED' end;
  elsif next_status(p_task.status, p_action) is null then
    perform from dossier_events event
    where event.region_id = p_task.region_id and event.task_id = p_task.id and event.seq = p_task.dossier_seq
      and event.kind = event_kind(p_action) and event.actor = p_actor;
  else
    return false;
  end if;
  return found;
end $$;

-- Why a task may not change in this way, or null.
create or replace function conflict_reason(
  p_task delivery_tasks, p_action text, p_driver_id uuid, p_detail jsonb, p_now timestamptz
)
returns text
language plpgsql stable as $$
declare
  v_named uuid := case when p_action in ('accept', 'reject') then (p_detail ->> 'offer')::uuid end;
begin
  return case
    when p_task.driver_id <> p_driver_id then 'NOT_YOURS'
    when v_named <> coalesce(p_task.offer_id, '00000000-0000-0000-0000-000000000000') then
      coalesce((
        select case offer.state when 'TIMEOUT' then 'OFFER_EXPIRED' else 'OFFER_CLOSED' end from offers offer
        where offer.region_id = p_task.region_id and offer.id = v_named and offer.task_id = p_task.id
      ), 'OTHER_OFFER')
    when p_action in ('accept', 'reject') and (p_task.status = 'EXPIRED' or p_task.offer_expires_at <= p_now)
      then 'OFFER_EXPIRED'
    when next_status(p_task.status, p_action) is null then 'WRONG_STATE'
    when p_driver_id is null and p_action in ('accept', 'reject', 'pickup', 'deliver', 'fail-verification')
      then 'NOT_YOURS'
    when p_action = 're-open' and reopened_latest_at(p_task, p_detail) <= greatest(p_now, p_task.ready_at)
      then 'TASK_LATE'
    when p_action = 're-open'
      and from_epoch_ms((p_detail ->> 'dueAtMs')::bigint) > reopened_latest_at(p_task, p_detail)
      then 'TIMES_CONTRADICT'
    else evidence_flaw(p_task, p_action, p_detail, p_now)
  end;
end $$;

-- What the evidence lacks for goods to change hands, or null. To pick up and return it is `verification`, by the
-- store: units counted, and whether the driver was identified; to deliver it is `idScan` (src/domain/handover.ts).
create function evidence_flaw(p_task delivery_tasks, p_action text, p_detail jsonb, p_now timestamptz)
returns text
language plpgsql stable as $$
declare
  v_store jsonb := p_detail -> 'verification';
  v_units_differ boolean := (v_store ->> 'units')::int <> p_task.units;
  v_scan jsonb := p_detail -> 'idScan';
  v_today date;
begin
  case p_action
    when 'pickup' then
      return case
        when v_units_differ is null then 'VERIFICATION_MISSING'
        when (v_store ->> 'driverIdentified')::boolean is not true then 'DRIVER_NOT_IDENTIFIED'
        when v_units_differ then 'UNITS_DIFFER'
      end;
    when 'return' then
      -- What is missing is recorded, but never by a slip: the store has to say what became of it.
      return case
        when v_units_differ is null then 'VERIFICATION_MISSING'
        when v_units_differ and v_store ->> 'note' is null then 'UNITS_DIFFER'
      end;
    when 'deliver' then
      select (p_now at time zone region.time_zone)::date into v_today
      from regions region where region.region_id = p_task.region_id;
      return case
        when v_scan ->> 'result' is null then 'ID_SCAN_MISSING'
        when v_scan ->> 'result' <> 'passed' then 'ID_SCAN_FAILED'
        when ((v_scan ->> 'documentExpiresOn')::date >= v_today) is not true then 'ID_EXPIRED'
        when (v_scan ->> 'over21')::boolean is not true then 'UNDER_21'
        when p_task.purchaser_hmac <> coalesce(decode(v_scan ->> 'purchaserHmac', 'hex'), '') then 'NOT_THE_PURCHASER'
      end;
    else
      return null;
  end case;
end $$;

-- Writes a legal change: event, task, driver, and the offer that it closes. Called under the task's lock.
create or replace function move_task(
  p_task delivery_tasks, p_action text, p_to text, p_actor text, p_detail jsonb, p_now timestamptz
)
returns void
language plpgsql as $$
declare
  v_detail text := canonical_json(coalesce(p_detail, '{}') || jsonb_strip_nulls(jsonb_build_object(
    'driver', p_task.driver_id, 'from', p_task.status, 'offer', p_task.offer_id, 'unitsMissing',
    case when p_action = 'return' then p_task.units - (p_detail #>> '{verification,units}')::int end)));
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
