-- Opens a session of a token.
-- Concurrency: see the function.
-- Parameters: id; the token's id; sha256 of the token's secret; sha256 of the session's; how long it lasts in seconds;
-- sessions that a token may have, at most.
-- Rows: one {expiresAtMs} where the token holds.
select expires_at_ms as "expiresAtMs" from open_session($1, $2, $3, $4, $5, $6)
