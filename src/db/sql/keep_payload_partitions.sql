-- Makes room for the payloads of this hour and the next, and drops the old.
-- Concurrency: see the function. For a daemon's start and then at least once an hour of dispatch time.
-- Parameters: epoch milliseconds in dispatch time; hours to keep.
-- Rows: one, empty.
select keep_payload_partitions($2, from_epoch_ms($1))
