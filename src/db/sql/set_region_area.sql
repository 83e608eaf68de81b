-- Draws a region, or takes its drawing away.
-- Concurrency: one row, written as it stands; waits for commits that hold it.
-- Parameters: region id; GeoJSON geometry as text, or null.
-- Rows: one {id}, or none where there is no such region.
update regions set area = $2::jsonb where region_id = $1 returning region_id as id
