-- Drops the epochs of a graph that no kept tick payload can need: those whose successor is older than that. The newest
-- for each graph file stays, however old.
-- Concurrency: locks what it drops.
-- Parameters: graph; hours to keep.
-- Rows: {epoch} of each dropped.
delete from speed_epochs old
where old.graph = $1 and exists (
  select from speed_epochs newer
  where newer.graph = $1 and newer.graph_hash = old.graph_hash and newer.epoch > old.epoch
    and newer.at < dispatch_now() - make_interval(hours => $2)
)
returning old.epoch
