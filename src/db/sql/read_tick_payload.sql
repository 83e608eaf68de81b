-- What replay needs of one tick, while it is kept.
-- Concurrency: locks nothing.
-- Parameters: region id; tick id.
-- Rows: at most one {payload}.
select payload.payload
from ticks tick
join tick_payloads payload on payload.region_id = $1 and payload.tick_id = tick.id and payload.at = tick.at
where tick.region_id = $1 and tick.id = $2
