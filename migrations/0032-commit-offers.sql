-- commit_offers as before (0010-commit-offers.sql), and told when each task would be handed over: sale hours and the
-- purchaser's age check are judged by that instant.

-- Offers each proposed task to its driver, or says why not. Arrays are by proposal.
--
-- Parameters: the fence of the lease the tick ran under; the tick's id; tasks; drivers; when each would be handed
-- over, and until when documents and the store's permit must hold; versioned features for offer_logs.
-- Returns one row. kind: 'committed', or 'fenced' when the lease has passed to another owner or run out: then nothing
-- was decided. repeated: the tick had been committed before, and this is its first outcome. Of offer id and refusal
-- exactly one is set in each place.
--
-- Concurrency: locks the lease and the region FOR SHARE, the tasks FOR NO KEY UPDATE SKIP LOCKED, then the drivers of
-- the tasks obtained, waiting, each in id order. What is decided is read by later statements, whose snapshots are
-- fresh: after waiting, a single statement would read what stood before its own locks. Changes of documents bump the
-- driver's row and changes of rules, permits and switches the region's, so none slips between check and commit.
create function commit_offers(
  p_region_id text, p_fence bigint, p_tick_id uuid, p_task_ids uuid[], p_driver_ids uuid[],
  p_drop_at timestamptz[], p_needed_until timestamptz[], p_features jsonb[], p_now timestamptz default dispatch_now()
)
returns table (kind text, repeated boolean, at_ms bigint, expires_at_ms bigint, task_ids json, driver_ids json,
  offer_ids json, refusals json)
language plpgsql as $$
#variable_conflict use_column
declare
  v_expires_at timestamptz;
  -- Null: the lease has passed.
  v_repeated boolean;
  v_locked_ids uuid[];
  v_offer_ids uuid[];
  v_refusals text[];
begin
  perform from region_leases lease
  where lease.region_id = p_region_id and lease.fence = p_fence and lease.expires_at > clock_timestamp()
  for share;
  if found then
    select p_now + make_interval(secs => (region.settings ->> 'offerTtlS')::float8) into v_expires_at
    from regions region where region.region_id = p_region_id for share;
    -- A second call of the same tick waits here for the first.
    insert into tick_commits (region_id, tick_id, fence, at, expires_at)
    values (p_region_id, p_tick_id, p_fence, p_now, v_expires_at)
    on conflict do nothing;
    v_repeated := not found;
  end if;

  if v_repeated is false then
    v_locked_ids := lock_proposals(p_region_id, p_task_ids, p_driver_ids);
    select o.offer_ids, o.refusals into v_offer_ids, v_refusals
    from open_offers(p_region_id, p_tick_id, p_task_ids, p_driver_ids, p_drop_at, p_needed_until, p_features,
      v_locked_ids, v_expires_at, p_now) o;
    update tick_commits done
    set task_ids = p_task_ids, driver_ids = p_driver_ids, offer_ids = v_offer_ids, refusals = v_refusals
    where done.region_id = p_region_id and done.tick_id = p_tick_id;
  end if;

  -- A repeated call finds its outcome even after the lease has passed.
  return query
  select 'committed', v_repeated is not false, epoch_ms(done.at), epoch_ms(done.expires_at), to_json(done.task_ids),
    to_json(done.driver_ids), to_json(done.offer_ids), to_json(done.refusals)
  from tick_commits done where done.region_id = p_region_id and done.tick_id = p_tick_id;
  if not found then
    return query
    select 'fenced', false, epoch_ms(p_now), null::bigint, null::json, null::json, null::json, null::json;
  end if;
end $$;

-- Judges the proposals and writes those that may land: offers, their logs and events, tasks and drivers, each as a set.
-- Concurrency: called by commit_offers under its locks.
create function open_offers(
  p_region_id text, p_tick_id uuid, p_task_ids uuid[], p_driver_ids uuid[], p_drop_at timestamptz[],
  p_needed_until timestamptz[], p_features jsonb[], p_locked_ids uuid[], p_expires_at timestamptz, p_now timestamptz,
  out offer_ids uuid[], out refusals text[]
)
language plpgsql as $$
declare
  v_before text := ',"expiresAt":"' || dossier_instant(p_expires_at) || '","offer":"';
  v_after text := ',"tick":"' || p_tick_id || '"}';
  v_task_ids uuid[];
  v_driver_ids uuid[];
  v_offer_ids uuid[];
  v_features jsonb[];
  v_details text[];
  v_seqs int[];
  v_heads bytea[];
begin
  select coalesce(array_agg(offer_id), '{}'), coalesce(array_agg(refusal), '{}'),
    array_agg(task_id) filter (where refusal is null), array_agg(driver_id) filter (where refusal is null),
    array_agg(offer_id) filter (where refusal is null), array_agg(features) filter (where refusal is null),
    array_agg(detail) filter (where refusal is null)
  into offer_ids, refusals, v_task_ids, v_driver_ids, v_offer_ids, v_features, v_details
  from (
    select opened.*, proposal.features, '{"attempt":' || opened.attempt || ',"driver":"' || opened.driver_id
      || '","driverCompliance":' || opened.driver_compliance || v_before || opened.offer_id
      || '","regionCompliance":' || opened.region_compliance || v_after as detail
    from (
      select judged.*, case when judged.refusal is null then offer_id(p_tick_id, judged.ordinal) end as offer_id
      from judge_proposals(p_region_id, p_task_ids, p_driver_ids, p_drop_at, p_needed_until, p_locked_ids, p_now)
        judged
    ) opened
    join unnest(p_features) with ordinality as proposal (features, ordinal) on proposal.ordinal = opened.ordinal
    order by opened.ordinal
  ) judged_proposals;
  if v_offer_ids is null then
    return;
  end if;

  select events.seqs, events.heads into v_seqs, v_heads
  from append_events(p_region_id, v_task_ids, 'offered', 'dispatch', v_details, p_now) events;
  update delivery_tasks task
  set status = 'OFFERED', driver_id = landed.driver_id, offer_id = landed.offer_id, offer_expires_at = p_expires_at,
    attempts = task.attempts + 1, dossier_seq = landed.seq, dossier_head = landed.head, changed_at = p_now
  from unnest(v_task_ids, v_driver_ids, v_offer_ids, v_seqs, v_heads)
    as landed (task_id, driver_id, offer_id, seq, head)
  where task.region_id = p_region_id and task.id = landed.task_id;
  perform change_load(p_region_id, v_driver_ids, 'PENDING', 'OFFERED', p_now);
  insert into offers (region_id, id, task_id, driver_id, bundle_id, stop_sequence, tick_id, created_at, expires_at)
  select p_region_id, landed.offer_id, landed.task_id, landed.driver_id, landed.offer_id, 1, p_tick_id, p_now,
    p_expires_at
  from unnest(v_offer_ids, v_task_ids, v_driver_ids) as landed (offer_id, task_id, driver_id);
  insert into offer_logs (region_id, offer_id, task_id, driver_id, tick_id, created_at, features)
  select p_region_id, landed.offer_id, landed.task_id, landed.driver_id, p_tick_id, p_now, landed.features
  from unnest(v_offer_ids, v_task_ids, v_driver_ids, v_features) as landed (offer_id, task_id, driver_id, features);
end $$;
