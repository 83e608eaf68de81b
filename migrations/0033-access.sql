-- Access tokens: rotation with an overlap, sessions of pages, and what a driver's token needs to be told its own.

alter table api_tokens
  -- The secret before the last rotation, and until when it still holds.
  add column previous_hash bytea unique,
  add column previous_until timestamptz,
  add constraint previous_secret_is_whole check ((previous_hash is null) = (previous_until is null)),
  add constraint scopes_are_known check (array_to_string(scopes, ' ', '-') ~
    '^((ops|services|read|metrics|driver:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})( (?=[a-z])|$))+$'),
  add constraint hashes_are_sha256 check (length(secret_hash) = 32 and length(previous_hash) = 32);

-- A page that was signed in with a token. It may do what the token may, for as long as the secret it was opened with.
create table api_sessions (
  id uuid primary key,
  token_id uuid not null references api_tokens on delete cascade,
  token_hash bytea not null,
  -- sha256 of the session's own secret, which has 256 random bits and stands in a cookie.
  secret_hash bytea not null check (length(secret_hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index sessions_by_token on api_sessions (token_id, created_at);

-- Whether a token holds. By the clock of the world, as leases are: dispatch time may run at another scale.
create function token_holds(p_token api_tokens) returns boolean
language plpgsql stable as $$
begin
  return p_token.revoked_at is null and (p_token.expires_at is null or p_token.expires_at > clock_timestamp());
end $$;

-- Whether a secret of a token holds: its own, or within the overlap the one before.
create function secret_holds(p_token api_tokens, p_hash bytea) returns boolean
language plpgsql stable as $$
begin
  return token_holds(p_token) and (p_token.secret_hash = p_hash
    or (p_token.previous_hash = p_hash and p_token.previous_until > clock_timestamp()));
end $$;

-- Gives a token another secret; the last one holds for p_overlap_s more. 'done', 'not-found', or 'ended' where it was
-- revoked or has expired. Sessions last as long as the secret they were opened with.
create function rotate_token(p_id uuid, p_secret_hash bytea, p_overlap_s int) returns text
language plpgsql as $$
declare
  v_token api_tokens;
begin
  select * into v_token from api_tokens token where token.id = p_id for update;
  if not found then
    return 'not-found';
  end if;
  if not token_holds(v_token) then
    return 'ended';
  end if;
  update api_tokens token
  set secret_hash = p_secret_hash,
    previous_hash = case when p_overlap_s > 0 then v_token.secret_hash end,
    previous_until = case when p_overlap_s > 0 then clock_timestamp() + make_interval(secs => p_overlap_s) end
  where token.id = p_id;
  return 'done';
end $$;

-- How a driver stands to a task: 'holder' (it is offered to the driver, or the driver's), 'asked' (it was offered to
-- the driver once), or null: as far as the driver is concerned there is no such task.
create function driver_part(p_region_id text, p_task_id uuid, p_driver_ids uuid[]) returns text
language plpgsql stable as $$
begin
  perform from delivery_tasks task
  where task.region_id = p_region_id and task.id = p_task_id and task.driver_id = any (p_driver_ids);
  if found then
    return 'holder';
  end if;
  perform from offer_logs log
  where log.region_id = p_region_id and log.task_id = p_task_id and log.driver_id = any (p_driver_ids);
  return case when found then 'asked' end;
end $$;
