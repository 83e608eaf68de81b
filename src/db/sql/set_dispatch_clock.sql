-- Sets dispatch time and how fast it runs from here on.
-- Concurrency: one row; statements under way keep the instant they began with.
-- Parameters: epoch milliseconds in dispatch time; dispatch seconds per real second.
-- Rows: none.
update dispatch_clock
set origin_real = statement_timestamp(), origin_dispatch = from_epoch_ms($1), scale = $2
