-- Keeps a task beyond its retention, or no longer.
-- Concurrency: waits for the task's row lock; see the function.
-- Parameters: region id; task id; on; detail as a JSON object.
-- Rows: one {outcome: 'done' | 'not-found', repeated}.
select * from set_legal_hold($1, $2, $3, $4)
