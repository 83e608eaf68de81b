-- What stands in a region, for metrics. Of the tasks that ended, those of the last 24 hours are counted.
-- Concurrency: one MVCC snapshot; locks nothing.
-- Parameters: region id.
-- Rows: one {tasks, drivers, openOffers, overdueOffers, oldestOverdueMs, oldestXminAge, deadTuples}; the first two are
-- JSON objects of counts by state. oldestXminAge counts transactions; deadTuples those of the tables that dispatch
-- updates.
select
  (
    select coalesce(json_object_agg(status, tasks), '{}')
    from (
      select status, count(*) as tasks from delivery_tasks
      where region_id = $1 and status in ('PENDING', 'OFFERED', 'EXPIRED', 'ASSIGNED', 'PICKED_UP', 'RETURNING')
      group by status
      union all
      select status, count(*) from delivery_tasks
      where region_id = $1 and closed_at > dispatch_now() - make_interval(hours => 24)
      group by status
    ) tasks_by_status
  ) as tasks,
  (
    select coalesce(json_object_agg(status, drivers), '{}')
    from (
      select status, count(*) as drivers from drivers where region_id = $1 and left_at is null group by status
    ) drivers_by_status
  ) as drivers,
  (select count(*) from offers where region_id = $1 and state = 'OPEN') as "openOffers",
  (select count(*) from offers where region_id = $1 and state = 'OPEN' and expires_at <= dispatch_now())
    as "overdueOffers",
  (
    select coalesce(epoch_ms(dispatch_now()) - epoch_ms(min(expires_at)), 0) from offers
    where region_id = $1 and state = 'OPEN' and expires_at <= dispatch_now()
  ) as "oldestOverdueMs",
  (select coalesce(max(age(backend_xmin)), 0) from pg_stat_activity) as "oldestXminAge",
  (
    select coalesce(sum(n_dead_tup), 0)::bigint from pg_stat_user_tables
    where relname in ('delivery_tasks', 'drivers', 'driver_positions', 'offers', 'offer_logs')
  ) as "deadTuples"
