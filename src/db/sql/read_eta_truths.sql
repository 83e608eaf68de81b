-- Promised against actual times of the deliveries that reached the customer's door, one page of them: of each the offer
-- that was accepted and carried out. Hand-overs that failed count, for the driver was there.
-- Concurrency: locks nothing.
-- Parameters: region id; the instant and the task id after which the page begins (the first page: an instant and the
-- lowest id); the instant before which it ends; rows at most.
-- Rows: EtaTruth of src/domain/eta-truth.ts, ascending by hand-over, then task.
-- Cost: an index range by hand-over; of each row its offer's log and its dossier by key.
select task.id as "taskId", log.tick_id as "tickId", log.driver_id as "driverId", task.category,
  store.lat_e7 as "storeLatE7", store.lon_e7 as "storeLonE7",
  task.drop_lat_e7 as "dropLatE7", task.drop_lon_e7 as "dropLonE7",
  epoch_ms(log.created_at) as "offeredAtMs",
  extract(hour from log.created_at at time zone region.time_zone)::int as hour,
  (log.features ->> 'pickupMs')::int as "pickupMs",
  (log.features ->> 'dropMs')::int as "dropMs",
  (log.features ->> 'pickupAtMs')::bigint as "pickupPromisedAtMs",
  (log.features ->> 'dropAtMs')::bigint as "dropPromisedAtMs",
  (log.features ->> 'pickupCorrectionMs')::int as "pickupCorrectionMs",
  (log.features ->> 'dropCorrectionMs')::int as "dropCorrectionMs",
  epoch_ms(picked_up.at) as "pickupActualAtMs",
  epoch_ms(task.handover_at) as "dropActualAtMs"
from delivery_tasks task
join regions region on region.region_id = $1
join stores store on store.region_id = $1 and store.id = task.store_id
join offer_logs log on log.region_id = $1 and log.offer_id = task.offer_id
cross join lateral (
  select at from dossier_events event
  where event.region_id = $1 and event.task_id = task.id and event.kind = 'picked-up'
  order by event.seq desc limit 1
) picked_up
where task.region_id = $1 and (task.handover_at, task.id) > ($2::timestamptz, $3::uuid)
  and task.handover_at < $4::timestamptz and (log.features ->> 'version')::int >= 2
order by task.handover_at, task.id limit $5
