-- The latest ticks of a region.
-- Concurrency: locks nothing.
-- Parameters: region id; rows at most; the latest instant to begin with, null for the newest.
-- Rows: TickHeader of src/domain/tick-record.ts, newest first.
select header.*
from ticks tick
join tick_rows header on header."regionId" = $1 and header.id = tick.id
where tick.region_id = $1 and ($3::timestamptz is null or tick.at <= $3)
order by tick.at desc, tick.id desc limit $2
