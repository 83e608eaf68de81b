-- Every promise of the schema that no constraint can hold, checked on all rows of a region: for tests, for the demo's
-- last word and after a fault. Cost: the whole history. Offers of purged tasks are missing where drivers and ticks
-- count them.
-- Concurrency: one MVCC snapshot, so any state that a committed transaction left must pass.
-- Parameters: region id.
-- Rows: {sentence, violations, example}; none when all is well.
with event_offers as materialized (
  select event.task_id, event.kind, (event.body::jsonb -> 'detail' ->> 'offer')::uuid as offer_id
  from dossier_events event where event.region_id = $1
), loads as materialized (
  select driver_id, count(*) filter (where status = 'OFFERED') as open_offers,
    count(*) filter (where status in ('ASSIGNED', 'PICKED_UP', 'RETURNING')) as active_tasks,
    count(*) filter (where status = 'PICKED_UP') as carrying_tasks,
    count(*) filter (where status = 'RETURNING') as returning_tasks
  from delivery_tasks where region_id = $1 group by driver_id
), periods as materialized (
  select period.*, lag(seq, 1, 0) over by_seq as seq_before, lag(kind) over by_seq as kind_before,
    lag(started_at, 1, started_at) over by_seq as started_before, lead(seq) over by_seq is null as is_last,
    lag(paid_before_ms, 1, 0::bigint) over by_seq + case
      when lag(kind) over by_seq in ('to-pickup', 'carrying', 'returning')
      then epoch_ms(started_at) - epoch_ms(lag(started_at) over by_seq) else 0 end as paid_by_then_ms
  from driver_periods period where region_id = $1
  window by_seq as (partition by driver_id order by seq)
), chained_events as materialized (
  select event.*, lag(seq, 1, 0) over by_seq as seq_before, lead(seq) over by_seq is null as is_last,
    lag(hash, 1, decode(repeat('00', 32), 'hex')) over by_seq as hash_before
  from dossier_events event where region_id = $1
  window by_seq as (partition by task_id order by seq)
), violations as (
  select 'A task has at most one open offer.' as sentence, task_id as id
  from offers where region_id = $1 and state = 'OPEN' group by task_id having count(*) > 1
  union all
  select 'A driver has at most one open bundle of offers.', driver_id
  from offers where region_id = $1 and state = 'OPEN' group by driver_id having count(distinct bundle_id) > 1
  union all
  select 'A task is OFFERED exactly while its offer is open, to the same driver, until the same instant.',
    coalesce(task.id, offer.task_id)
  from (select * from delivery_tasks where region_id = $1 and status = 'OFFERED') task
  full join (select * from offers where region_id = $1 and state = 'OPEN') offer on offer.id = task.offer_id
    and offer.task_id = task.id and offer.driver_id = task.driver_id and offer.expires_at = task.offer_expires_at
  where task.id is null or offer.id is null
  union all
  select 'An offer is of a task that stands.', offer.task_id
  from offers offer
  left join delivery_tasks task on task.region_id = $1 and task.id = offer.task_id
  where offer.region_id = $1 and task.id is null
  union all
  select 'An offer is to a driver of the region.', offer.driver_id
  from offers offer
  left join drivers driver on driver.region_id = $1 and driver.id = offer.driver_id
  where offer.region_id = $1 and driver.id is null
  union all
  select 'A task underway or done names the offer that its driver accepted.', task.id
  from delivery_tasks task
  left join offers offer on offer.region_id = $1 and offer.id = task.offer_id and offer.state = 'ACCEPTED'
    and offer.driver_id = task.driver_id and offer.task_id = task.id
  where task.region_id = $1 and task.status in ('ASSIGNED', 'PICKED_UP', 'DELIVERED', 'RETURNING', 'RETURNED')
    and offer.id is null
  union all
  select 'A driver counts exactly the offers and tasks in hand, no more than its capacity.', driver.id
  from drivers driver
  left join loads load on load.driver_id = driver.id
  where driver.region_id = $1 and (
    driver.open_offers + driver.active_tasks > driver.capacity
    or (driver.open_offers, driver.active_tasks, driver.carrying_tasks, driver.returning_tasks) is distinct from (
      coalesce(load.open_offers, 0), coalesce(load.active_tasks, 0), coalesce(load.carrying_tasks, 0),
      coalesce(load.returning_tasks, 0)))
  union all
  select 'A driver counts every offer ever made to it and accepted by it.', driver.id
  from drivers driver
  left join (
    select driver_id, count(*) as made, count(*) filter (where state = 'ACCEPTED') as accepted
    from offers where region_id = $1 group by driver_id
  ) lifetime on lifetime.driver_id = driver.id
  where driver.region_id = $1 and (driver.offers_made, driver.offers_accepted) is distinct from (
    coalesce(lifetime.made, 0), coalesce(lifetime.accepted, 0))
    and (driver.offers_made < coalesce(lifetime.made, 0) or driver.offers_accepted < coalesce(lifetime.accepted, 0)
      or not exists (select from dossier_tombstones where region_id = $1))
  union all
  select 'An offer has exactly one log, whose outcome is the state it closed in.', coalesce(offer.id, log.offer_id)
  from (select * from offers where region_id = $1) offer
  full join (select * from offer_logs where region_id = $1) log on log.offer_id = offer.id
  where (log.task_id, log.driver_id, log.tick_id, log.created_at, log.outcome, log.outcome_at) is distinct from (
    offer.task_id, offer.driver_id, offer.tick_id, offer.created_at, nullif(offer.state, 'OPEN'), offer.closed_at)
  union all
  select 'An offer is opened by one event and closed by one, exactly when it is closed.', offer.id
  from offers offer
  left join event_offers event on event.offer_id = offer.id and event.task_id = offer.task_id
  where offer.region_id = $1
  group by offer.id, offer.state
  having count(*) filter (where event.kind = 'offered') <> 1
    or count(*) filter (where event.kind in ('accepted', 'rejected', 'timed-out')
      or (event.kind = 'cancelled' and offer.state = 'CANCELLED')) <> (offer.state <> 'OPEN')::int
  union all
  select 'A tick lands an offer only where its first outcome says so.', coalesce(outcome.offer_id, offer.id)
  from (
    select done.tick_id, landed.task_id, landed.driver_id, landed.offer_id
    from tick_commits done
    cross join unnest(done.task_ids, done.driver_ids, done.offer_ids) as landed (task_id, driver_id, offer_id)
    where done.region_id = $1 and landed.offer_id is not null and not exists (
      select from dossier_tombstones purged where purged.region_id = $1 and purged.task_id = landed.task_id)
  ) outcome
  full join (select * from offers where region_id = $1) offer on offer.id = outcome.offer_id
    and offer.tick_id = outcome.tick_id and offer.task_id = outcome.task_id and offer.driver_id = outcome.driver_id
  where outcome.offer_id is null or offer.id is null
  union all
  select 'A delivery is of an event that stands, or of a task that was purged.', delivery.task_id
  from webhook_deliveries delivery
  where delivery.region_id = $1 and not exists (
      select from dossier_events event
      where event.region_id = $1 and event.task_id = delivery.task_id and event.seq = delivery.seq)
    and not exists (
      select from dossier_tombstones purged where purged.region_id = $1 and purged.task_id = delivery.task_id)
  union all
  select 'A dossier is an unbroken chain of hashes, numbered from 1.', task_id
  from chained_events
  where seq <> seq_before + 1 or prev_hash <> hash_before or hash <> sha256(prev_hash || convert_to(body, 'UTF8'))
  union all
  select 'An event says in its body what its columns say.', task_id
  from chained_events
  where (body::jsonb ->> 'task', body::jsonb ->> 'kind', body::jsonb ->> 'actor', body::jsonb ->> 'at')
    is distinct from (task_id::text, kind, actor, dossier_instant(at)) or (body::jsonb ->> 'seq')::int <> seq
  union all
  select 'A task holds the number and the hash of its last event.', coalesce(task.id, event.task_id)
  from (select * from delivery_tasks where region_id = $1) task
  full join (select * from chained_events where is_last) event on event.task_id = task.id
  where (task.dossier_seq, task.dossier_head) is distinct from (event.seq, event.hash)
  union all
  select 'Periods of a driver follow each other in time, each of another kind, and sum up what was paid.', driver_id
  from periods
  where seq <> seq_before + 1 or started_at < started_before or kind = kind_before
    or paid_before_ms <> paid_by_then_ms
  union all
  select 'A driver is in the period that its status asks for, and repeats it.', driver.id
  from drivers driver
  left join periods period on period.driver_id = driver.id and period.is_last
  where driver.region_id = $1
    and ((driver.period, driver.period_seq, driver.period_since, driver.paid_before_ms) is distinct from
      (period.kind, period.seq, period.started_at, period.paid_before_ms)
      or driver.period is distinct from period_kind(driver.status))
)
select sentence, count(*)::int as violations, min(id::text) as example
from violations group by sentence order by sentence collate "C"
