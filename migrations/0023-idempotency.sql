-- Idempotency keys of HTTP writes. A key is a lease on one request: it lives in real time, and Postgres's alone.

alter table idempotency_keys add column response_location text;

-- Claims a key for a request. kind: 'claimed', run it; 'stored', with the response of the same request; 'running', the
-- same request has not been answered yet; 'reused', the key belongs to another request. A claim that was not answered
-- within p_running_ms (its process died) passes to the next who asks for the same; after p_keep_hours a key is free.
-- Concurrency: of many at once one inserts or, by the row's lock, takes over; the others find its mark.
create function claim_idempotency_key(
  p_region_id text, p_caller text, p_key text, p_request_hash bytea, p_running_ms int, p_keep_hours int,
  p_now timestamptz default clock_timestamp()
)
returns table (kind text, response_status int, response_body text, response_location text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_row idempotency_keys;
  v_forgotten boolean;
begin
  loop
    insert into idempotency_keys (region_id, caller, key, request_hash, created_at)
    values (p_region_id, p_caller, p_key, p_request_hash, p_now)
    on conflict do nothing;
    if found then
      return query select 'claimed', null::int, null, null;
      return;
    end if;
    select * into v_row from idempotency_keys stored
    where stored.region_id = p_region_id and stored.caller = p_caller and stored.key = p_key
    for no key update;
    -- Else it was freed or purged in between.
    exit when found;
  end loop;
  v_forgotten := v_row.created_at <= p_now - make_interval(hours => p_keep_hours);
  if not v_forgotten and v_row.request_hash <> p_request_hash then
    return query select 'reused', null::int, null, null;
  elsif not v_forgotten and v_row.response_status is not null then
    return query select 'stored', v_row.response_status, v_row.response_body, v_row.response_location;
  elsif not v_forgotten and v_row.created_at > p_now - make_interval(secs => p_running_ms / 1000.0) then
    return query select 'running', null::int, null, null;
  else
    update idempotency_keys stored
    set request_hash = p_request_hash, response_status = null, response_body = null, response_location = null,
      created_at = p_now
    where stored.region_id = p_region_id and stored.caller = p_caller and stored.key = p_key;
    return query select 'claimed', null::int, null, null;
  end if;
end $$;
