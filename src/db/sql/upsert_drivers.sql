-- Creates or replaces drivers of one region.
-- Concurrency: see the function.
-- Parameters: region id; JSON array of DriverProfile, ids distinct.
-- Rows: none when all were written; else {refused_id} of those with more work in hand than their new capacity.
select * from upsert_drivers($1, $2)
