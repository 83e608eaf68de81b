-- Forgets a webhook endpoint and its deliveries.
-- Concurrency: see the function.
-- Parameters: region id; id.
-- Rows: {id}, or none.
select id from delete_webhook_endpoint($1, $2)
