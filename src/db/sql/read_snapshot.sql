-- Everything one tick knows of a region, as one JSON text: Snapshot of src/domain/snapshot.ts, but for its corrections.
-- Of these the rows of the hour stand beside it, where the region goes by them: their places are found by H3.
-- Concurrency: one MVCC snapshot, one instant; locks nothing.
-- Parameters: region id; a driver or a task, or nulls: then only that one stands in it, on shift or waiting or not.
-- Rows: one {snapshot: text, corrections: text or null}; none when the region is unknown.
-- Cost: one pass over the drivers on shift, their documents and the waiting tasks; recent offers, periods and
-- hand-overs by index, of hand-overs the latest 5,000; an hour's corrections by key. Each array reads its CTE in the
-- order it was materialized in.
with region as materialized (
  select region.region_id, region.graph, region.settings, region.time_zone, weights.weights, clock.now,
    epoch_ms(clock.now) as now_ms, extract(hour from clock.now at time zone region.time_zone)::int as hour,
    clock.now - make_interval(secs => (region.settings ->> 'declineCoolDownS')::float8) as cool_down_start,
    clock.now - make_interval(mins => 30) as declines_start,
    clock.now - make_interval(hours => 2) as paid_start,
    clock.now - make_interval(hours => 168) as handovers_start
  from regions region
  join region_weights weights on weights.region_id = $1 and weights.version = region.weights_version
  cross join (select dispatch_now() as now) clock
  where region.region_id = $1
), rules as materialized (
  select * from rules_in_force($1, (select now from region))
), waiting_tasks as materialized (
  select id, store_id, drop_lat_e7, drop_lon_e7, epoch_ms(created_at) as created_at_ms,
    epoch_ms(ready_at) as ready_at_ms, epoch_ms(due_at) as due_at_ms, epoch_ms(latest_at) as latest_at_ms,
    value_cents, units, pay_cents, attempts, category, coalesce(epoch_ms(age_check_until), 0) as age_check_until_ms,
    row_number() over (order by id) - 1 as index
  from delivery_tasks
  where region_id = $1 and $2::uuid is null
    and (($3::uuid is null and status in ('PENDING', 'EXPIRED')) or id = $3)
  order by id
), open_stores as materialized (
  select id, lat_e7, lon_e7, hours, permit_until from stores
  where region_id = $1 and id in (select store_id from waiting_tasks)
), closings as materialized (
  -- Many stores keep the same hours. Null stands for stores that never close.
  select hours, closes_at(hours, region.time_zone, region.now) as at
  from (select distinct hours from open_stores where hours is not null) distinct_hours
  cross join region
), waiting_stores as materialized (
  select store.id, store.lat_e7, store.lon_e7, coalesce(epoch_ms(store.permit_until), 0) as permit_until_ms,
    case closing.at when 'infinity' then null when '-infinity' then 0 else epoch_ms(closing.at) end as closes_at_ms,
    row_number() over (order by store.id) - 1 as index
  from open_stores store
  left join closings closing on closing.hours = store.hours
  order by store.id
), goods_in_hand as (
  select driver_id, sum(units) as units, sum(value_cents) as value_cents, array_agg(distinct store_id) as store_ids
  from delivery_tasks
  where region_id = $1 and status in ('ASSIGNED', 'PICKED_UP', 'RETURNING') and ($2::uuid is null or driver_id = $2)
  group by driver_id
), declined_offers as materialized (
  select driver_id, task_id, closed_at from offers
  where region_id = $1 and state in ('REJECTED', 'TIMEOUT')
    and closed_at > (select least(cool_down_start, declines_start) from region)
), declines as (
  select driver_id, count(*) as declines from declined_offers
  where closed_at > (select declines_start from region)
  group by driver_id
), drivers_on_shift as materialized (
  select driver.id, coalesce(position.lat_e7, 2147483647) as lat_e7, coalesce(position.lon_e7, 2147483647) as lon_e7,
    coalesce(epoch_ms(position.recorded_at), 0) as recorded_at_ms, driver.capacity, driver.open_offers,
    driver.active_tasks, driver.opted_in::int as opted_in, driver.born_on, coalesce(goods.units, 0) as held_units,
    coalesce(goods.value_cents, 0) as held_cents, coalesce(goods.store_ids, '{}') as held_stores,
    driver.offers_made, driver.offers_accepted,
    coalesce(declines.declines, 0) as declines,
    -- Paid time of the period that runs, then of those that ended, in the window.
    (case when driver.period in ('to-pickup', 'carrying', 'returning')
        then region.now_ms - epoch_ms(greatest(driver.period_since, region.paid_start)) else 0 end
      + case when driver.period_since > region.paid_start
        then driver.paid_before_ms - coalesce(paid_by_start.ms, 0) else 0 end) / 60000.0::float8 as paid_min
  from drivers driver
  cross join region
  left join driver_positions position on position.region_id = $1 and position.driver_id = driver.id
  left join goods_in_hand goods on goods.driver_id = driver.id
  left join declines on declines.driver_id = driver.id
  left join lateral (
    select period.paid_before_ms + case when period.kind in ('to-pickup', 'carrying', 'returning')
      then epoch_ms(region.paid_start) - epoch_ms(period.started_at) else 0 end as ms
    from driver_periods period
    where period.region_id = $1 and period.driver_id = driver.id and period.started_at <= region.paid_start
      and driver.period_since > region.paid_start
    order by period.started_at desc, period.seq desc limit 1
  ) paid_by_start on true
  where driver.region_id = $1 and $3::uuid is null
    and (($2::uuid is null and driver.shift_on) or (driver.id = $2 and driver.left_at is null))
  order by driver.id
), declined_pairs as materialized (
  select distinct task.index as task, driver.index as driver
  from declined_offers offer
  join waiting_tasks task on task.id = offer.task_id
  join (select id, row_number() over (order by id) - 1 as index from drivers_on_shift) driver
    on driver.id = offer.driver_id
  where offer.closed_at > (select cool_down_start from region)
  order by task, driver
), handovers as (
  select status from delivery_tasks
  where region_id = $1 and handover_at > (select handovers_start from region)
  order by handover_at desc limit 5000
)
select json_build_object(
  'regionId', region.region_id,
  'atMs', region.now_ms,
  'graph', region.graph,
  'settings', region.settings,
  'weights', region.weights,
  'rules', coalesce((
    select json_agg(json_build_object('code', code, 'sentence', sentence, 'source', source, 'scope', scope,
      'sinceMs', epoch_ms(since), 'predicate', resolved) order by ordinal) from rules), '[]'),
  'killed', array(
    select category from kill_switches where region_id = $1 and until is null order by category collate "C"),
  'medianPaidMin2h', (
    select coalesce(percentile_cont(0.5) within group (order by paid_min), 0) from drivers_on_shift),
  'failedHandoverRate', (
    select (count(*) filter (where status <> 'DELIVERED') + 20 * 0.05::float8) / (count(*) + 20) from handovers),
  'drivers', json_build_object(
    'id', array(select id from drivers_on_shift),
    'latE7', array(select lat_e7 from drivers_on_shift),
    'lonE7', array(select lon_e7 from drivers_on_shift),
    'recordedAtMs', array(select recorded_at_ms from drivers_on_shift),
    'capacity', array(select capacity from drivers_on_shift),
    'openOffers', array(select open_offers from drivers_on_shift),
    'activeTasks', array(select active_tasks from drivers_on_shift),
    'optedIn', array(select opted_in from drivers_on_shift),
    'heldUnits', array(select held_units from drivers_on_shift),
    'heldCents', array(select held_cents from drivers_on_shift),
    'heldStores', coalesce((select json_agg(held_stores) from drivers_on_shift), '[]'),
    'ofAgeFromMs', coalesce((
      select json_agg(array(
        select epoch_ms(of_age_from(driver.born_on, (rule.resolved ->> 'years')::int, region.time_zone))
        from drivers_on_shift driver) order by rule.ordinal)
      from rules rule where rule.kind = 'min-age'), '[]'),
    'documentUntilMs', coalesce((
      select json_agg(array(
        -- By key, driver by driver: as a join the planner may read all documents anew for each.
        select coalesce((
          select epoch_ms(max(least(document.valid_until, document.checked_at + rule.max_age)))
          from driver_documents document
          where document.region_id = $1 and document.driver_id = driver.id
            and document.kind = rule.resolved ->> 'document'
            and (rule.resolved ->> 'use' is null or document.use = rule.resolved ->> 'use')
            and not document.revoked and document.valid_from <= region.now), 0)
        from drivers_on_shift driver
        order by driver.id) order by rule.ordinal)
      from rules rule where rule.kind = 'document'), '[]'),
    'offers', array(select offers_made from drivers_on_shift),
    'accepted', array(select offers_accepted from drivers_on_shift),
    'declines30m', array(select declines from drivers_on_shift),
    'paidMin2h', array(select paid_min from drivers_on_shift)),
  'stores', json_build_object(
    'id', array(select id from waiting_stores),
    'latE7', array(select lat_e7 from waiting_stores),
    'lonE7', array(select lon_e7 from waiting_stores),
    'permitUntilMs', array(select permit_until_ms from waiting_stores),
    'closesAtMs', array(select closes_at_ms from waiting_stores)),
  'tasks', json_build_object(
    'id', array(select id from waiting_tasks),
    'store', array(
      select store.index from waiting_tasks task join waiting_stores store on store.id = task.store_id
      order by task.index),
    'dropLatE7', array(select drop_lat_e7 from waiting_tasks),
    'dropLonE7', array(select drop_lon_e7 from waiting_tasks),
    'createdAtMs', array(select created_at_ms from waiting_tasks),
    'readyAtMs', array(select ready_at_ms from waiting_tasks),
    'dueAtMs', array(select due_at_ms from waiting_tasks),
    'latestAtMs', array(select latest_at_ms from waiting_tasks),
    'valueCents', array(select value_cents from waiting_tasks),
    'units', array(select units from waiting_tasks),
    'payCents', array(select pay_cents from waiting_tasks),
    'attempts', array(select attempts from waiting_tasks),
    'category', array(select category from waiting_tasks),
    'ageCheckUntilMs', array(select age_check_until_ms from waiting_tasks)),
  'declinedTask', array(select task from declined_pairs),
  'declinedDriver', array(select driver from declined_pairs)
)::text as snapshot, (
  select json_agg(json_build_object('leg', learned.leg, 'hour', learned.hour, 'cell', learned.cell,
    'deliveries', learned.deliveries, 'quantilesMs', learned.quantiles_ms))
  from eta_corrections learned
  where learned.region_id = $1 and learned.hour = region.hour and region.settings ->> 'etaCorrection' = '1'
    and $2::uuid is null and $3::uuid is null
)::text as corrections
from region
