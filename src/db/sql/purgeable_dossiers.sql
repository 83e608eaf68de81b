-- What purge_dossiers would remove.
-- Concurrency: locks nothing.
-- Parameters: region id.
-- Rows: one {tasks, events, held}.
select * from purgeable_dossiers($1)
