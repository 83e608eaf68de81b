-- Creates or replaces customers' addresses of one region.
-- Concurrency: see the function.
-- Parameters: region id; JSON array of CustomerAddress, ids distinct.
-- Rows: none when all were written; else {refused_id} of those that belong to another customer.
select * from upsert_addresses($1, $2)
