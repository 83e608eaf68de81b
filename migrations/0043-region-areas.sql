-- A region may be drawn: its area is the geometry of a GeoJSON Polygon or MultiPolygon, as areas of rules are. It is
-- for people who look at a map; no dispatch is decided by it.
alter table regions add constraint area_is_drawable check (area is null or is_area(area));
