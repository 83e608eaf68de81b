-- Makes a webhook endpoint, unless the region has as many as it may.
-- Concurrency: two at once may exceed the limit by one.
-- Parameters: region id; id; url; sealed secret; kinds or null; cursor: xid, task id, seq; endpoints a region may have.
-- Rows: {id}, or none.
insert into webhook_endpoints (region_id, id, url, secret, kinds, cursor_xid, cursor_task_id, cursor_seq, created_at)
select $1::text, $2::uuid, $3::text, $4::bytea, $5::text[], $6::xid8, $7::uuid, $8::int, clock_timestamp()
where (select count(*) from webhook_endpoints endpoint where endpoint.region_id = $1) < $9::int
returning id
