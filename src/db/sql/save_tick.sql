-- Saves the record of a tick, once.
-- Concurrency: see the function.
-- Parameters: region id; JSON TickHeader; payload.
-- Rows: one {outcome: 'saved' | 'fenced'}.
select * from save_tick($1, $2, $3) as outcome
