-- What ticks made of a task, beside its dossier: its offers with what was known of them, how many ticks ran while it
-- waited and offered it to nobody, and which of these proposed it and had it refused by the commit.
-- Concurrency: locks nothing; one snapshot.
-- Parameters: region id; task id; when each of its waits began, ascending, and ended (null: it waits still); the most
-- offers, and the most refusals; the most ticks.
-- Rows: one, a StoredTrace of src/db/traces.ts. Offers, refusals and ticks are the latest; told ascending.
-- Cost: the task's offers by index, and of the region's ticks the ranges of its waits; of commits, those with refusals.
with recursive counted as (
  -- From the last wait to the first, each with what those after it left of the most ticks; this row is before them all.
  select cardinality($3::timestamptz[]) + 1 as ordinal, 0 as ticks, false as is_cut, '{}'::uuid[] as refused_ids,
    '{}'::timestamptz[] as refused_ats, $6::int as most
  union all
  select counted.ordinal - 1, least(seen.ticks, counted.most), seen.ticks > counted.most, seen.refused_ids,
    seen.refused_ats, greatest(0, counted.most - seen.ticks)
  from counted
  cross join lateral (
    select count(*)::int as ticks, array_agg(tick.id) filter (where tick.refused > 0) as refused_ids,
      array_agg(tick.at) filter (where tick.refused > 0) as refused_ats
    from (
      -- One more than there may be, which tells that there are more.
      select tick.id, tick.at, (tick.counts ->> 'refused')::int as refused
      from ticks tick
      where tick.region_id = $1 and tick.at >= ($3::timestamptz[])[counted.ordinal - 1]
        and tick.at < coalesce(($4::timestamptz[])[counted.ordinal - 1], dispatch_now())
        and tick.id <> all (array(
          select log.tick_id from offer_logs log where log.region_id = $1 and log.task_id = $2))
      order by tick.at desc, tick.id desc limit counted.most + 1
    ) tick
  ) seen
  where counted.ordinal > 1
), refusals as materialized (
  select counted.ordinal, tick.id, tick.at as tick_at, outcome.driver_id, outcome.refusal, done.at
  from counted
  cross join lateral unnest(counted.refused_ids, counted.refused_ats) as tick (id, at)
  join tick_commits done on done.region_id = $1 and done.tick_id = tick.id
  cross join lateral unnest(done.task_ids, done.driver_ids, done.refusals) as outcome (task_id, driver_id, refusal)
  where outcome.task_id = $2
)
select epoch_ms(dispatch_now()) as "nowMs", (
    select coalesce(json_agg(json_build_object('ticks', ticks, 'isCut', is_cut) order by ordinal), '[]')
    from counted where ordinal <= cardinality($3::timestamptz[])
  ) as waits, (
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
