-- Dispatch time. Every instant that dispatch decides by comes from here, so that a demo can run faster than the world,
-- a test can hold time still, and daemons with wrong clocks still agree. Leases alone use clock_timestamp().

create table dispatch_clock (
  only_row boolean primary key default true check (only_row),
  origin_real timestamptz not null,
  origin_dispatch timestamptz not null,
  -- Dispatch seconds per real second. 0 holds time still.
  scale float8 not null check (scale between 0 and 100000)
);

insert into dispatch_clock (origin_real, origin_dispatch, scale) values ('2000-01-01Z', '2000-01-01Z', 1);

-- The instant of the running statement in dispatch time, in whole milliseconds, as callers count them.
-- Only seconds are added: a day added to a timestamptz would follow the session's time zone.
create function dispatch_now() returns timestamptz
language plpgsql stable parallel safe as $$
begin
  return (
    select date_trunc('milliseconds', clock.origin_dispatch + make_interval(
      secs => clock.scale * extract(epoch from statement_timestamp() - clock.origin_real)::float8))
    from dispatch_clock clock
  );
end $$;

-- Epoch milliseconds: how every instant crosses to a caller. Two one-line expressions in SQL, so that the planner
-- inlines them: the snapshot calls them for 100,000 values.
create function epoch_ms(instant timestamptz) returns bigint
language sql stable strict parallel safe
return (date_part('epoch', instant) * 1000)::bigint;

create function from_epoch_ms(epoch_ms bigint) returns timestamptz
language sql stable strict parallel safe
return to_timestamp(epoch_ms / 1000.0::float8);
