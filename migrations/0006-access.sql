-- Access, repeated requests, and what goes out to and comes in from other services.

-- An HTTP write by its Idempotency-Key: the same key with another body is refused. Kept for 24 hours.
create table idempotency_keys (
  region_id text not null references regions,
  -- Who asked: a token's id, or 'loopback'.
  caller text not null,
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null,
  -- Null while the first request runs.
  response_status int,
  response_body text,
  created_at timestamptz not null,
  primary key (region_id, caller, key)
);
create index idempotency_keys_by_age on idempotency_keys (region_id, created_at);

create table api_tokens (
  id uuid primary key,
  name text not null,
  -- sha256 of the secret, which has 256 random bits and is shown once.
  secret_hash bytea not null unique,
  -- 'ops', 'services', 'driver:<id>', 'read', 'metrics'.
  scopes text[] not null check (cardinality(scopes) > 0),
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);

create table webhook_endpoints (
  region_id text not null references regions,
  id uuid not null,
  url text not null check (url like 'https://%'),
  -- Sealed under a key kept outside the database.
  secret bytea not null,
  -- Kinds of dossier events; null: all.
  kinds text[],
  paused boolean not null default false,
  -- The last event handed to webhook_deliveries.
  cursor_xid xid8 not null default '0',
  cursor_task_id uuid,
  cursor_seq int,
  created_at timestamptz not null,
  primary key (region_id, id)
);

create table webhook_deliveries (
  region_id text not null,
  endpoint_id uuid not null,
  task_id uuid not null,
  seq int not null,
  state text not null default 'WAITING' check (state in ('WAITING', 'DELIVERED', 'DEAD')),
  attempts int not null default 0,
  -- When to try next; null once it ended.
  due_at timestamptz,
  last_error text,
  primary key (region_id, endpoint_id, task_id, seq),
  foreign key (region_id, endpoint_id) references webhook_endpoints,
  foreign key (region_id, task_id, seq) references dossier_events,
  check ((state = 'WAITING') = (due_at is not null))
);
create index waiting_webhook_deliveries on webhook_deliveries (region_id, due_at, endpoint_id, task_id, seq)
  where state = 'WAITING';

-- What providers of checks reported, once each by their own id: a replayed event changes nothing.
create table provider_events (
  region_id text not null references regions,
  provider text not null,
  event_id text not null,
  received_at timestamptz not null,
  payload_hash bytea not null,
  payload jsonb not null,
  -- What it was mapped to; null: understood as nothing, with the reason.
  driver_id uuid,
  kind text,
  unmapped_reason text,
  primary key (region_id, provider, event_id),
  check ((driver_id is null) = (unmapped_reason is not null))
);
