-- Stores, customers' addresses, drivers and what is known of them.

-- Whether JSON is WeeklyHours of src/domain/store.ts: seven days of [open, close) pairs in minutes, a window opening on
-- its day and ending no later than the next. Anything else in a row would break the snapshot of its whole region.
create function are_weekly_hours(p_hours jsonb) returns boolean
language plpgsql immutable strict as $$
begin
  return jsonb_array_length(p_hours) = 7 and (
    select coalesce(bool_and(jsonb_array_length(span) = 2 and (span ->> 0)::int between 0 and 1439
      and (span ->> 1)::int between (span ->> 0)::int + 1 and 2880), true)
    from jsonb_array_elements(p_hours) as day (spans)
    cross join jsonb_array_elements(day.spans) as span
  );
exception when data_exception then
  return false;
end $$;

create table stores (
  region_id text not null references regions,
  id uuid not null,
  name text not null,
  lat_e7 int not null check (lat_e7 between -900000000 and 900000000),
  lon_e7 int not null check (lon_e7 between -1800000000 and 1800000000),
  -- Null: never closes.
  hours jsonb check (are_weekly_hours(hours)),
  permit_until timestamptz,
  changed_at timestamptz not null,
  primary key (region_id, id)
);

-- Personal data stays here: chains and logs name an address by its id alone.
create table customer_addresses (
  region_id text not null references regions,
  id uuid not null,
  customer_id uuid not null,
  address text not null,
  lat_e7 int not null check (lat_e7 between -900000000 and 900000000),
  lon_e7 int not null check (lon_e7 between -1800000000 and 1800000000),
  created_at timestamptz not null,
  primary key (region_id, id)
);

-- Counters are changed by whatever opens or closes an offer or task, in the same call; status follows from them.
-- Half of a page stays free and no index names a column that dispatch changes: every update is heap-only.
create table drivers (
  region_id text not null references regions,
  id uuid not null,
  name text not null,
  born_on date not null,
  opted_in boolean not null,
  capacity int not null check (capacity between 1 and 100),
  shift_on boolean not null,
  open_offers int not null default 0 check (open_offers >= 0),
  -- Accepted and not yet delivered, returned or released; those picked up; those on the way back to the store.
  active_tasks int not null default 0,
  carrying_tasks int not null default 0 check (carrying_tasks >= 0),
  returning_tasks int not null default 0 check (returning_tasks >= 0),
  status text not null generated always as (
    case when returning_tasks > 0 then 'RETURNING' when carrying_tasks > 0 then 'CARRYING'
      when active_tasks > 0 then 'EN_ROUTE' when open_offers > 0 then 'OFFERED'
      when shift_on then 'AVAILABLE' else 'OFF' end) stored,
  -- Lifetime counts of the acceptance model.
  offers_made int not null default 0,
  offers_accepted int not null default 0,
  -- The driver's last row of driver_periods, repeated here; null until the first.
  period text,
  period_seq int not null default 0,
  period_since timestamptz,
  paid_before_ms bigint not null default 0,
  -- Raised by every change of a document or of what the rules ask of the driver.
  compliance_version bigint not null default 0,
  -- When the driver moved to another region; null: here.
  left_at timestamptz,
  changed_at timestamptz not null,
  primary key (region_id, id),
  constraint tasks_in_hand_are_active check (carrying_tasks + returning_tasks <= active_tasks),
  constraint within_capacity check (open_offers + active_tasks <= capacity),
  constraint left_without_work check (left_at is null or (not shift_on and open_offers + active_tasks = 0))
) with (fillfactor = 50);
-- For the one question that concerns all regions: where else is this driver?
create index drivers_by_id on drivers (id);

-- Where drivers are. Dispatch reads it and never locks it; whoever hears a position writes it here.
create table driver_positions (
  region_id text not null references regions,
  driver_id uuid not null,
  lat_e7 int not null check (lat_e7 between -900000000 and 900000000),
  lon_e7 int not null check (lon_e7 between -1800000000 and 1800000000),
  recorded_at timestamptz not null,
  primary key (region_id, driver_id),
  foreign key (region_id, driver_id) references drivers
) with (fillfactor = 50);

-- A renewed document is a row of its own beside the one that still holds. Only hashes and ids, never an image.
create table driver_documents (
  region_id text not null,
  driver_id uuid not null,
  kind text not null check (kind in ('identity', 'licence', 'insurance', 'registration', 'background_check')),
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  checked_at timestamptz not null,
  revoked boolean not null default false,
  -- Who checked it, and under which id; a webhook of theirs finds the row by it.
  provider text,
  provider_ref text,
  content_hmac bytea,
  primary key (region_id, driver_id, kind, valid_from),
  foreign key (region_id, driver_id) references drivers,
  check (valid_until > valid_from)
);

-- What an insurer asks for: each row lasts until the next one of its driver, so rows cannot overlap. Append-only.
-- An open offer is no period of its own: until it is accepted the driver is available.
create table driver_periods (
  region_id text not null,
  driver_id uuid not null,
  seq int not null check (seq > 0),
  kind text not null check (kind in ('off', 'available', 'to-pickup', 'carrying', 'returning')),
  started_at timestamptz not null,
  -- Paid milliseconds (to-pickup, carrying, returning) of this driver before started_at: any window is a subtraction.
  paid_before_ms bigint not null check (paid_before_ms >= 0),
  primary key (region_id, driver_id, seq),
  foreign key (region_id, driver_id) references drivers
);
create index periods_by_start on driver_periods (region_id, driver_id, started_at, seq)
  include (kind, paid_before_ms);
