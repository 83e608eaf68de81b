-- When a store closes. Hours are minutes of the local day (src/domain/store.ts), so instants follow the region's time
-- zone through its changes of clock.

-- The instant of a local time. One that occurs twice (clocks go back) is its first occurrence, one that is skipped
-- (clocks go forward) the same time by the clock that was not changed.
create function first_instant(p_local timestamp, p_time_zone text) returns timestamptz
language plpgsql stable as $$
declare
  v_at timestamptz := p_local at time zone p_time_zone;
begin
  return case when (v_at - interval '1 hour') at time zone p_time_zone = p_local
    then v_at - interval '1 hour' else v_at end;
end $$;

-- When a store that is open at p_at closes; '-infinity' when it is closed then, 'infinity' when it never closes or
-- stays open for a week. Windows that meet, also across midnight, are one. O(windows of two days) per window joined.
create function closes_at(p_hours jsonb, p_time_zone text, p_at timestamptz) returns timestamptz
language plpgsql stable as $$
declare
  v_until timestamptz := p_at;
  v_close timestamptz;
begin
  if p_hours is null then
    return 'infinity';
  end if;
  while v_until < p_at + interval '168 hours' loop
    -- A window belongs to the day it opens on and may end on the next.
    select max(opening.close_at) into v_close
    from (
      select first_instant(day + make_interval(mins => (span ->> 0)::int), p_time_zone) as open_at,
        first_instant(day + make_interval(mins => (span ->> 1)::int), p_time_zone) as close_at
      from generate_series(0, 1) as days_ago
      cross join lateral (select date_trunc('day', v_until at time zone p_time_zone)
        - make_interval(days => days_ago)) as local_day (day)
      cross join jsonb_array_elements(p_hours -> date_part('dow', day)::int) as span
    ) opening
    where opening.open_at <= v_until and opening.close_at > v_until;
    if v_close is null then
      return case when v_until = p_at then '-infinity' else v_until end;
    end if;
    v_until := v_close;
  end loop;
  return 'infinity';
end $$;
