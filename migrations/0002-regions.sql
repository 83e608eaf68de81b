-- Regions and what steers them. region_id comes first in every key, foreign key and index of the schema: a region is
-- one shard of a distributed Postgres. Tables without it (the clock, epochs, tokens) would be copied to every node.

create table regions (
  region_id text primary key check (region_id ~ '^[a-z0-9-]{1,40}$'),
  name text not null,
  time_zone text not null,
  -- The name of a graph in CLOUDRUN_GRAPHS.
  graph text not null,
  -- GeoJSON polygon of the market; null: not drawn.
  area jsonb,
  -- RegionSettings of src/domain/region.ts; here those that SQL reads: without one, a rule would silently not hold.
  settings jsonb not null check (settings ?& array['offerTtlS', 'attemptsLimit', 'declineCoolDownS',
    'documentCheckMaxAgeS', 'carryLimitUnits', 'carryLimitCents']),
  weights_version int not null,
  -- Raised by every change of a rule, kill switch or store, so that it waits for a commit that holds this row.
  compliance_version bigint not null default 0,
  changed_at timestamptz not null,
  -- An offer that closes within a minute is no fair offer: a product rule.
  constraint offers_stay_open_a_minute check ((settings ->> 'offerTtlS')::float8 >= 60)
);

-- Versions of the objective's weights. They are never changed: a tick record names the one it used.
create table region_weights (
  region_id text not null references regions,
  version int not null check (version > 0),
  weights jsonb not null check ((weights ->> 'version')::int = version),
  created_at timestamptz not null,
  primary key (region_id, version)
);

-- Who decides for a region. The fence grows whenever the owner changes; every decision names the fence it held.
create table region_leases (
  region_id text primary key references regions,
  owner text,
  fence bigint not null check (fence > 0),
  -- In real time, by Postgres alone.
  expires_at timestamptz not null,
  constraint released_without_owner check ((owner is null) = (expires_at = '-infinity'))
);

-- Categories switched off, '*' for the whole region. Rows are kept: they are the record of what stood when.
create table kill_switches (
  region_id text not null references regions,
  category text not null check (category <> ''),
  seq int not null check (seq > 0),
  since timestamptz not null,
  until timestamptz,
  reason text not null,
  primary key (region_id, category, seq),
  check (until >= since)
);
create unique index one_standing_kill_switch on kill_switches (region_id, category) where until is null;

-- Compliance rules as data, each dated and with its source.
create table rules (
  region_id text not null references regions,
  code text not null check (code ~ '^[A-Z0-9_]{1,60}$'),
  valid_from timestamptz not null,
  valid_until timestamptz,
  scope text not null check (scope in ('task', 'store', 'driver', 'pair')),
  sentence text not null,
  predicate jsonb not null,
  source text not null,
  primary key (region_id, code, valid_from),
  check (valid_until > valid_from)
);

-- Live speeds by graph: each epoch is loaded by every daemon that opens the graph.
create table speed_epochs (
  graph text not null,
  epoch int not null check (epoch > 0),
  at timestamptz not null,
  source text not null,
  -- zstd of the CSV of segment speeds.
  speeds bytea not null,
  primary key (graph, epoch)
);
