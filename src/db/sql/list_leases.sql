-- Who may decide for each region that has ever been dispatched, and whether it is paused.
-- Concurrency: locks nothing; what it says may be over as it is read, so every decision is checked by its fence.
-- Parameters: none.
-- Rows: {regionId, owner, fence, expiresInMs, pausedBy, pausedAtMs}, ascending by region; the owner is null and the
-- time 0 where the lease has ended or was given back.
select region_id as "regionId", case when expires_at > clock_timestamp() then owner end as owner, fence,
  greatest(0, date_part('epoch', expires_at - clock_timestamp()) * 1000)::int as "expiresInMs",
  paused_by as "pausedBy", epoch_ms(paused_at) as "pausedAtMs"
from region_leases
order by region_id collate "C"
