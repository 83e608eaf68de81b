-- Answers to an offer by its own id, and drivers' shifts.

-- Accepts or rejects one offer; what change_task does to its task, and only if that offer is the one that is open.
-- Returns one row. outcome: 'done', 'conflict' or 'not-found'; state: that of the offer; the rest as change_task.
-- Concurrency: an offer's task never changes; the task's lock settles the race.
create function answer_offer(
  p_region_id text, p_offer_id uuid, p_action text, p_driver_id uuid, p_detail jsonb,
  p_now timestamptz default dispatch_now()
)
returns table (outcome text, state text, reason text, repeated boolean, task_id uuid, task_state text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_task_id uuid := (
    select offer.task_id from offers offer where offer.region_id = p_region_id and offer.id = p_offer_id);
begin
  if v_task_id is null then
    return query select 'not-found', null, null, false, null::uuid, null;
    return;
  end if;
  select changed.outcome, changed.reason, changed.repeated, changed.state
  into outcome, reason, repeated, task_state
  from change_task(p_region_id, v_task_id, p_action, p_driver_id,
    coalesce(p_detail, '{}') || jsonb_build_object('offer', p_offer_id), p_now) changed;
  task_id := v_task_id;
  select offer.state into state from offers offer where offer.region_id = p_region_id and offer.id = p_offer_id;
  return next;
end $$;

-- Begins or ends a driver's shift. A shift ends with the open offer rejected (reason SHIFT_OFF; what is due times out);
-- with tasks in hand only if p_after_work: then no new offer comes, and the status turns OFF when the last task ends.
-- Returns one row. outcome: 'done', 'conflict' when tasks are in hand, or 'not-found'; status: the driver's; repeated:
-- it stood so already; rejected_ids: the offers rejected; tasks: in a conflict, {id, state} of those in hand.
-- Fails with lock_not_available, and changes nothing, when an offer that has just come is just being answered.
--
-- Concurrency: locks the tasks offered to the driver in id order, then the driver. An offer that came in between has
-- an unlocked task; waiting for that would break the order, so it is skipped if somebody holds it.
create function change_shift(
  p_region_id text, p_driver_id uuid, p_on boolean, p_after_work boolean, p_detail jsonb,
  p_now timestamptz default dispatch_now()
)
returns table (outcome text, status text, repeated boolean, rejected_ids json, tasks json)
language plpgsql as $$
#variable_conflict use_column
declare
  v_driver drivers;
  v_task delivery_tasks;
  v_rejected_ids uuid[] := '{}';
  v_detail jsonb := coalesce(p_detail, '{}') || '{"reason":"SHIFT_OFF"}';
begin
  if not p_on then
    perform from delivery_tasks task
    where task.region_id = p_region_id and task.driver_id = p_driver_id and task.status = 'OFFERED'
    order by task.id for no key update;
  end if;
  select * into v_driver from drivers driver
  where driver.region_id = p_region_id and driver.id = p_driver_id and driver.left_at is null
  for no key update;
  if not found then
    return query select 'not-found', null, false, null::json, null::json;
    return;
  end if;
  if v_driver.shift_on = p_on then
    return query select 'done', v_driver.status, true, '[]'::json, null::json;
    return;
  end if;
  if not p_on and v_driver.active_tasks > 0 and not p_after_work then
    return query
    select 'conflict', v_driver.status, false, null::json, (
      select json_agg(json_build_object('id', task.id, 'state', task.status) order by task.id)
      from delivery_tasks task
      where task.region_id = p_region_id and task.driver_id = p_driver_id
        and task.status in ('ASSIGNED', 'PICKED_UP', 'RETURNING'));
    return;
  end if;
  if not p_on and v_driver.open_offers > 0 then
    for v_task in
      select * from delivery_tasks task
      where task.region_id = p_region_id and task.driver_id = p_driver_id and task.status = 'OFFERED'
      order by task.id for no key update skip locked
    loop
      if v_task.offer_expires_at <= p_now then
        perform time_out_tasks(p_region_id, array[v_task.id], p_now);
      else
        perform move_task(v_task, 'reject', 'PENDING', 'driver:' || p_driver_id, v_detail, p_now);
        v_rejected_ids := v_rejected_ids || v_task.offer_id;
      end if;
      v_driver.open_offers := v_driver.open_offers - 1;
    end loop;
    if v_driver.open_offers > 0 then
      -- Undoes what was rejected above as well.
      raise exception using errcode = 'lock_not_available', message = 'an offer of the driver is being answered';
    end if;
  end if;
  update drivers driver set shift_on = p_on, changed_at = p_now
  where driver.region_id = p_region_id and driver.id = p_driver_id;
  perform append_periods(p_region_id, array[p_driver_id], p_now);
  return query
  select 'done', driver.status, false, to_json(v_rejected_ids), null::json
  from drivers driver where driver.region_id = p_region_id and driver.id = p_driver_id;
end $$;
