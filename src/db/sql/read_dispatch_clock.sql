-- Dispatch time and how fast it runs.
-- Concurrency: locks nothing.
-- Rows: one {nowMs, scale}.
select epoch_ms(dispatch_now()) as "nowMs", scale from dispatch_clock
