-- Saves an epoch of a graph under the next number.
-- Concurrency: of two that save at once, the later finds its number taken and gets no row; it asks again.
-- Parameters: graph; hash of its file; the epoch of that file that the rows were merged onto (0 without one), or null
-- where they stand alone; source; rows, zstd; their hash; hash of the weights; rows in use; segments changed.
-- Rows: {epoch, atMs}; none when the number was taken, or when another epoch has come after the one merged onto.
insert into speed_epochs (graph, epoch, at, graph_hash, source, speeds, speeds_hash, weights_hash, rows_in_use,
  segments_changed)
select $1::text, coalesce(max(known.epoch), 0) + 1, dispatch_now(), $2, $4::text, $5::bytea, $6::text, $7::text,
  $8::int, $9::int
from speed_epochs known
where known.graph = $1::text
having $3::int is null or $3::int = coalesce(max(known.epoch) filter (where known.graph_hash = $2::text), 0)
on conflict do nothing
returning epoch, epoch_ms(at) as "atMs"
