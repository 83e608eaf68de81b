-- Claims deliveries of an endpoint that are due, for a while.
-- Concurrency: see the function.
-- Parameters: region id; endpoint id; how many at most; for how long, in ms.
-- Rows: {taskId, seq, attempt, tries, hash, body, url, secret, oldSecret}; `tries` counts from the last replay.
select task_id as "taskId", seq, attempt, tries, hash, body, url, secret, old_secret as "oldSecret"
from claim_deliveries($1, $2, $3, $4)
