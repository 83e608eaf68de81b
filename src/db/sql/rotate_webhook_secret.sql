-- Gives a webhook endpoint another secret; the one that stood signs beside it for a while.
-- Concurrency: locks its row.
-- Parameters: region id; id; sealed secret; for how many seconds both sign.
-- Rows: {oldSecretUntilMs}, or none.
update webhook_endpoints endpoint
set old_secret = endpoint.secret, secret = $3::bytea,
  old_secret_until = clock_timestamp() + make_interval(secs => $4::int)
where endpoint.region_id = $1 and endpoint.id = $2
returning epoch_ms(endpoint.old_secret_until) as "oldSecretUntilMs"
