-- What ticks decided. Headers and hashes stay; payloads stand in hourly partitions that are dropped whole.

-- The first outcome of a tick's commit: a caller whose connection broke asks again and gets it, whatever has passed.
-- Arrays are by proposal; exactly one of offer id and refusal is set.
create table tick_commits (
  region_id text not null references regions,
  tick_id uuid not null,
  fence bigint not null,
  at timestamptz not null,
  expires_at timestamptz not null,
  task_ids uuid[] not null default '{}',
  driver_ids uuid[] not null default '{}',
  offer_ids uuid[] not null default '{}',
  refusals text[] not null default '{}',
  primary key (region_id, tick_id)
);

-- TickHeader of src/domain/tick-record.ts.
create table ticks (
  region_id text not null references regions,
  id uuid not null,
  at timestamptz not null,
  trigger text not null check (trigger in ('loop', 'request')),
  fence bigint not null,
  snapshot_hash text not null,
  decision_hash text not null,
  graph text not null,
  graph_epoch int not null,
  weights_version int not null,
  code_version text not null,
  counts jsonb not null,
  stage_ms jsonb not null,
  solve jsonb not null,
  primary key (region_id, id)
);
create index ticks_by_instant on ticks (region_id, at, id);

create table tick_payloads (
  region_id text not null,
  tick_id uuid not null,
  at timestamptz not null,
  -- zstd of the JSON of {snapshot, seed}; compressed already, so Postgres need not try.
  payload bytea not null,
  primary key (region_id, tick_id, at)
) partition by range (at);
alter table tick_payloads alter column payload set storage external;
