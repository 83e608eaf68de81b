-- How a region is drawn, with its name.
-- Concurrency: locks nothing.
-- Parameters: region id.
-- Rows: one {id, name, area}, the area GeoJSON or null; none where there is no such region.
select region_id as id, name, area from regions where region_id = $1
