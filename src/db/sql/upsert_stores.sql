-- Creates or replaces stores of one region.
-- Concurrency: see the function.
-- Parameters: region id; JSON array of Store, ids distinct.
-- Rows: one {found}: whether the region exists.
select * from upsert_stores($1, $2) as found
