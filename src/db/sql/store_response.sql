-- Stores the answer to a request under its key; the first one stands.
-- Concurrency: one row by its key.
-- Parameters: region id; caller; key; sha256 of the request; status; body; the Location header or null.
-- Rows: none.
update idempotency_keys set response_status = $5, response_body = $6, response_location = $7
where region_id = $1 and caller = $2 and key = $3 and request_hash = $4 and response_status is null
