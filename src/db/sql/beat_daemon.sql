-- Says that a daemon lives, in Postgres's real time, and what it can dispatch.
-- Concurrency: writes its own row only, whoever runs it.
-- Parameters: owner; region ids; milliseconds from now until the others take it for dead.
-- Rows: none.
insert into daemons (owner, region_ids, expires_at)
values ($1, $2, clock_timestamp() + make_interval(secs => $3 / 1000.0))
on conflict (owner) do update set region_ids = excluded.region_ids, expires_at = excluded.expires_at
