-- The dossier of one task, with the facts of the task that name nobody.
-- Concurrency: locks nothing; one snapshot.
-- Parameters: region id; task id.
-- Rows: one, a StoredDossier of src/db/dossiers.ts.
select region.time_zone as "timeZone", (
    select to_json(fact) from (
      select task.status as state, task.store_id as "storeId", task.customer_address_id as "customerAddressId",
        task.category, task.units, task.value_cents as "valueCents", task.pay_cents as "payCents",
        epoch_ms(task.ready_at) as "readyAtMs", epoch_ms(task.due_at) as "dueAtMs",
        epoch_ms(task.latest_at) as "latestAtMs", epoch_ms(task.age_check_until) as "ageCheckUntilMs",
        task.driver_id as "driverId", task.legal_hold as "legalHold", epoch_ms(task.created_at) as "createdAtMs",
        epoch_ms(task.changed_at) as "changedAtMs", epoch_ms(task.closed_at) as "closedAtMs",
        epoch_ms(task.closed_at + retention_of(region.settings)) as "keptUntilMs",
        task.dossier_seq as "headSeq", encode(task.dossier_head, 'hex') as "headHash"
      from delivery_tasks task where task.region_id = $1 and task.id = $2
    ) fact
  ) as task, (
    select to_json(fact) from (
      select tombstone.last_seq as "headSeq", encode(tombstone.last_hash, 'hex') as "headHash",
        epoch_ms(tombstone.closed_at) as "closedAtMs", epoch_ms(tombstone.purged_at) as "purgedAtMs",
        epoch_ms(tombstone.closed_at + tombstone.retention) as "keptUntilMs"
      from dossier_tombstones tombstone where tombstone.region_id = $1 and tombstone.task_id = $2
    ) fact
  ) as tombstone, (
    select coalesce(json_agg(fact order by seq), '[]') from (
      select event.seq, event.kind, event.actor,
        to_char(event.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, event.body,
        encode(event.prev_hash, 'hex') as "prevHash", encode(event.hash, 'hex') as hash
      from dossier_events event where event.region_id = $1 and event.task_id = $2
    ) fact
  ) as events
from regions region where region.region_id = $1
