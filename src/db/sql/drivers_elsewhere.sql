-- Where drivers are now, if not in the region that they are to be in. Asks all regions: not for dispatch.
-- Concurrency: locks nothing.
-- Parameters: driver ids; by driver the region it is to be in.
-- Rows: {id, regionId}.
select driver.id, driver.region_id as "regionId"
from unnest($1::uuid[], $2::text[]) as moving (id, region_id)
join drivers driver on driver.id = moving.id and driver.region_id <> moving.region_id and driver.left_at is null
