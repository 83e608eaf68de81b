-- Ends the pause of a region, if there is one.
-- Concurrency: waits for a decision that is being committed under the lease.
-- Parameters: region id.
-- Rows: none.
update region_leases set paused_by = null, paused_at = null where region_id = $1
