-- Gives a lease back, so that another owner need not wait for its end. The fence stays: the next claim raises it.
-- Concurrency: waits for decisions under way.
-- Parameters: region id; fence under which it is held.
-- Rows: none.
update region_leases set owner = null, expires_at = '-infinity' where region_id = $1 and fence = $2
