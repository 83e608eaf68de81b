-- What of a region moves on a map: drivers on shift, stores, open tasks with the offer held out for them.
-- Concurrency: one MVCC snapshot; locks nothing.
-- Parameters: region id; rows of each at most.
-- Rows: one {nowMs, drivers, stores, tasks}, the lists JSON arrays of arrays, ascending by id: of a driver with a
-- position id, lonE7, latE7, status; of a store id, name, lonE7, latE7; of a task id, drop's lonE7 and latE7, state,
-- store id, id of the driver who has it or is asked, readyAtMs, and of an open offer createdAtMs and expiresAtMs, else
-- null.
select epoch_ms(dispatch_now()) as "nowMs",
  (
    select coalesce(json_agg(json_build_array(id, "lonE7", "latE7", status) order by id), '[]')
    from (
      select id, "lonE7", "latE7", status from driver_rows
      where "regionId" = $1 and status <> 'OFF' and "lonE7" is not null
      order by id limit $2
    ) drivers_on_shift
  ) as drivers,
  (
    select coalesce(json_agg(json_build_array(id, name, "lonE7", "latE7") order by id), '[]')
    from (select id, name, "lonE7", "latE7" from store_rows where "regionId" = $1 order by id limit $2) known_stores
  ) as stores,
  (
    select coalesce(json_agg(json_build_array(task.id, "dropLonE7", "dropLatE7", task.state, "storeId",
      coalesce(task."driverId", offer.driver_id), "readyAtMs", epoch_ms(offer.created_at), epoch_ms(offer.expires_at))
      order by task.id), '[]')
    from (
      select id, "regionId", "dropLonE7", "dropLatE7", state, "storeId", "driverId", "readyAtMs", "offerId"
      from task_rows
      where "regionId" = $1 and state in ('PENDING', 'OFFERED', 'EXPIRED', 'ASSIGNED', 'PICKED_UP', 'RETURNING')
      order by id limit $2
    ) task
    left join offers offer on offer.region_id = $1 and offer.id = task."offerId" and offer.state = 'OPEN'
  ) as tasks
