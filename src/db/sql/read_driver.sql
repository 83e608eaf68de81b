-- One driver who is in the region.
-- Concurrency: locks nothing.
-- Parameters: region id; driver id.
-- Rows: at most one, a Driver of src/domain/driver.ts.
select * from driver_rows where "regionId" = $1 and id = $2
