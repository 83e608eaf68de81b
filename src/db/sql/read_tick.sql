-- The header of one tick.
-- Concurrency: locks nothing.
-- Parameters: region id; tick id.
-- Rows: at most one, a TickHeader of src/domain/tick-record.ts.
select * from tick_rows where "regionId" = $1 and id = $2
