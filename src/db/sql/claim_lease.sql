-- Claims or renews the lease of a region, in Postgres's real time.
-- Concurrency: see the function.
-- Parameters: region id; owner; milliseconds from now until it ends.
-- Rows: one {kind: 'held' | 'taken', owner, fence, expires_in_ms}.
select * from claim_lease($1, $2, $3)
