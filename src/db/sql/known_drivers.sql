-- Which of some ids are drivers of a region.
-- Concurrency: locks nothing.
-- Parameters: region id; ids.
-- Rows: {id} of each that is one, whether or not the driver has left since.
select id from drivers where region_id = $1 and id = any($2::uuid[])
