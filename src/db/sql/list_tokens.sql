-- Tokens for a person to look at, the oldest first; never a hash.
-- Concurrency: one MVCC snapshot; locks nothing.
-- Parameters: a token's id, or null for all.
-- Rows: {id, name, scopes, createdAtMs, expiresAtMs, revokedAtMs, previousUntilMs, holds}; previousUntilMs: until when
-- the secret before the last rotation holds, null where it does not.
select id, name, array_to_json(scopes) as scopes, epoch_ms(created_at) as "createdAtMs",
  epoch_ms(expires_at) as "expiresAtMs", epoch_ms(revoked_at) as "revokedAtMs",
  case when previous_until > clock_timestamp() then epoch_ms(previous_until) end as "previousUntilMs",
  token_holds(token) as holds
from api_tokens token
where $1::uuid is null or id = $1
order by created_at, id
