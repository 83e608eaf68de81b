-- The greatest instant of dispatch time recorded anywhere, from which a stopped world resumes. All regions: for the
-- start of a daemon, not for dispatch.
-- Concurrency: locks nothing.
-- Rows: one {atMs}, null in an empty database.
select epoch_ms(greatest(
  (select max(changed_at) from delivery_tasks),
  (select max(changed_at) from drivers),
  (select max(recorded_at) from driver_positions),
  (select max(started_at) from driver_periods),
  (select max(at) from tick_commits),
  (select max(at) from ticks)
)) as "atMs"
