-- Makes a token.
-- Concurrency: one insert.
-- Parameters: id; name; scopes; sha256 of the secret; seconds until it expires, or null for never.
-- Rows: none.
insert into api_tokens (id, name, scopes, secret_hash, created_at, expires_at)
values ($1, $2, $3, $4, clock_timestamp(), clock_timestamp() + make_interval(secs => $5::int))
