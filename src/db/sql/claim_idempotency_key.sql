-- Claims an Idempotency-Key for a request, or finds what became of it.
-- Concurrency: see the function.
-- Parameters: region id; caller; key; sha256 of the request; milliseconds that a request may run; hours that a key is
-- kept.
-- Rows: one {kind: 'claimed' | 'stored' | 'running' | 'reused', response_status, response_body,
-- response_location}.
select * from claim_idempotency_key($1, $2, $3, $4, $5, $6)
