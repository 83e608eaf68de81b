-- A region's kill switches: those that stand first, then those that were cleared, the newest first.
-- Concurrency: locks nothing.
-- Parameters: region id; at most how many.
-- Rows: KillSwitch of src/domain/kill-switch.ts.
select category, epoch_ms(since) as "sinceMs", epoch_ms(until) as "untilMs", reason, set_by as "setBy",
  cleared_by as "clearedBy", cleared_reason as "clearedReason"
from kill_switches
where region_id = $1
order by until is not null, since desc, category collate "C", seq desc
limit $2
