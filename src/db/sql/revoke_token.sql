-- Revokes a token; once revoked it stays so.
-- Concurrency: locks the token's row.
-- Parameters: id.
-- Rows: one {id} where there is such a token.
update api_tokens set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = $1 returning id
