-- A pause outlives the daemon that was asked for it, and follows the region to whichever daemon dispatches it next: it
-- stands beside the lease, which every daemon looks at five times a second.
alter table region_leases
  -- Who asked for it, and when, in dispatch time; null while the region is not paused.
  add paused_by text,
  add paused_at timestamptz,
  add constraint paused_by_somebody_since_then check ((paused_by is null) = (paused_at is null));
