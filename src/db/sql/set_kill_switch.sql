-- Switches a category, or '*' for the whole region, off or on again; the next tick heeds it.
-- Concurrency: see the function.
-- Parameters: region id; category; whether it is to be off; reason; who asked.
-- Rows: one {found}: whether the region exists.
select * from set_kill_switch($1, $2, $3, $4, $5) as found
