-- What a speed epoch must hold so that any daemon, and any replay, makes the same weights of it.
--
-- Speeds belong to a graph, not to a region: several regions may share one, and all their ticks must see the same
-- epoch. So this table has no region_id; in a distributed Postgres it is copied to every node, as the clock and the
-- tokens are. It is written a few times a minute at most.
--
-- The number of an epoch is given by the insert itself (save_speed_epoch.sql), so daemons that post at once get
-- different ones, and numbers only grow.
alter table speed_epochs
  -- sha256 of the graph file that the rows were matched against, and whose segments the weights belong to.
  add column graph_hash text not null,
  -- sha256 of the rows, by which a repeated post is known, and of the weights, by which a daemon knows that it made the
  -- same.
  add column speeds_hash text not null,
  add column weights_hash text not null,
  add column rows_in_use int not null check (rows_in_use >= 0),
  add column segments_changed int not null check (segments_changed >= 0);
-- Compressed already, so Postgres need not try.
alter table speed_epochs alter column speeds set storage external;
create index speed_epochs_by_graph_file on speed_epochs (graph, graph_hash, epoch);
