-- What the commit of a tick made of its proposal for a task, and the last that had happened to the task by then.
-- Concurrency: locks nothing.
-- Parameters: region id; tick id; task id.
-- Rows: at most one {driverId, offerId, refusal, atMs, lastEvent: {kind, actor, atMs} or null}; none when nothing was
-- proposed for the task, or nothing was committed.
select outcome.driver_id as "driverId", outcome.offer_id as "offerId", outcome.refusal, epoch_ms(done.at) as "atMs", (
    select json_build_object('kind', event.kind, 'actor', event.actor, 'atMs', epoch_ms(event.at))
    from dossier_events event
    where event.region_id = $1 and event.task_id = $3 and event.at <= done.at and event.kind <> 'offered'
    order by event.seq desc limit 1
  ) as "lastEvent"
from tick_commits done
cross join lateral unnest(done.task_ids, done.driver_ids, done.offer_ids, done.refusals)
  as outcome (task_id, driver_id, offer_id, refusal)
where done.region_id = $1 and done.tick_id = $2 and outcome.task_id = $3
limit 1
