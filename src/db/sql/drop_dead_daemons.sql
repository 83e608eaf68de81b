-- Drops daemons that ended without a word, an hour after they were taken for dead.
-- Concurrency: rows that nobody else writes any more, but for another daemon that drops them too.
-- Parameters: none.
-- Rows: none.
delete from daemons where expires_at < clock_timestamp() - make_interval(hours => 1)
