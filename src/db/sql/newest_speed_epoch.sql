-- The newest epoch made for a graph file, without its rows.
-- Concurrency: locks nothing.
-- Parameters: graph; hash of its file.
-- Rows: at most one SpeedEpoch of src/domain/speed-epoch.ts.
select graph, epoch, epoch_ms(at) as "atMs", graph_hash as "graphHash", source, speeds_hash as "speedsHash",
  weights_hash as "weightsHash", rows_in_use as "rowsInUse", segments_changed as "segmentsChanged"
from speed_epochs
where graph = $1 and graph_hash = $2
order by epoch desc limit 1
