-- Records positions, of each driver the newest. One from the future counts as of this instant, or it would outlast the
-- true ones that follow.
-- Concurrency: writes driver_positions alone, which dispatch never locks, in id order.
-- Parameters: region id; by position: driver ids, latE7, lonE7, epoch milliseconds in dispatch time.
-- Rows: {driver_id} of each position that was newer than what stood; drivers that do not exist are left out.
insert into driver_positions as stored (region_id, driver_id, lat_e7, lon_e7, recorded_at)
select distinct on (driver.id) $1, driver.id, heard.lat_e7, heard.lon_e7,
  least(from_epoch_ms(heard.recorded_at_ms), dispatch_now())
from unnest($2::uuid[], $3::int[], $4::int[], $5::bigint[]) as heard (driver_id, lat_e7, lon_e7, recorded_at_ms)
join drivers driver on driver.region_id = $1 and driver.id = heard.driver_id
order by driver.id, heard.recorded_at_ms desc
on conflict (region_id, driver_id) do update
set lat_e7 = excluded.lat_e7, lon_e7 = excluded.lon_e7, recorded_at = excluded.recorded_at
where excluded.recorded_at > stored.recorded_at
returning driver_id
