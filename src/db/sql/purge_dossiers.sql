-- Removes tasks that ended longer ago than the region keeps them, each whole, and leaves tombstones.
-- Concurrency: any number at once; see the function.
-- Parameters: region id; tasks at most.
-- Rows: one {tasks, events, damaged}.
select * from purge_dossiers($1, $2)
