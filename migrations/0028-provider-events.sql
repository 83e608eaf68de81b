-- Provider events in: what a provider of checks reports becomes a document, once.

-- Who may report for a region, and how their payload is read. The mapping is a ProviderMapping
-- (src/domain/provider.ts).
create table providers (
  region_id text not null references regions,
  id text not null check (id ~ '^[a-z0-9-]{1,40}$'),
  -- Sealed under a key kept outside the database.
  secret bytea not null,
  mapping jsonb not null,
  changed_at timestamptz not null,
  primary key (region_id, id)
);

-- Records an event of a provider, and what it says of a driver's document: all of it, or nothing.
-- Parameters: the event's own id and the hash of its payload; the DriverDocument (src/domain/driver.ts) that it was
-- mapped to, or null and the reason why it means nothing here.
-- Returns one row. outcome: 'recorded'; 'repeated': the same event came before; 'conflict': another payload came under
-- its id. reason: why the event changed no document, or null.
--
-- Providers repeat and reorder. What was checked before a check that stands, or before a revocation or with it, is
-- SUPERSEDED. Drivers move: the document is put in every region that the driver has not left; a revocation also where
-- it has left, in case it comes back. While all were left it is DRIVER_UNKNOWN, and a repetition is tried anew.
-- Concurrency: of two with the same id the second waits for the first; then locks the driver, as put_documents does,
-- region by region in the order of their ids.
create function receive_provider_event(
  p_region_id text, p_provider text, p_event_id text, p_payload_hash bytea, p_document jsonb, p_reason text,
  p_now timestamptz default dispatch_now()
)
returns table (outcome text, reason text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_driver_id uuid := (p_document ->> 'driverId')::uuid;
  v_kind text := p_document ->> 'kind';
  v_checked_at timestamptz := from_epoch_ms((p_document ->> 'checkedAtMs')::bigint);
  v_revokes boolean := (p_document ->> 'revoked')::boolean;
  v_outcome text := 'recorded';
  v_reason text := p_reason;
  v_region record;
  v_known provider_events;
begin
  insert into provider_events (region_id, provider, event_id, received_at, payload_hash, payload, unmapped_reason)
  values (p_region_id, p_provider, p_event_id, p_now, p_payload_hash, coalesce(p_document, '{}'),
    coalesce(p_reason, 'UNFINISHED'))
  on conflict do nothing;
  if not found then
    select * into v_known from provider_events event
    where event.region_id = p_region_id and event.provider = p_provider and event.event_id = p_event_id
    for no key update;
    v_outcome := case when v_known.payload_hash = p_payload_hash then 'repeated' else 'conflict' end;
    if v_outcome = 'conflict' or v_known.unmapped_reason is distinct from 'DRIVER_UNKNOWN' or p_document is null then
      return query select v_outcome, v_known.unmapped_reason;
      return;
    end if;
  end if;
  if v_reason is null then
    v_reason := 'DRIVER_UNKNOWN';
    for v_region in
      select driver.region_id as id, driver.left_at from drivers driver
      where driver.id = v_driver_id and (driver.left_at is null or v_revokes)
      order by driver.region_id
      for no key update
    loop
      perform from driver_documents document
      where document.region_id = v_region.id and document.driver_id = v_driver_id and document.kind = v_kind
        and (document.checked_at > v_checked_at
            and (document.revoked or document.valid_from = from_epoch_ms((p_document ->> 'validFromMs')::bigint))
          or document.checked_at = v_checked_at and document.revoked and not v_revokes);
      if not found then
        perform put_documents(v_region.id, jsonb_build_array(p_document));
        v_reason := case when v_region.left_at is null then 'PUT' else v_reason end;
      elsif v_region.left_at is null and v_reason <> 'PUT' then
        v_reason := 'SUPERSEDED';
      end if;
    end loop;
    v_reason := nullif(v_reason, 'PUT');
  end if;
  if v_reason is null then
    v_outcome := 'recorded';
    update provider_events event set driver_id = v_driver_id, kind = v_kind, unmapped_reason = null
    where event.region_id = p_region_id and event.provider = p_provider and event.event_id = p_event_id;
  elsif v_reason is distinct from p_reason then
    update provider_events event set unmapped_reason = v_reason
    where event.region_id = p_region_id and event.provider = p_provider and event.event_id = p_event_id;
  end if;
  return query select v_outcome, v_reason;
end $$;

-- They are dropped by age.
create index provider_events_by_age on provider_events (region_id, received_at);
