-- Hands events of a region to its webhook endpoints.
-- Concurrency: see the function.
-- Parameters: region id; events an endpoint, at most; deliveries that may wait at one.
-- Rows: {endpointId, passed} of each endpoint whose cursor moved.
select endpoint_id as "endpointId", passed from fan_out_events($1, $2, $3)
