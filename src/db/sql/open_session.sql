-- Opens a session of a token, removes those of it that ended, and of those that stand the oldest beyond the most.
-- Concurrency: one statement; a token that is revoked or rotated meanwhile takes its sessions with it.
-- Parameters: id; the token's id; sha256 of the token's secret; sha256 of the session's; how long it lasts in seconds;
-- sessions that a token may have, at most.
-- Rows: one {expiresAtMs} where the token holds.
with removed as (
  delete from api_sessions session
  where session.token_id = $2 and (session.expires_at <= clock_timestamp() or session.id in (
    select old.id from api_sessions old where old.token_id = $2
    order by old.created_at desc, old.id desc offset $6::int - 1))
)
insert into api_sessions (id, token_id, token_hash, secret_hash, created_at, expires_at)
select $1::uuid, token.id, $3::bytea, $4::bytea, clock_timestamp(), clock_timestamp() + make_interval(secs => $5::int)
from api_tokens token where token.id = $2 and secret_holds(token, $3)
returning epoch_ms(expires_at) as "expiresAtMs"
