-- Ends an attempt: delivered, dead, or to be tried again.
-- Concurrency: by the number of the attempt, so that who answers after another has claimed it changes nothing.
-- Parameters: region id; endpoint id; task id; seq; the attempt; DELIVERED, DEAD or WAITING; what went wrong or null;
-- when to try again, in ms from now.
-- Rows: {attempts} if it still was this attempt's to end.
update webhook_deliveries delivery
set state = $6::text, last_error = $7,
  due_at = case when $6::text = 'WAITING' then clock_timestamp() + make_interval(secs => $8::int / 1000.0) end,
  ended_at = case when $6::text <> 'WAITING' then clock_timestamp() end
where delivery.region_id = $1 and delivery.endpoint_id = $2 and delivery.task_id = $3 and delivery.seq = $4
  and delivery.attempts = $5 and delivery.state = 'WAITING'
returning delivery.attempts
