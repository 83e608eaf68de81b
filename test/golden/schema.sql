VIEW address_rows
  id uuid
  regionId text
  customerId uuid
  address text
  latE7 integer
  lonE7 integer
  createdAtMs bigint
  GRANT SELECT TO cloudrun_service

TABLE api_sessions
  id uuid NOT NULL
  token_id uuid NOT NULL
  token_hash bytea NOT NULL
  secret_hash bytea NOT NULL
  created_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
  CONSTRAINT api_sessions_pkey PRIMARY KEY (id)
  CONSTRAINT api_sessions_secret_hash_check CHECK ((length(secret_hash) = 32))
  CONSTRAINT api_sessions_token_id_fkey FOREIGN KEY (token_id) REFERENCES api_tokens(id) ON DELETE CASCADE
  CREATE INDEX sessions_by_token ON public.api_sessions USING btree (token_id, created_at)
  GRANT DELETE, INSERT, SELECT TO cloudrun_service

TABLE api_tokens
  id uuid NOT NULL
  name text NOT NULL
  secret_hash bytea NOT NULL
  scopes text[] NOT NULL
  created_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone
  revoked_at timestamp with time zone
  previous_hash bytea
  previous_until timestamp with time zone
  CONSTRAINT api_tokens_pkey PRIMARY KEY (id)
  CONSTRAINT api_tokens_previous_hash_key UNIQUE (previous_hash)
  CONSTRAINT api_tokens_scopes_check CHECK ((cardinality(scopes) > 0))
  CONSTRAINT api_tokens_secret_hash_key UNIQUE (secret_hash)
  CONSTRAINT hashes_are_sha256 CHECK (((length(secret_hash) = 32) AND (length(previous_hash) = 32)))
  CONSTRAINT previous_secret_is_whole CHECK (((previous_hash IS NULL) = (previous_until IS NULL)))
  CONSTRAINT scopes_are_known CHECK ((array_to_string(scopes, ' '::text, '-'::text) ~ '^((ops|services|read|metrics|driver:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})( (?=[a-z])|$))+$'::text))
  GRANT SELECT TO cloudrun_service

TABLE customer_addresses
  region_id text NOT NULL
  id uuid NOT NULL
  customer_id uuid NOT NULL
  address text NOT NULL
  lat_e7 integer NOT NULL
  lon_e7 integer NOT NULL
  created_at timestamp with time zone NOT NULL
  CONSTRAINT customer_addresses_lat_e7_check CHECK (((lat_e7 >= '-900000000'::integer) AND (lat_e7 <= 900000000)))
  CONSTRAINT customer_addresses_lon_e7_check CHECK (((lon_e7 >= '-1800000000'::integer) AND (lon_e7 <= 1800000000)))
  CONSTRAINT customer_addresses_pkey PRIMARY KEY (region_id, id)
  CONSTRAINT customer_addresses_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  GRANT INSERT, SELECT, UPDATE TO cloudrun_service

TABLE daemons
  owner text NOT NULL
  region_ids text[] NOT NULL
  expires_at timestamp with time zone NOT NULL
  CONSTRAINT daemons_pkey PRIMARY KEY (owner)
  GRANT DELETE, INSERT, SELECT, UPDATE TO cloudrun_service

TABLE delivery_tasks
  region_id text NOT NULL
  id uuid NOT NULL
  store_id uuid NOT NULL
  customer_address_id uuid
  drop_lat_e7 integer NOT NULL
  drop_lon_e7 integer NOT NULL
  ready_at timestamp with time zone NOT NULL
  due_at timestamp with time zone NOT NULL
  latest_at timestamp with time zone NOT NULL
  category text NOT NULL
  value_cents integer NOT NULL
  units integer NOT NULL
  pay_cents integer NOT NULL
  age_check_until timestamp with time zone
  purchaser_hmac bytea
  status text NOT NULL DEFAULT 'PENDING'::text
  driver_id uuid
  offer_id uuid
  offer_expires_at timestamp with time zone
  attempts integer NOT NULL DEFAULT 0
  dossier_seq integer NOT NULL DEFAULT 0
  dossier_head bytea NOT NULL DEFAULT decode(repeat('00'::text, 32), 'hex'::text)
  legal_hold boolean NOT NULL DEFAULT false
  created_at timestamp with time zone NOT NULL
  changed_at timestamp with time zone NOT NULL
  handover_at timestamp with time zone
  closed_at timestamp with time zone
  CONSTRAINT closed_exactly_when_ended CHECK (((status = ANY (ARRAY['DELIVERED'::text, 'RETURNED'::text, 'CANCELLED'::text, 'FAILED'::text])) = (closed_at IS NOT NULL)))
  CONSTRAINT delivery_tasks_attempts_check CHECK ((attempts >= 0))
  CONSTRAINT delivery_tasks_category_check CHECK ((category <> ALL (ARRAY[''::text, '*'::text])))
  CONSTRAINT delivery_tasks_check CHECK (((due_at <= latest_at) AND (ready_at <= latest_at)))
  CONSTRAINT delivery_tasks_drop_lat_e7_check CHECK (((drop_lat_e7 >= '-900000000'::integer) AND (drop_lat_e7 <= 900000000)))
  CONSTRAINT delivery_tasks_drop_lon_e7_check CHECK (((drop_lon_e7 >= '-1800000000'::integer) AND (drop_lon_e7 <= 1800000000)))
  CONSTRAINT delivery_tasks_pay_cents_check CHECK ((pay_cents >= 0))
  CONSTRAINT delivery_tasks_pkey PRIMARY KEY (region_id, id)
  CONSTRAINT delivery_tasks_region_id_customer_address_id_fkey FOREIGN KEY (region_id, customer_address_id) REFERENCES customer_addresses(region_id, id)
  CONSTRAINT delivery_tasks_region_id_store_id_fkey FOREIGN KEY (region_id, store_id) REFERENCES stores(region_id, id)
  CONSTRAINT delivery_tasks_units_check CHECK ((units > 0))
  CONSTRAINT delivery_tasks_value_cents_check CHECK ((value_cents >= 0))
  CONSTRAINT driver_exactly_with_offer CHECK (((driver_id IS NULL) = (offer_id IS NULL)))
  CONSTRAINT handed_over_exactly_when_tried CHECK (((status = ANY (ARRAY['DELIVERED'::text, 'RETURNING'::text, 'RETURNED'::text])) = (handover_at IS NOT NULL)))
  CONSTRAINT held_by_a_driver_exactly_when_underway_or_done CHECK (((status = ANY (ARRAY['OFFERED'::text, 'ASSIGNED'::text, 'PICKED_UP'::text, 'DELIVERED'::text, 'RETURNING'::text, 'RETURNED'::text])) = (driver_id IS NOT NULL)))
  CONSTRAINT offer_expires_exactly_when_offered CHECK (((status = 'OFFERED'::text) = (offer_expires_at IS NOT NULL)))
  CONSTRAINT status_is_known CHECK ((status = ANY (ARRAY['PENDING'::text, 'OFFERED'::text, 'EXPIRED'::text, 'ASSIGNED'::text, 'PICKED_UP'::text, 'DELIVERED'::text, 'RETURNING'::text, 'RETURNED'::text, 'CANCELLED'::text, 'FAILED'::text])))
  CREATE INDEX tasks_by_close ON public.delivery_tasks USING btree (region_id, closed_at) INCLUDE (status) WHERE (closed_at IS NOT NULL)
  CREATE INDEX tasks_by_driver ON public.delivery_tasks USING btree (region_id, driver_id, status) WHERE (driver_id IS NOT NULL)
  CREATE INDEX tasks_by_handover ON public.delivery_tasks USING btree (region_id, handover_at) INCLUDE (status) WHERE (handover_at IS NOT NULL)
  CREATE INDEX tasks_by_status ON public.delivery_tasks USING btree (region_id, status, offer_expires_at)
  GRANT INSERT, SELECT, UPDATE TO cloudrun_service
  GRANT SELECT (region_id), SELECT (dossier_seq), SELECT (legal_hold), SELECT (closed_at) TO cloudrun_purge

TABLE dispatch_clock
  only_row boolean NOT NULL DEFAULT true
  origin_real timestamp with time zone NOT NULL
  origin_dispatch timestamp with time zone NOT NULL
  scale double precision NOT NULL
  CONSTRAINT dispatch_clock_only_row_check CHECK (only_row)
  CONSTRAINT dispatch_clock_pkey PRIMARY KEY (only_row)
  CONSTRAINT dispatch_clock_scale_check CHECK (((scale >= (0)::double precision) AND (scale <= (100000)::double precision)))
  GRANT SELECT TO cloudrun_purge
  GRANT SELECT TO cloudrun_service

TABLE dossier_events
  region_id text NOT NULL
  task_id uuid NOT NULL
  seq integer NOT NULL
  kind text NOT NULL
  actor text NOT NULL
  at timestamp with time zone NOT NULL
  body text NOT NULL
  prev_hash bytea NOT NULL
  hash bytea NOT NULL
  xid xid8 NOT NULL DEFAULT pg_current_xact_id()
  CONSTRAINT dossier_events_hash_check CHECK ((length(hash) = 32))
  CONSTRAINT dossier_events_kind_check CHECK ((kind ~ '^[a-z-]{1,40}$'::text))
  CONSTRAINT dossier_events_pkey PRIMARY KEY (region_id, task_id, seq)
  CONSTRAINT dossier_events_prev_hash_check CHECK ((length(prev_hash) = 32))
  CONSTRAINT dossier_events_seq_check CHECK ((seq > 0))
  CREATE INDEX dossier_events_as_outbox ON public.dossier_events USING btree (region_id, xid, task_id, seq)
  GRANT INSERT, SELECT TO cloudrun_service

TABLE dossier_tombstones
  region_id text NOT NULL
  task_id uuid NOT NULL
  last_seq integer NOT NULL
  last_hash bytea NOT NULL
  last_xid xid8 NOT NULL
  closed_at timestamp with time zone NOT NULL
  retention interval NOT NULL
  purged_at timestamp with time zone NOT NULL
  purged_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
  CONSTRAINT dossier_tombstones_last_hash_check CHECK ((length(last_hash) = 32))
  CONSTRAINT dossier_tombstones_last_seq_check CHECK ((last_seq > 0))
  CONSTRAINT dossier_tombstones_pkey PRIMARY KEY (region_id, task_id)
  CONSTRAINT dossier_tombstones_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  GRANT SELECT TO cloudrun_service

TABLE driver_documents
  region_id text NOT NULL
  driver_id uuid NOT NULL
  kind text NOT NULL
  valid_from timestamp with time zone NOT NULL
  valid_until timestamp with time zone NOT NULL
  checked_at timestamp with time zone NOT NULL
  revoked boolean NOT NULL DEFAULT false
  provider text
  provider_ref text
  content_hmac bytea
  use text NOT NULL DEFAULT 'delivery'::text
  CONSTRAINT driver_documents_check CHECK ((valid_until > valid_from))
  CONSTRAINT driver_documents_kind_check CHECK ((kind = ANY (ARRAY['identity'::text, 'licence'::text, 'insurance'::text, 'registration'::text, 'background_check'::text])))
  CONSTRAINT driver_documents_pkey PRIMARY KEY (region_id, driver_id, kind, valid_from)
  CONSTRAINT driver_documents_region_id_driver_id_fkey FOREIGN KEY (region_id, driver_id) REFERENCES drivers(region_id, id)
  CONSTRAINT driver_documents_use_check CHECK ((use = ANY (ARRAY['delivery'::text, 'personal'::text])))
  GRANT INSERT, SELECT, UPDATE TO cloudrun_service

TABLE driver_periods
  region_id text NOT NULL
  driver_id uuid NOT NULL
  seq integer NOT NULL
  kind text NOT NULL
  started_at timestamp with time zone NOT NULL
  paid_before_ms bigint NOT NULL
  CONSTRAINT driver_periods_kind_check CHECK ((kind = ANY (ARRAY['off'::text, 'available'::text, 'to-pickup'::text, 'carrying'::text, 'returning'::text])))
  CONSTRAINT driver_periods_paid_before_ms_check CHECK ((paid_before_ms >= 0))
  CONSTRAINT driver_periods_pkey PRIMARY KEY (region_id, driver_id, seq)
  CONSTRAINT driver_periods_region_id_driver_id_fkey FOREIGN KEY (region_id, driver_id) REFERENCES drivers(region_id, id)
  CONSTRAINT driver_periods_seq_check CHECK ((seq > 0))
  CREATE INDEX periods_by_start ON public.driver_periods USING btree (region_id, driver_id, started_at, seq) INCLUDE (kind, paid_before_ms)
  GRANT INSERT, SELECT TO cloudrun_service

TABLE driver_positions
  region_id text NOT NULL
  driver_id uuid NOT NULL
  lat_e7 integer NOT NULL
  lon_e7 integer NOT NULL
  recorded_at timestamp with time zone NOT NULL
  CONSTRAINT driver_positions_lat_e7_check CHECK (((lat_e7 >= '-900000000'::integer) AND (lat_e7 <= 900000000)))
  CONSTRAINT driver_positions_lon_e7_check CHECK (((lon_e7 >= '-1800000000'::integer) AND (lon_e7 <= 1800000000)))
  CONSTRAINT driver_positions_pkey PRIMARY KEY (region_id, driver_id)
  CONSTRAINT driver_positions_region_id_driver_id_fkey FOREIGN KEY (region_id, driver_id) REFERENCES drivers(region_id, id)
  CONSTRAINT driver_positions_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  GRANT INSERT, SELECT, UPDATE TO cloudrun_service
VIEW driver_rows
  id uuid
  regionId text
  name text
  bornOn date
  optedIn boolean
  capacity integer
  shiftOn boolean
  status text
  openOffers integer
  activeTasks integer
  latE7 integer
  lonE7 integer
  recordedAtMs bigint
  GRANT SELECT TO cloudrun_service

TABLE drivers
  region_id text NOT NULL
  id uuid NOT NULL
  name text NOT NULL
  born_on date NOT NULL
  opted_in boolean NOT NULL
  capacity integer NOT NULL
  shift_on boolean NOT NULL
  open_offers integer NOT NULL DEFAULT 0
  active_tasks integer NOT NULL DEFAULT 0
  carrying_tasks integer NOT NULL DEFAULT 0
  returning_tasks integer NOT NULL DEFAULT 0
  status text NOT NULL GENERATED AS (
CASE
    WHEN (returning_tasks > 0) THEN 'RETURNING'::text
    WHEN (carrying_tasks > 0) THEN 'CARRYING'::text
    WHEN (active_tasks > 0) THEN 'EN_ROUTE'::text
    WHEN (open_offers > 0) THEN 'OFFERED'::text
    WHEN shift_on THEN 'AVAILABLE'::text
    ELSE 'OFF'::text
END)
  offers_made integer NOT NULL DEFAULT 0
  offers_accepted integer NOT NULL DEFAULT 0
  period text
  period_seq integer NOT NULL DEFAULT 0
  period_since timestamp with time zone
  paid_before_ms bigint NOT NULL DEFAULT 0
  compliance_version bigint NOT NULL DEFAULT 0
  left_at timestamp with time zone
  changed_at timestamp with time zone NOT NULL
  CONSTRAINT drivers_capacity_check CHECK (((capacity >= 1) AND (capacity <= 100)))
  CONSTRAINT drivers_carrying_tasks_check CHECK ((carrying_tasks >= 0))
  CONSTRAINT drivers_open_offers_check CHECK ((open_offers >= 0))
  CONSTRAINT drivers_pkey PRIMARY KEY (region_id, id)
  CONSTRAINT drivers_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CONSTRAINT drivers_returning_tasks_check CHECK ((returning_tasks >= 0))
  CONSTRAINT left_without_work CHECK (((left_at IS NULL) OR ((NOT shift_on) AND ((open_offers + active_tasks) = 0))))
  CONSTRAINT tasks_in_hand_are_active CHECK (((carrying_tasks + returning_tasks) <= active_tasks))
  CONSTRAINT within_capacity CHECK (((open_offers + active_tasks) <= capacity))
  CREATE INDEX drivers_by_id ON public.drivers USING btree (id)
  GRANT INSERT, SELECT, UPDATE TO cloudrun_service

TABLE eta_corrections
  region_id text NOT NULL
  hour smallint NOT NULL
  leg text NOT NULL
  cell text NOT NULL
  deliveries integer NOT NULL
  quantiles_ms integer[] NOT NULL
  CONSTRAINT eta_corrections_cell_check CHECK ((cell ~ '^[0-9a-f]{0,15}$'::text))
  CONSTRAINT eta_corrections_deliveries_check CHECK ((deliveries >= 0))
  CONSTRAINT eta_corrections_hour_check CHECK (((hour >= 0) AND (hour <= 23)))
  CONSTRAINT eta_corrections_leg_check CHECK ((leg = ANY (ARRAY['pickup'::text, 'drop'::text])))
  CONSTRAINT eta_corrections_pkey PRIMARY KEY (region_id, hour, leg, cell)
  CONSTRAINT eta_corrections_quantiles_ms_check CHECK ((cardinality(quantiles_ms) = 5))
  CONSTRAINT eta_corrections_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  GRANT DELETE, INSERT, SELECT, UPDATE TO cloudrun_service

TABLE idempotency_keys
  region_id text NOT NULL
  caller text NOT NULL
  key text NOT NULL
  request_hash bytea NOT NULL
  response_status integer
  response_body text
  created_at timestamp with time zone NOT NULL
  response_location text
  CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (region_id, caller, key)
  CONSTRAINT idempotency_keys_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (region_id, created_at)
  GRANT DELETE, INSERT, SELECT, UPDATE TO cloudrun_service

TABLE kill_switches
  region_id text NOT NULL
  category text NOT NULL
  seq integer NOT NULL
  since timestamp with time zone NOT NULL
  until timestamp with time zone
  reason text NOT NULL
  set_by text
  cleared_by text
  cleared_reason text
  CONSTRAINT kill_switches_category_check CHECK ((category <> ''::text))
  CONSTRAINT kill_switches_check CHECK ((until >= since))
  CONSTRAINT kill_switches_pkey PRIMARY KEY (region_id, category, seq)
  CONSTRAINT kill_switches_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CONSTRAINT kill_switches_seq_check CHECK ((seq > 0))
  CREATE UNIQUE INDEX one_standing_kill_switch ON public.kill_switches USING btree (region_id, category) WHERE (until IS NULL)
  GRANT INSERT, SELECT TO cloudrun_service
  GRANT UPDATE (until), UPDATE (cleared_by), UPDATE (cleared_reason) TO cloudrun_service

TABLE offer_logs
  region_id text NOT NULL
  offer_id uuid NOT NULL
  task_id uuid NOT NULL
  driver_id uuid NOT NULL
  tick_id uuid NOT NULL
  created_at timestamp with time zone NOT NULL
  features jsonb NOT NULL
  outcome text
  outcome_at timestamp with time zone
  outcome_reason text
  CONSTRAINT offer_logs_check CHECK (((outcome IS NULL) = (outcome_at IS NULL)))
  CONSTRAINT offer_logs_check1 CHECK (((outcome IS NOT NULL) OR (outcome_reason IS NULL)))
  CONSTRAINT offer_logs_outcome_check CHECK ((outcome = ANY (ARRAY['ACCEPTED'::text, 'REJECTED'::text, 'TIMEOUT'::text, 'CANCELLED'::text])))
  CONSTRAINT offer_logs_pkey PRIMARY KEY (region_id, offer_id)
  CREATE INDEX offer_logs_by_task ON public.offer_logs USING btree (region_id, task_id, created_at)
  GRANT INSERT, SELECT TO cloudrun_service
  GRANT UPDATE (outcome), UPDATE (outcome_at), UPDATE (outcome_reason) TO cloudrun_service
VIEW offer_rows
  id uuid
  regionId text
  taskId uuid
  driverId uuid
  bundleId uuid
  stopSequence integer
  tickId uuid
  state text
  createdAtMs bigint
  expiresAtMs bigint
  closedAtMs bigint
  GRANT SELECT TO cloudrun_service

TABLE offers
  region_id text NOT NULL
  id uuid NOT NULL
  task_id uuid NOT NULL
  driver_id uuid NOT NULL
  bundle_id uuid NOT NULL
  stop_sequence integer NOT NULL
  tick_id uuid NOT NULL
  state text NOT NULL DEFAULT 'OPEN'::text
  created_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
  closed_at timestamp with time zone
  CONSTRAINT closed_exactly_when_not_open CHECK (((state = 'OPEN'::text) = (closed_at IS NULL)))
  CONSTRAINT offers_check CHECK ((expires_at > created_at))
  CONSTRAINT offers_pkey PRIMARY KEY (region_id, id)
  CONSTRAINT offers_state_check CHECK ((state = ANY (ARRAY['OPEN'::text, 'ACCEPTED'::text, 'REJECTED'::text, 'TIMEOUT'::text, 'CANCELLED'::text])))
  CONSTRAINT offers_stop_sequence_check CHECK ((stop_sequence > 0))
  CREATE INDEX declined_offers_by_close ON public.offers USING btree (region_id, closed_at) INCLUDE (driver_id, task_id) WHERE (state = ANY (ARRAY['REJECTED'::text, 'TIMEOUT'::text]))
  CREATE INDEX offers_by_driver ON public.offers USING btree (region_id, driver_id, id)
  CREATE INDEX open_offers_by_expiry ON public.offers USING btree (region_id, expires_at, id) WHERE (state = 'OPEN'::text)
  CREATE UNIQUE INDEX one_open_bundle_per_driver ON public.offers USING btree (region_id, driver_id) WHERE ((state = 'OPEN'::text) AND (stop_sequence = 1))
  CREATE UNIQUE INDEX one_open_offer_per_task ON public.offers USING btree (region_id, task_id) WHERE (state = 'OPEN'::text)
  GRANT INSERT, SELECT TO cloudrun_service
  GRANT UPDATE (state), UPDATE (closed_at) TO cloudrun_service

TABLE provider_events
  region_id text NOT NULL
  provider text NOT NULL
  event_id text NOT NULL
  received_at timestamp with time zone NOT NULL
  payload_hash bytea NOT NULL
  payload jsonb NOT NULL
  driver_id uuid
  kind text
  unmapped_reason text
  CONSTRAINT provider_events_check CHECK (((driver_id IS NULL) = (unmapped_reason IS NOT NULL)))
  CONSTRAINT provider_events_pkey PRIMARY KEY (region_id, provider, event_id)
  CONSTRAINT provider_events_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CREATE INDEX provider_events_by_age ON public.provider_events USING btree (region_id, received_at)
  GRANT DELETE, INSERT, SELECT, UPDATE TO cloudrun_service

TABLE providers
  region_id text NOT NULL
  id text NOT NULL
  secret bytea NOT NULL
  mapping jsonb NOT NULL
  changed_at timestamp with time zone NOT NULL
  CONSTRAINT providers_id_check CHECK ((id ~ '^[a-z0-9-]{1,40}$'::text))
  CONSTRAINT providers_pkey PRIMARY KEY (region_id, id)
  CONSTRAINT providers_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  GRANT SELECT TO cloudrun_service

TABLE region_leases
  region_id text NOT NULL
  owner text
  fence bigint NOT NULL
  expires_at timestamp with time zone NOT NULL
  paused_by text
  paused_at timestamp with time zone
  CONSTRAINT paused_by_somebody_since_then CHECK (((paused_by IS NULL) = (paused_at IS NULL)))
  CONSTRAINT region_leases_fence_check CHECK ((fence > 0))
  CONSTRAINT region_leases_pkey PRIMARY KEY (region_id)
  CONSTRAINT region_leases_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CONSTRAINT released_without_owner CHECK (((owner IS NULL) = (expires_at = '-infinity'::timestamp with time zone)))
  GRANT INSERT, SELECT, UPDATE TO cloudrun_service

TABLE region_weights
  region_id text NOT NULL
  version integer NOT NULL
  weights jsonb NOT NULL
  created_at timestamp with time zone NOT NULL
  CONSTRAINT region_weights_check CHECK ((((weights ->> 'version'::text))::integer = version))
  CONSTRAINT region_weights_pkey PRIMARY KEY (region_id, version)
  CONSTRAINT region_weights_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CONSTRAINT region_weights_version_check CHECK ((version > 0))
  GRANT SELECT TO cloudrun_purge
  GRANT SELECT TO cloudrun_service

TABLE regions
  region_id text NOT NULL
  name text NOT NULL
  time_zone text NOT NULL
  graph text NOT NULL
  area jsonb
  settings jsonb NOT NULL
  weights_version integer NOT NULL
  compliance_version bigint NOT NULL DEFAULT 0
  changed_at timestamp with time zone NOT NULL
  CONSTRAINT area_is_drawable CHECK (((area IS NULL) OR is_area(area)))
  CONSTRAINT offers_stay_open_a_minute CHECK ((((settings ->> 'offerTtlS'::text))::double precision >= (60)::double precision))
  CONSTRAINT regions_pkey PRIMARY KEY (region_id)
  CONSTRAINT regions_region_id_check CHECK ((region_id ~ '^[a-z0-9-]{1,40}$'::text))
  CONSTRAINT regions_settings_check CHECK ((settings ?& ARRAY['offerTtlS'::text, 'attemptsLimit'::text, 'declineCoolDownS'::text, 'documentCheckMaxAgeS'::text, 'carryLimitUnits'::text, 'carryLimitCents'::text]))
  CONSTRAINT retention_is_set CHECK ((((settings ->> 'retentionDays'::text))::integer > 0))
  GRANT SELECT TO cloudrun_purge
  GRANT SELECT TO cloudrun_service
  GRANT UPDATE (compliance_version) TO cloudrun_service

TABLE rules
  region_id text NOT NULL
  code text NOT NULL
  valid_from timestamp with time zone NOT NULL
  valid_until timestamp with time zone
  scope text NOT NULL
  sentence text NOT NULL
  predicate jsonb NOT NULL
  source text NOT NULL
  put_by text NOT NULL
  ended_by text
  polygons jsonb GENERATED AS (area_e7((predicate -> 'area'::text)))
  CONSTRAINT ends_no_earlier_than_it_starts CHECK ((valid_until >= valid_from))
  CONSTRAINT predicate_is_known CHECK (is_rule_predicate(predicate))
  CONSTRAINT rules_code_check CHECK ((code ~ '^[A-Z0-9_]{1,60}$'::text))
  CONSTRAINT rules_pkey PRIMARY KEY (region_id, code, valid_from)
  CONSTRAINT rules_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CONSTRAINT rules_scope_check CHECK ((scope = ANY (ARRAY['task'::text, 'store'::text, 'driver'::text, 'pair'::text])))
  CONSTRAINT scope_follows_from_kind CHECK ((scope = rule_scope((predicate ->> 'kind'::text))))
  CREATE UNIQUE INDEX one_standing_version_per_rule ON public.rules USING btree (region_id, code) WHERE (valid_until IS NULL)
  GRANT INSERT, SELECT TO cloudrun_service
  GRANT UPDATE (valid_until), UPDATE (ended_by) TO cloudrun_service

TABLE schema_migrations
  name text NOT NULL
  sha256 text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (name)
  GRANT SELECT TO cloudrun_service

TABLE speed_epochs
  graph text NOT NULL
  epoch integer NOT NULL
  at timestamp with time zone NOT NULL
  source text NOT NULL
  speeds bytea NOT NULL
  graph_hash text NOT NULL
  speeds_hash text NOT NULL
  weights_hash text NOT NULL
  rows_in_use integer NOT NULL
  segments_changed integer NOT NULL
  CONSTRAINT speed_epochs_epoch_check CHECK ((epoch > 0))
  CONSTRAINT speed_epochs_pkey PRIMARY KEY (graph, epoch)
  CONSTRAINT speed_epochs_rows_in_use_check CHECK ((rows_in_use >= 0))
  CONSTRAINT speed_epochs_segments_changed_check CHECK ((segments_changed >= 0))
  CREATE INDEX speed_epochs_by_graph_file ON public.speed_epochs USING btree (graph, graph_hash, epoch)
  GRANT DELETE, INSERT, SELECT TO cloudrun_service
VIEW store_rows
  id uuid
  regionId text
  name text
  latE7 integer
  lonE7 integer
  hours jsonb
  permitUntilMs bigint
  GRANT SELECT TO cloudrun_service

TABLE stores
  region_id text NOT NULL
  id uuid NOT NULL
  name text NOT NULL
  lat_e7 integer NOT NULL
  lon_e7 integer NOT NULL
  hours jsonb
  permit_until timestamp with time zone
  changed_at timestamp with time zone NOT NULL
  CONSTRAINT stores_hours_check CHECK (are_weekly_hours(hours))
  CONSTRAINT stores_lat_e7_check CHECK (((lat_e7 >= '-900000000'::integer) AND (lat_e7 <= 900000000)))
  CONSTRAINT stores_lon_e7_check CHECK (((lon_e7 >= '-1800000000'::integer) AND (lon_e7 <= 1800000000)))
  CONSTRAINT stores_pkey PRIMARY KEY (region_id, id)
  CONSTRAINT stores_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  GRANT INSERT, SELECT, UPDATE TO cloudrun_service
VIEW task_rows
  id uuid
  regionId text
  storeId uuid
  dropLatE7 integer
  dropLonE7 integer
  readyAtMs bigint
  dueAtMs bigint
  latestAtMs bigint
  category text
  valueCents integer
  units integer
  payCents integer
  ageCheckUntilMs bigint
  state text
  driverId uuid
  offerId uuid
  offerExpiresAtMs bigint
  attempts integer
  createdAtMs bigint
  changedAtMs bigint
  customerAddressId uuid
  purchaserHmac text
  GRANT SELECT TO cloudrun_service

TABLE tick_commits
  region_id text NOT NULL
  tick_id uuid NOT NULL
  fence bigint NOT NULL
  at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
  task_ids uuid[] NOT NULL DEFAULT '{}'::uuid[]
  driver_ids uuid[] NOT NULL DEFAULT '{}'::uuid[]
  offer_ids uuid[] NOT NULL DEFAULT '{}'::uuid[]
  refusals text[] NOT NULL DEFAULT '{}'::text[]
  CONSTRAINT tick_commits_pkey PRIMARY KEY (region_id, tick_id)
  CONSTRAINT tick_commits_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  GRANT INSERT, SELECT, UPDATE TO cloudrun_service

TABLE tick_payloads PARTITION BY RANGE (at)
  region_id text NOT NULL
  tick_id uuid NOT NULL
  at timestamp with time zone NOT NULL
  payload bytea NOT NULL
  CONSTRAINT tick_payloads_pkey PRIMARY KEY (region_id, tick_id, at)
  GRANT INSERT, SELECT TO cloudrun_service
VIEW tick_rows
  id uuid
  regionId text
  atMs bigint
  trigger text
  fence bigint
  snapshotHash text
  decisionHash text
  graph text
  graphEpoch integer
  weightsVersion integer
  codeVersion text
  counts jsonb
  stageMs jsonb
  solve jsonb
  GRANT SELECT TO cloudrun_service

TABLE ticks
  region_id text NOT NULL
  id uuid NOT NULL
  at timestamp with time zone NOT NULL
  trigger text NOT NULL
  fence bigint NOT NULL
  snapshot_hash text NOT NULL
  decision_hash text NOT NULL
  graph text NOT NULL
  graph_epoch integer NOT NULL
  weights_version integer NOT NULL
  code_version text NOT NULL
  counts jsonb NOT NULL
  stage_ms jsonb NOT NULL
  solve jsonb NOT NULL
  CONSTRAINT ticks_pkey PRIMARY KEY (region_id, id)
  CONSTRAINT ticks_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CONSTRAINT ticks_trigger_check CHECK ((trigger = ANY (ARRAY['loop'::text, 'request'::text])))
  CREATE INDEX ticks_by_instant ON public.ticks USING btree (region_id, at, id)
  GRANT INSERT, SELECT TO cloudrun_service

TABLE webhook_deliveries
  region_id text NOT NULL
  endpoint_id uuid NOT NULL
  task_id uuid NOT NULL
  seq integer NOT NULL
  state text NOT NULL DEFAULT 'WAITING'::text
  attempts integer NOT NULL DEFAULT 0
  due_at timestamp with time zone
  last_error text
  created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  ended_at timestamp with time zone
  attempts_before integer NOT NULL DEFAULT 0
  CONSTRAINT webhook_deliveries_check CHECK (((state = 'WAITING'::text) = (due_at IS NOT NULL)))
  CONSTRAINT webhook_deliveries_check1 CHECK (((state = 'WAITING'::text) = (ended_at IS NULL)))
  CONSTRAINT webhook_deliveries_check2 CHECK (((attempts_before >= 0) AND (attempts_before <= attempts)))
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (region_id, endpoint_id, task_id, seq)
  CONSTRAINT webhook_deliveries_region_id_endpoint_id_fkey FOREIGN KEY (region_id, endpoint_id) REFERENCES webhook_endpoints(region_id, id)
  CONSTRAINT webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['WAITING'::text, 'DELIVERED'::text, 'DEAD'::text])))
  CREATE INDEX ended_webhook_deliveries ON public.webhook_deliveries USING btree (region_id, ended_at) WHERE (ended_at IS NOT NULL)
  CREATE INDEX undelivered_webhook_deliveries ON public.webhook_deliveries USING btree (region_id, endpoint_id, due_at, task_id, seq) WHERE (state <> 'DELIVERED'::text)
  GRANT DELETE, INSERT, SELECT, UPDATE TO cloudrun_service

TABLE webhook_endpoints
  region_id text NOT NULL
  id uuid NOT NULL
  url text NOT NULL
  secret bytea NOT NULL
  kinds text[]
  paused boolean NOT NULL DEFAULT false
  cursor_xid xid8 NOT NULL DEFAULT '0'::xid8
  cursor_task_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'::uuid
  cursor_seq integer NOT NULL DEFAULT 0
  created_at timestamp with time zone NOT NULL
  old_secret bytea
  old_secret_until timestamp with time zone
  CONSTRAINT webhook_endpoints_check CHECK (((old_secret IS NULL) = (old_secret_until IS NULL)))
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (region_id, id)
  CONSTRAINT webhook_endpoints_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(region_id)
  CONSTRAINT webhook_endpoints_url_check CHECK (((url ~ '^https?://'::text) AND (length(url) <= 2000)))
  GRANT DELETE, INSERT, SELECT, UPDATE TO cloudrun_service
FUNCTION add_starting_rules(p_region_id text) RETURNS void LANGUAGE plpgsql VOLATILE
FUNCTION answer_offer(p_region_id text, p_offer_id uuid, p_action text, p_driver_id uuid, p_detail jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(outcome text, state text, reason text, repeated boolean, task_id uuid, task_state text) LANGUAGE plpgsql VOLATILE
FUNCTION append_events(p_region_id text, p_task_ids uuid[], p_kind text, p_actor text, p_details text[], p_now timestamp with time zone, OUT seqs integer[], OUT heads bytea[]) RETURNS record LANGUAGE plpgsql VOLATILE
FUNCTION append_periods(p_region_id text, p_driver_ids uuid[], p_now timestamp with time zone) RETURNS void LANGUAGE plpgsql VOLATILE
FUNCTION are_weekly_hours(p_hours jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
FUNCTION area_e7(p_area jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE
FUNCTION canonical_json(p_value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE
FUNCTION change_load(p_region_id text, p_driver_ids uuid[], p_from text, p_to text, p_now timestamp with time zone) RETURNS void LANGUAGE plpgsql VOLATILE
FUNCTION change_shift(p_region_id text, p_driver_id uuid, p_on boolean, p_after_work boolean, p_detail jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(outcome text, status text, repeated boolean, rejected_ids json, tasks json) LANGUAGE plpgsql VOLATILE
FUNCTION change_task(p_region_id text, p_task_id uuid, p_action text, p_driver_id uuid, p_detail jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(outcome text, state text, reason text, repeated boolean, offer_id uuid, units_missing integer) LANGUAGE plpgsql VOLATILE
FUNCTION claim_deliveries(p_region_id text, p_endpoint_id uuid, p_limit integer, p_lease_ms integer) RETURNS TABLE(task_id uuid, seq integer, attempt integer, tries integer, hash text, body text, url text, secret bytea, old_secret bytea) LANGUAGE plpgsql VOLATILE
FUNCTION claim_idempotency_key(p_region_id text, p_caller text, p_key text, p_request_hash bytea, p_running_ms integer, p_keep_hours integer, p_now timestamp with time zone DEFAULT clock_timestamp()) RETURNS TABLE(kind text, response_status integer, response_body text, response_location text) LANGUAGE plpgsql VOLATILE
FUNCTION claim_lease(p_region_id text, p_owner text, p_ttl_ms integer) RETURNS TABLE(kind text, owner text, fence bigint, expires_in_ms integer) LANGUAGE plpgsql VOLATILE
FUNCTION close_offers(p_region_id text, p_offer_ids uuid[], p_state text, p_reason text, p_now timestamp with time zone) RETURNS void LANGUAGE plpgsql VOLATILE
FUNCTION closes_at(p_hours jsonb, p_time_zone text, p_at timestamp with time zone) RETURNS timestamp with time zone LANGUAGE plpgsql STABLE
FUNCTION commit_offers(p_region_id text, p_fence bigint, p_tick_id uuid, p_task_ids uuid[], p_driver_ids uuid[], p_drop_at timestamp with time zone[], p_needed_until timestamp with time zone[], p_features jsonb[], p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(kind text, repeated boolean, at_ms bigint, expires_at_ms bigint, task_ids json, driver_ids json, offer_ids json, refusals json) LANGUAGE plpgsql VOLATILE
FUNCTION conflict_reason(p_task delivery_tasks, p_action text, p_driver_id uuid, p_detail jsonb, p_now timestamp with time zone) RETURNS text LANGUAGE plpgsql STABLE
FUNCTION create_tasks(p_region_id text, p_tasks jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(outcome text, code text, task json) LANGUAGE plpgsql VOLATILE
FUNCTION delete_webhook_endpoint(p_region_id text, p_endpoint_id uuid) RETURNS TABLE(id uuid) LANGUAGE plpgsql VOLATILE
FUNCTION dispatch_clock_now() RETURNS timestamp with time zone LANGUAGE plpgsql VOLATILE
FUNCTION dispatch_now() RETURNS timestamp with time zone LANGUAGE plpgsql STABLE
FUNCTION distribute() RETURNS boolean LANGUAGE plpgsql VOLATILE
FUNCTION dossier_instant(p_at timestamp with time zone) RETURNS text LANGUAGE plpgsql STABLE
FUNCTION driver_part(p_region_id text, p_task_id uuid, p_driver_ids uuid[]) RETURNS text LANGUAGE plpgsql STABLE
FUNCTION drops_covered(p_polygons jsonb[], p_lon_e7 integer[], p_lat_e7 integer[]) RETURNS TABLE(drop bigint, rule bigint) LANGUAGE plpgsql IMMUTABLE
FUNCTION epoch_ms(instant timestamp with time zone) RETURNS bigint LANGUAGE sql STABLE
FUNCTION event_kind(p_action text) RETURNS text LANGUAGE plpgsql IMMUTABLE
FUNCTION evidence_flaw(p_task delivery_tasks, p_action text, p_detail jsonb, p_now timestamp with time zone) RETURNS text LANGUAGE plpgsql STABLE
FUNCTION expire_offers(p_region_id text, p_limit integer, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(expired integer, failed integer, slot integer) LANGUAGE plpgsql VOLATILE
FUNCTION fail_tasks(p_region_id text, p_locked_ids uuid[], p_attempts_limit double precision, p_now timestamp with time zone) RETURNS integer LANGUAGE plpgsql VOLATILE
FUNCTION fan_out_events(p_region_id text, p_limit integer, p_waiting_limit integer) RETURNS TABLE(endpoint_id uuid, passed integer) LANGUAGE plpgsql VOLATILE
FUNCTION first_instant(p_local timestamp without time zone, p_time_zone text) RETURNS timestamp with time zone LANGUAGE plpgsql STABLE
FUNCTION from_epoch_ms(epoch_ms bigint) RETURNS timestamp with time zone LANGUAGE sql STABLE
FUNCTION grant_purge() RETURNS boolean LANGUAGE plpgsql VOLATILE
FUNCTION grant_service() RETURNS boolean LANGUAGE plpgsql VOLATILE
FUNCTION hand_over_flaw(p_task delivery_tasks, p_now timestamp with time zone) RETURNS text LANGUAGE plpgsql STABLE
FUNCTION is_area(p_area jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
FUNCTION is_dossier_intact(p_task delivery_tasks) RETURNS boolean LANGUAGE plpgsql STABLE
FUNCTION is_rule_predicate(p_predicate jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
FUNCTION is_whole(p_value jsonb, p_least numeric, p_most numeric) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
FUNCTION judge_proposals(p_region_id text, p_task_ids uuid[], p_driver_ids uuid[], p_drop_at timestamp with time zone[], p_needed_until timestamp with time zone[], p_locked_ids uuid[], p_now timestamp with time zone) RETURNS TABLE(ordinal bigint, task_id uuid, driver_id uuid, refusal text, attempt integer, driver_compliance bigint, region_compliance bigint) LANGUAGE plpgsql STABLE
FUNCTION keep_payload_partitions(p_keep_hours integer, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
FUNCTION leave_region(p_region_id text, p_driver_ids uuid[], p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(refused_id uuid) LANGUAGE plpgsql VOLATILE
FUNCTION lock_due_tasks(p_region_id text, p_limit integer, p_now timestamp with time zone) RETURNS uuid[] LANGUAGE plpgsql VOLATILE
FUNCTION lock_proposals(p_region_id text, p_task_ids uuid[], p_driver_ids uuid[]) RETURNS uuid[] LANGUAGE plpgsql VOLATILE
FUNCTION move_task(p_task delivery_tasks, p_action text, p_to text, p_actor text, p_detail jsonb, p_now timestamp with time zone) RETURNS void LANGUAGE plpgsql VOLATILE
FUNCTION next_status(p_status text, p_action text) RETURNS text LANGUAGE plpgsql IMMUTABLE
FUNCTION of_age_from(born_on date, years integer, time_zone text) RETURNS timestamp with time zone LANGUAGE sql STABLE
FUNCTION offer_id(tick_id uuid, ordinal bigint) RETURNS uuid LANGUAGE sql STABLE
FUNCTION open_offers(p_region_id text, p_tick_id uuid, p_task_ids uuid[], p_driver_ids uuid[], p_drop_at timestamp with time zone[], p_needed_until timestamp with time zone[], p_features jsonb[], p_locked_ids uuid[], p_expires_at timestamp with time zone, p_now timestamp with time zone, OUT offer_ids uuid[], OUT refusals text[]) RETURNS record LANGUAGE plpgsql VOLATILE
FUNCTION open_session(p_id uuid, p_token_id uuid, p_token_hash bytea, p_secret_hash bytea, p_lifetime_s integer, p_most integer) RETURNS TABLE(expires_at_ms bigint) LANGUAGE plpgsql VOLATILE
FUNCTION open_spans(p_hours jsonb, p_time_zone text, p_from timestamp with time zone, p_until timestamp with time zone) RETURNS tstzmultirange LANGUAGE plpgsql STABLE
FUNCTION payload_partition(p_hour timestamp with time zone) RETURNS text LANGUAGE plpgsql STABLE
FUNCTION period_kind(p_status text) RETURNS text LANGUAGE plpgsql IMMUTABLE
FUNCTION purge_dossiers(p_region_id text, p_limit integer, p_after_ms bigint, p_after_id uuid, OUT tasks integer, OUT events integer, OUT last_ms bigint, OUT last_id uuid) RETURNS record LANGUAGE plpgsql VOLATILE SECURITY DEFINER
FUNCTION purgeable_dossiers(p_region_id text, OUT tasks integer, OUT events bigint, OUT held integer) RETURNS record LANGUAGE plpgsql STABLE
FUNCTION put_documents(p_region_id text, p_documents jsonb) RETURNS TABLE(unknown_id uuid) LANGUAGE plpgsql VOLATILE
FUNCTION put_region(p_region_id text, p_name text, p_time_zone text, p_graph text, p_settings jsonb, p_weights jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS text LANGUAGE plpgsql VOLATILE
FUNCTION put_rule(p_region_id text, p_code text, p_sentence text, p_source text, p_predicate jsonb, p_from timestamp with time zone, p_by text, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS text LANGUAGE plpgsql VOLATILE
FUNCTION read_new_tasks(p_region_id text, p_tasks jsonb, p_now timestamp with time zone) RETURNS TABLE(ordinal bigint, id uuid, store_id uuid, customer_address_id uuid, drop_lat_e7 integer, drop_lon_e7 integer, ready_at timestamp with time zone, due_at timestamp with time zone, latest_at timestamp with time zone, category text, value_cents integer, units integer, pay_cents integer, age_check_until timestamp with time zone, purchaser_hmac bytea, refusal text) LANGUAGE plpgsql STABLE
FUNCTION receive_provider_event(p_region_id text, p_provider text, p_event_id text, p_payload_hash bytea, p_document jsonb, p_reason text, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(outcome text, reason text) LANGUAGE plpgsql VOLATILE
FUNCTION reopened_latest_at(p_task delivery_tasks, p_detail jsonb) RETURNS timestamp with time zone LANGUAGE plpgsql STABLE
FUNCTION replace_eta_corrections(p_region_id text, p_rows jsonb) RETURNS integer LANGUAGE plpgsql VOLATILE
FUNCTION retention_of(p_settings jsonb) RETURNS interval LANGUAGE plpgsql IMMUTABLE
FUNCTION rotate_token(p_id uuid, p_secret_hash bytea, p_overlap_s integer) RETURNS text LANGUAGE plpgsql VOLATILE
FUNCTION rule_scope(p_kind text) RETURNS text LANGUAGE plpgsql IMMUTABLE
FUNCTION rules_in_force(p_region_id text, p_at timestamp with time zone) RETURNS TABLE(ordinal integer, code text, sentence text, source text, scope text, since timestamp with time zone, resolved jsonb, kind text, max_age interval, open_spans tstzmultirange, polygons jsonb) LANGUAGE plpgsql STABLE
FUNCTION save_tick(p_region_id text, p_header jsonb, p_payload bytea) RETURNS text LANGUAGE plpgsql VOLATILE
FUNCTION secret_holds(p_token api_tokens, p_hash bytea) RETURNS boolean LANGUAGE plpgsql STABLE
FUNCTION set_kill_switch(p_region_id text, p_category text, p_on boolean, p_reason text, p_by text, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS boolean LANGUAGE plpgsql VOLATILE
FUNCTION set_legal_hold(p_region_id text, p_task_id uuid, p_on boolean, p_detail jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(outcome text, repeated boolean) LANGUAGE plpgsql VOLATILE
FUNCTION starting_rules() RETURNS TABLE(code text, sentence text, source text, predicate jsonb) LANGUAGE plpgsql IMMUTABLE
FUNCTION time_out_tasks(p_region_id text, p_locked_ids uuid[], p_now timestamp with time zone) RETURNS integer LANGUAGE plpgsql VOLATILE
FUNCTION token_holds(p_token api_tokens) RETURNS boolean LANGUAGE plpgsql STABLE
FUNCTION upsert_addresses(p_region_id text, p_addresses jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(refused_id uuid) LANGUAGE plpgsql VOLATILE
FUNCTION upsert_drivers(p_region_id text, p_profiles jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS TABLE(refused_id uuid) LANGUAGE plpgsql VOLATILE
FUNCTION upsert_stores(p_region_id text, p_stores jsonb, p_now timestamp with time zone DEFAULT dispatch_now()) RETURNS boolean LANGUAGE plpgsql VOLATILE
FUNCTION was_done(p_task delivery_tasks, p_action text, p_driver_id uuid, p_actor text, p_detail jsonb) RETURNS boolean LANGUAGE plpgsql STABLE
