-- The point in the history of writes before which nothing can change any more: what is older than this transaction id
-- has been committed or has failed.
-- Concurrency: locks nothing.
-- Parameters: none.
-- Rows: one {xid}, in digits.
select pg_snapshot_xmin(pg_current_snapshot())::text as xid
