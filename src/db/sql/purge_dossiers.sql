-- Removes tasks that ended longer ago than the region keeps them, each whole, and leaves tombstones.
-- Concurrency: any number at once; see the function.
-- Parameters: region id; tasks at most; when the last task ended that a batch before has found, and its id, or nulls.
-- Rows: one {tasks, events, last_ms, last_id}, the last two null when none was found.
select * from purge_dossiers($1, $2, $3, $4)
