-- How many dossiers a region has, those that were purged included.
-- Concurrency: locks nothing.
-- Parameters: region id.
-- Rows: one {tasks}.
select (select count(*) from delivery_tasks where region_id = $1)
  + (select count(*) from dossier_tombstones where region_id = $1) as tasks
