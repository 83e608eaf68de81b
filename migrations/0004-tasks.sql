-- Tasks, their offers, the log of each offer and the dossier of each task. The tables refuse what the state diagram
-- does not draw (docs/ARCHITECTURE.md).

-- The driver is the one of the offer, which refers to its row; another foreign key would be checked at each change.
create table delivery_tasks (
  region_id text not null,
  id uuid not null,
  store_id uuid not null,
  customer_address_id uuid,
  drop_lat_e7 int not null check (drop_lat_e7 between -900000000 and 900000000),
  drop_lon_e7 int not null check (drop_lon_e7 between -1800000000 and 1800000000),
  ready_at timestamptz not null,
  due_at timestamptz not null,
  latest_at timestamptz not null,
  category text not null check (category not in ('', '*')),
  value_cents int not null check (value_cents >= 0),
  units int not null check (units > 0),
  pay_cents int not null check (pay_cents >= 0),
  age_check_until timestamptz,
  -- HMAC of the purchaser's identity under a key kept outside the database.
  purchaser_hmac bytea,
  status text not null default 'PENDING',
  driver_id uuid,
  offer_id uuid,
  -- A copy of offers.expires_at, written together with it.
  offer_expires_at timestamptz,
  -- Offers since the task was created or re-opened.
  attempts int not null default 0 check (attempts >= 0),
  dossier_seq int not null default 0,
  dossier_head bytea not null default decode(repeat('00', 32), 'hex'),
  -- Kept beyond retention while true.
  legal_hold boolean not null default false,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  -- When the hand-over succeeded or failed.
  handover_at timestamptz,
  closed_at timestamptz,
  primary key (region_id, id),
  foreign key (region_id, store_id) references stores,
  foreign key (region_id, customer_address_id) references customer_addresses,
  constraint status_is_known check (status in ('PENDING', 'OFFERED', 'EXPIRED', 'ASSIGNED', 'PICKED_UP', 'DELIVERED',
    'RETURNING', 'RETURNED', 'CANCELLED', 'FAILED')),
  constraint offer_expires_exactly_when_offered check ((status = 'OFFERED') = (offer_expires_at is not null)),
  constraint held_by_a_driver_exactly_when_underway_or_done check (
    (status in ('OFFERED', 'ASSIGNED', 'PICKED_UP', 'DELIVERED', 'RETURNING', 'RETURNED')) = (driver_id is not null)),
  constraint driver_exactly_with_offer check ((driver_id is null) = (offer_id is null)),
  constraint handed_over_exactly_when_tried check (
    (status in ('DELIVERED', 'RETURNING', 'RETURNED')) = (handover_at is not null)),
  constraint closed_exactly_when_ended check (
    (status in ('DELIVERED', 'RETURNED', 'CANCELLED', 'FAILED')) = (closed_at is not null)),
  check (due_at <= latest_at and ready_at <= latest_at)
) with (fillfactor = 70);
create index tasks_by_status on delivery_tasks (region_id, status, offer_expires_at);
create index tasks_by_driver on delivery_tasks (region_id, driver_id, status) where driver_id is not null;
create index tasks_by_handover on delivery_tasks (region_id, handover_at) include (status)
  where handover_at is not null;
create index tasks_by_close on delivery_tasks (region_id, closed_at) include (status) where closed_at is not null;

-- One row per task offered; a bundle of several tasks shares bundle_id and is offered, accepted and closed whole.
create table offers (
  region_id text not null,
  id uuid not null,
  task_id uuid not null,
  driver_id uuid not null,
  bundle_id uuid not null,
  stop_sequence int not null check (stop_sequence > 0),
  tick_id uuid not null,
  state text not null default 'OPEN' check (state in ('OPEN', 'ACCEPTED', 'REJECTED', 'TIMEOUT', 'CANCELLED')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  closed_at timestamptz,
  primary key (region_id, id),
  foreign key (region_id, task_id) references delivery_tasks,
  foreign key (region_id, driver_id) references drivers,
  constraint closed_exactly_when_not_open check ((state = 'OPEN') = (closed_at is null)),
  check (expires_at > created_at)
);
create unique index one_open_offer_per_task on offers (region_id, task_id) where state = 'OPEN';
create unique index one_open_bundle_per_driver on offers (region_id, driver_id)
  where state = 'OPEN' and stop_sequence = 1;
create index open_offers_by_expiry on offers (region_id, expires_at, id) where state = 'OPEN';
create index declined_offers_by_close on offers (region_id, closed_at) include (driver_id, task_id)
  where state in ('REJECTED', 'TIMEOUT');

-- The dataset of later learning: what was known when the offer was made, and how it ended. One row per offer. No
-- foreign key here nor on the dossier: the calls that write them write the row they belong to, and the checks would
-- cost a fifth of a commit; invariant_violations.sql holds it instead.
create table offer_logs (
  region_id text not null,
  offer_id uuid not null,
  task_id uuid not null,
  driver_id uuid not null,
  tick_id uuid not null,
  created_at timestamptz not null,
  features jsonb not null,
  -- The offer's state once it is closed, and the reason a driver gave.
  outcome text check (outcome in ('ACCEPTED', 'REJECTED', 'TIMEOUT', 'CANCELLED')),
  outcome_at timestamptz,
  outcome_reason text,
  primary key (region_id, offer_id),
  check ((outcome is null) = (outcome_at is null)),
  check (outcome is not null or outcome_reason is null)
) with (fillfactor = 60);
create index offer_logs_by_task on offer_logs (region_id, task_id, created_at);

-- Everything that happened to a task, chained: hash = sha256(prev_hash || body), the first prev_hash is 32 zero bytes,
-- the task's row holds the last. `body` is canonical JSON of actor, at, detail, kind, seq and task. Append-only.
-- It is also the outbox: readers go by (xid, task_id, seq) and stop at pg_snapshot_xmin(pg_current_snapshot()).
create table dossier_events (
  region_id text not null,
  task_id uuid not null,
  seq int not null check (seq > 0),
  kind text not null check (kind ~ '^[a-z-]{1,40}$'),
  actor text not null,
  at timestamptz not null,
  body text not null,
  prev_hash bytea not null check (length(prev_hash) = 32),
  hash bytea not null check (length(hash) = 32),
  xid xid8 not null default pg_current_xact_id(),
  primary key (region_id, task_id, seq)
);
create index dossier_events_as_outbox on dossier_events (region_id, xid, task_id, seq);
