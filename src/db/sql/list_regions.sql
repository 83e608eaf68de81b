-- Regions with their settings and standing weights.
-- Concurrency: locks nothing.
-- Parameters: region id, or null for all.
-- Rows: {id, name, timeZone, graph, settings, weights}, ascending by id.
select region.region_id as id, region.name, region.time_zone as "timeZone", region.graph, region.settings,
  weights.weights
from regions region
join region_weights weights on weights.region_id = region.region_id and weights.version = region.weights_version
where $1::text is null or region.region_id = $1
order by region.region_id collate "C"
