-- Offers a tick's proposals: the whole batch in one call.
-- Concurrency: see the function.
-- Parameters: region id; fence; tick id; by proposal: task ids, driver ids, instants (ISO 8601) of the hand-over, and
-- until when documents and permits must hold, features (JSON).
-- Rows: one {kind, repeated, at_ms, expires_at_ms, task_ids, driver_ids, offer_ids, refusals}.
select * from commit_offers($1, $2, $3, $4, $5, $6, $7, $8)
