-- Pauses a webhook endpoint or lets it go on.
-- Concurrency: locks its row.
-- Parameters: region id; id; whether it is paused.
-- Rows: {id}, or none.
update webhook_endpoints endpoint set paused = $3::boolean
where endpoint.region_id = $1 and endpoint.id = $2
returning endpoint.id
