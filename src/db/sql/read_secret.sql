-- The token behind a secret, while that holds. Of a token, what stands is given for the caller to compare.
-- Concurrency: one MVCC snapshot; locks nothing.
-- Parameters: 'token' or 'session'; its id.
-- Rows: none or one {id, name, scopes, secretHash, previousHash}; id is the token's, the hashes are those of what was
-- asked for; previousHash is null unless the secret before the last rotation still holds.
select token.id, token.name, array_to_json(token.scopes) as scopes, token.secret_hash as "secretHash",
  case when token.previous_until > clock_timestamp() then token.previous_hash end as "previousHash"
from api_tokens token
where $1 = 'token' and token.id = $2::uuid and token_holds(token)
union all
select token.id, token.name, array_to_json(token.scopes), session.secret_hash, null
from api_sessions session join api_tokens token on token.id = session.token_id
where $1 = 'session' and session.id = $2::uuid and session.expires_at > clock_timestamp()
  and secret_holds(token, session.token_hash)
