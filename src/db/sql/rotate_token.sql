-- Gives a token another secret.
-- Concurrency: see the function.
-- Parameters: id; sha256 of the new secret; seconds that the last secret still holds.
-- Rows: one {outcome}: 'done', 'not-found' or 'ended'.
select rotate_token($1, $2, $3) as outcome
