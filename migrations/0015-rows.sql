-- Tasks, drivers and stores as callers read them: the types of src/domain, instants in epoch milliseconds.

create view task_rows as
select task.id, task.region_id as "regionId", task.store_id as "storeId", task.drop_lat_e7 as "dropLatE7",
  task.drop_lon_e7 as "dropLonE7", epoch_ms(task.ready_at) as "readyAtMs", epoch_ms(task.due_at) as "dueAtMs",
  epoch_ms(task.latest_at) as "latestAtMs", task.category, task.value_cents as "valueCents", task.units,
  task.pay_cents as "payCents", epoch_ms(task.age_check_until) as "ageCheckUntilMs", task.status as state,
  task.driver_id as "driverId", task.offer_id as "offerId", epoch_ms(task.offer_expires_at) as "offerExpiresAtMs",
  task.attempts, epoch_ms(task.created_at) as "createdAtMs", epoch_ms(task.changed_at) as "changedAtMs"
from delivery_tasks task;

create view driver_rows as
select driver.id, driver.region_id as "regionId", driver.name, driver.born_on as "bornOn",
  driver.opted_in as "optedIn", driver.capacity, driver.shift_on as "shiftOn", driver.status,
  driver.open_offers as "openOffers", driver.active_tasks as "activeTasks", position.lat_e7 as "latE7",
  position.lon_e7 as "lonE7", epoch_ms(position.recorded_at) as "recordedAtMs"
from drivers driver
left join driver_positions position on position.region_id = driver.region_id and position.driver_id = driver.id
where driver.left_at is null;

create view store_rows as
select store.id, store.region_id as "regionId", store.name, store.lat_e7 as "latE7", store.lon_e7 as "lonE7",
  store.hours, epoch_ms(store.permit_until) as "permitUntilMs"
from stores store;

create view tick_rows as
select tick.id, tick.region_id as "regionId", epoch_ms(tick.at) as "atMs", tick.trigger, tick.fence,
  tick.snapshot_hash as "snapshotHash", tick.decision_hash as "decisionHash", tick.graph,
  tick.graph_epoch as "graphEpoch", tick.weights_version as "weightsVersion", tick.code_version as "codeVersion",
  tick.counts, tick.stage_ms as "stageMs", tick.solve
from ticks tick;
