-- How drivers stand to a task.
-- Concurrency: locks nothing.
-- Parameters: region id; task id; driver ids.
-- Rows: one {part}: 'holder', 'asked' or null.
select driver_part($1, $2, $3) as part
