-- Daemons that live.
-- Concurrency: locks nothing.
-- Parameters: none.
-- Rows: {owner, regionIds}, the latter JSON, ascending by owner.
select owner, to_json(region_ids) as "regionIds" from daemons where expires_at > clock_timestamp()
order by owner collate "C"
