-- Creates a region or replaces its settings.
-- Concurrency: see the function.
-- Parameters: region id; name; time zone; graph; settings and weights as JSON objects.
-- Rows: one {outcome: 'done' | 'TIME_ZONE_UNKNOWN' | 'WEIGHTS_CHANGED'}.
select * from put_region($1, $2, $3, $4, $5, $6) as outcome
