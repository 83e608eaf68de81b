-- Frees the key of a request that ended without an answer worth keeping.
-- Concurrency: one row by its key.
-- Parameters: region id; caller; key; sha256 of the request.
-- Rows: none.
delete from idempotency_keys
where region_id = $1 and caller = $2 and key = $3 and request_hash = $4 and response_status is null
