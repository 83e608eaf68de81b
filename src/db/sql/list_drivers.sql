-- Drivers of a region by id, a page at a time.
-- Concurrency: locks nothing.
-- Parameters: region id; statuses or null; the last id of the page before, or null; rows at most.
-- Rows: Driver of src/domain/driver.ts, ascending by id.
select * from driver_rows
where "regionId" = $1 and ($2::text[] is null or status = any ($2)) and ($3::uuid is null or id > $3)
order by id limit $4
