-- One epoch with its rows.
-- Concurrency: locks nothing.
-- Parameters: graph; epoch.
-- Rows: at most one SpeedEpoch of src/domain/speed-epoch.ts with {kept}, zstd.
select graph, epoch, epoch_ms(at) as "atMs", graph_hash as "graphHash", source, speeds_hash as "speedsHash",
  weights_hash as "weightsHash", rows_in_use as "rowsInUse", segments_changed as "segmentsChanged", speeds as kept
from speed_epochs
where graph = $1 and epoch = $2
