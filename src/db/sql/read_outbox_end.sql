-- Where the outbox ends for now.
-- Concurrency: one MVCC snapshot.
-- Rows: one, {horizon, next}: events from the transaction number `horizon` on are not shown yet; no event has a number
-- from `next` on.
select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, pg_snapshot_xmax(pg_current_snapshot())::text as next
