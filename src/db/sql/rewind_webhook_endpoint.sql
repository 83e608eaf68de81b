-- Moves the cursor of a webhook endpoint back, so that everything after it is delivered again.
-- Concurrency: locks its row; fan_out_events does the rest.
-- Parameters: region id; id; cursor: xid, task id, seq. One after the endpoint's own changes nothing.
-- Rows: {id}, or none.
update webhook_endpoints endpoint
set (cursor_xid, cursor_task_id, cursor_seq) = (
  select place.xid, place.task_id, place.seq
  from (values ($3::xid8, $4::uuid, $5::int), (endpoint.cursor_xid, endpoint.cursor_task_id, endpoint.cursor_seq))
    as place (xid, task_id, seq)
  order by place.xid, place.task_id, place.seq
  limit 1)
where endpoint.region_id = $1 and endpoint.id = $2
returning endpoint.id
