-- What ticks made of a task, beside its dossier: its offers with what was known of them, how many ticks ran while it
-- waited and offered it to nobody, and which of these proposed it and had it refused by the commit.
-- Concurrency: locks nothing; one snapshot.
-- Parameters: region id; task id; when each of its waits began, and ended (null: it waits still); the most offers, and
-- the most refusals; the most ticks.
-- Rows: one, a StoredTrace of src/db/traces.ts. Offers and refusals are the latest, ascending.
-- Cost: the task's offers by index, and of the region's ticks the ranges of its waits; of commits, those with refusals.
with seen as materialized (
  -- Wait by wait, so that what the second limit cuts off is of the last ones.
  select wait.ordinal, tick.id, tick.at, tick.refused
  from unnest($3::timestamptz[], $4::timestamptz[]) with ordinality as wait (begun_at, ended_at, ordinal)
  cross join lateral (
    select tick.id, tick.at, (tick.counts ->> 'refused')::int as refused
    from ticks tick
    where tick.region_id = $1 and tick.at >= wait.begun_at and tick.at < coalesce(wait.ended_at, dispatch_now())
      and tick.id <> all (array(
        select log.tick_id from offer_logs log where log.region_id = $1 and log.task_id = $2))
    order by tick.at, tick.id limit $6::int
  ) tick
  limit $6::int
), refusals as materialized (
  select seen.ordinal, seen.id, seen.at as tick_at, outcome.driver_id, outcome.refusal, done.at
  from seen
  join tick_commits done on done.region_id = $1 and done.tick_id = seen.id
  cross join lateral unnest(done.task_ids, done.driver_ids, done.refusals) as outcome (task_id, driver_id, refusal)
  where seen.refused > 0 and outcome.task_id = $2
)
select epoch_ms(dispatch_now()) as "nowMs", (
    select coalesce(json_agg(told.ticks order by told.ordinal), '[]') from (
      select wait.ordinal, count(seen.id) as ticks
      from unnest($3::timestamptz[]) with ordinality as wait (begun_at, ordinal)
      left join seen on seen.ordinal = wait.ordinal
      group by wait.ordinal
    ) told
  ) as "ticksOfWaits", (
    select count(*) from refusals
  ) as "refusalCount", (
    select coalesce(json_agg(fact order by "atMs", "tickId"), '[]') from (
      select refused.ordinal::int - 1 as wait, refused.id as "tickId", refused.driver_id as "driverId",
        refused.refusal, epoch_ms(refused.at) as "atMs", exists (
          select from tick_payloads payload
          where payload.region_id = $1 and payload.tick_id = refused.id and payload.at = refused.tick_at
        ) as "isKept"
      from refusals refused order by refused.at desc, refused.id desc limit $5::int
    ) fact
  ) as refusals, (
    select count(*) from offer_logs log where log.region_id = $1 and log.task_id = $2
  ) as "offerCount", (
    select coalesce(json_agg(fact order by "createdAtMs", "offerId"), '[]') from (
      select log.offer_id as "offerId", log.driver_id as "driverId", log.tick_id as "tickId",
        epoch_ms(log.created_at) as "createdAtMs", epoch_ms(offer.expires_at) as "expiresAtMs", log.features,
        log.outcome, epoch_ms(log.outcome_at) as "outcomeAtMs", log.outcome_reason as "outcomeReason",
        case when tick.id is not null then json_build_object('atMs', epoch_ms(tick.at), 'trigger', tick.trigger,
          'kind', tick.solve ->> 'kind', 'certified', (tick.solve ->> 'certified')::boolean,
          'isKept', exists (
            select from tick_payloads payload
            where payload.region_id = $1 and payload.tick_id = tick.id and payload.at = tick.at
          )) end as tick
      from offer_logs log
      join offers offer on offer.region_id = $1 and offer.id = log.offer_id
      left join ticks tick on tick.region_id = $1 and tick.id = log.tick_id
      where log.region_id = $1 and log.task_id = $2
      order by log.created_at desc, log.offer_id desc limit $5::int
    ) fact
  ) as offers
